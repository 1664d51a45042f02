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
    /// Large pages of the last row group, whose memory the next one uses: fresh memory costs more than filling it.
    private var spare: [[UInt8]] = []

    init(columns: Int) {
        pages = Array(repeating: [], count: columns)
        dictionaries = Array(repeating: [], count: columns)
    }

    func append(_ head: [UInt8], _ body: UnsafeRawBufferPointer, to column: Int) {
        pages[column].append(joined(head, body))
    }

    func setDictionary(_ head: [UInt8], _ body: UnsafeRawBufferPointer, of column: Int) {
        dictionaries[column] = joined(head, body)
    }

    /// Writes a column's chunk and forgets it.
    func write(_ column: Int, to output: FileOutput) throws {
        try output.write(dictionaries[column])
        for page in pages[column] {
            try output.write(page)
            if page.count >= Self.largeBytes { spare.append(page) }
        }
        dictionaries[column] = []
        pages[column] = []
    }

    private static let largeBytes = 64 << 10

    /// An array without the spare room that appending would leave.
    private func joined(_ head: [UInt8], _ body: UnsafeRawBufferPointer) -> [UInt8] {
        let needed = head.count + body.count
        if needed >= Self.largeBytes, var page = spare.popLast(), (needed...needed + needed / 8).contains(page.capacity) {
            page.removeAll(keepingCapacity: true)
            page.append(contentsOf: head)
            page.append(contentsOf: body)
            return page
        }
        return [UInt8](unsafeUninitializedCapacity: head.count + body.count) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            target.copyBytes(from: head)
            UnsafeMutableRawBufferPointer(rebasing: target[head.count...]).copyMemory(from: body)
            count = head.count + body.count
        }
    }
}
