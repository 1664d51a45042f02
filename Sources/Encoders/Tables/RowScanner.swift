import ExportCore
import Files

/// Reads the rows of a part's file, one at a time, as the places of their cells.
struct RowScanner: ~Copyable {
    private static let block = 1 << 20

    private let file: OpenFile
    private let isJSON: Bool
    private(set) var bytes: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// The cells of the row that was read last, in `bytes`.
    private(set) var cells: [Range<Int>] = []

    init(_ path: String, dialect: TableDialect) throws {
        file = try .reading(path)
        isJSON = dialect.isJSON
    }

    /// Goes on to the next row.
    ///
    /// - Returns: whether there is one.
    mutating func next() throws -> Bool {
        while true {
            if let end = scan() {
                start = end
                return true
            }
            guard !isAtEnd else { return false }
            bytes.removeSubrange(..<start)
            start = 0
            // A row of any length is read in steps that grow with it.
            let more = try file.read(upTo: max(Self.block, bytes.count))
            isAtEnd = more.isEmpty
            bytes += more
        }
    }

    /// Takes the row at `start` apart; nil where its end is not there yet.
    private mutating func scan() -> Int? {
        cells.removeAll(keepingCapacity: true)
        var cell = start
        var isQuoted = false
        var depth = 0
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            // The next one is escaped and ends nothing.
            case UInt8(ascii: "\\") where isJSON && isQuoted: index += 1
            case _ where isQuoted: break
            case UInt8(ascii: "["), UInt8(ascii: "{"): if isJSON { depth += 1 }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): if isJSON { depth -= 1 }
            case UInt8(ascii: ",") where depth == 0:
                cells.append(cell..<index)
                cell = index + 1
            case 0x0A:
                // A row ends in CR and LF, neither of which a cell has outside its quotes.
                cells.append(cell..<max(cell, index - 1))
                return index + 1
            default: break
            }
            index += 1
        }
        return nil
    }
}
