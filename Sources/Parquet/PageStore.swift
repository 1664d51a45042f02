/// Takes the pages of several columns in the order in which they are ready.
protocol PageStore: AnyObject {
    /// Takes a data page in two pieces.
    func append(_ head: [UInt8], _ body: UnsafeRawBufferPointer, to column: Int) throws
    /// Takes the dictionary page, which belongs before the column's data pages.
    func setDictionary(_ head: [UInt8], _ body: UnsafeRawBufferPointer, of column: Int) throws
}

/// Pages kept in memory until their row group is written.
final class PageMemory: PageStore {
    private var pages: [[[UInt8]]]
    private var dictionaries: [[UInt8]]

    init(columns: Int) {
        pages = Array(repeating: [], count: columns)
        dictionaries = Array(repeating: [], count: columns)
    }

    func append(_ head: [UInt8], _ body: UnsafeRawBufferPointer, to column: Int) {
        pages[column].append(Self.joined(head, body))
    }

    func setDictionary(_ head: [UInt8], _ body: UnsafeRawBufferPointer, of column: Int) {
        dictionaries[column] = Self.joined(head, body)
    }

    /// Writes a column's chunk and forgets it.
    func write(_ column: Int, to output: FileOutput) throws {
        try output.write(dictionaries[column])
        for page in pages[column] { try output.write(page) }
        dictionaries[column] = []
        pages[column] = []
    }

    /// An array without the spare room that appending would leave.
    private static func joined(_ head: [UInt8], _ body: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: head.count + body.count) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            target.copyBytes(from: head)
            UnsafeMutableRawBufferPointer(rebasing: target[head.count...]).copyMemory(from: body)
            count = head.count + body.count
        }
    }
}
