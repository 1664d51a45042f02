import ExportCore
import Files

/// One table's file of an export.
struct TableOutput: ~Copyable {
    private static let block = 1 << 20

    private let file: OpenFile
    private let dialect: TableDialect
    /// Whether each row is a line, and not an element of one array.
    private let isLines: Bool
    private var buffer: [UInt8] = []
    private var hasRows = false
    /// In JSON what stands before each cell of a row: the name, and a comma where it is not the first.
    private var keys: [[UInt8]] = []
    /// Whether a column's integers are all texts, since some of them must be: a column is of one kind.
    private let areDigits: [Bool]

    init(_ path: String, headers: [UnitedColumns.Header], dialect: TableDialect, isLines: Bool) throws {
        file = try .creating(path)
        self.dialect = dialect
        self.isLines = isLines
        areDigits = headers.map { $0.kind == .digits }
        var text = CellText(dialect)
        switch dialect {
        case .csv(let hasByteOrderMark, _):
            if hasByteOrderMark { buffer += [0xEF, 0xBB, 0xBF] }
            for (index, header) in headers.enumerated() {
                if index > 0 { text.raw(UInt8(ascii: ",")) }
                text.text(header.name)
            }
            buffer += text.bytes
            endLine()
        case .json:
            for (index, header) in headers.enumerated() {
                text.removeAll()
                if index > 0 { text.raw(UInt8(ascii: ",")) }
                text.text(header.name)
                text.raw(UInt8(ascii: ":"))
                keys.append(text.bytes)
            }
            if !isLines { buffer.append(UInt8(ascii: "[")) }
        }
    }

    /// Appends a part's rows.
    ///
    /// - Parameter positions: for each column of the table where the part's rows have its cell.
    mutating func append(_ path: String, of table: PartTable, at positions: [Int?], _ cancellation: Cancellation) throws {
        if !dialect.isJSON, table.isUniform, positions == Array(0..<positions.count) {
            try flush()
            let source = try OpenFile.reading(path)
            try source.copy(0..<source.status().bytes, to: file)
            return
        }
        var rows = try RowScanner(path, dialect: dialect)
        while try rows.next() {
            try cancellation.check()
            if dialect.isJSON {
                appendObject(rows.cells, of: rows.bytes, positions)
            } else {
                appendLine(rows.cells, of: rows.bytes, positions)
            }
            if buffer.count >= Self.block { try flush() }
        }
    }

    /// Writes what is still held.
    mutating func finish() throws {
        if dialect.isJSON, !isLines { buffer += Array((hasRows ? "\n]\n" : "]\n").utf8) }
        try flush()
    }

    private mutating func appendLine(_ cells: [Range<Int>], of bytes: [UInt8], _ positions: [Int?]) {
        for (index, position) in positions.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            if let position, position < cells.count { buffer.append(contentsOf: bytes[cells[position]]) }
        }
        endLine()
    }

    private mutating func appendObject(_ cells: [Range<Int>], of bytes: [UInt8], _ positions: [Int?]) {
        if !isLines { buffer += Array((hasRows ? ",\n" : "\n").utf8) }
        hasRows = true
        buffer.append(UInt8(ascii: "{"))
        for (index, position) in positions.enumerated() {
            buffer.append(contentsOf: keys[index])
            if let position, position < cells.count, !cells[position].isEmpty {
                let isBare = areDigits[index] && bytes[cells[position].lowerBound] != UInt8(ascii: "\"")
                if isBare { buffer.append(UInt8(ascii: "\"")) }
                buffer.append(contentsOf: bytes[cells[position]])
                if isBare { buffer.append(UInt8(ascii: "\"")) }
            } else {
                buffer.append(contentsOf: Self.null)
            }
        }
        buffer.append(UInt8(ascii: "}"))
        if isLines { buffer.append(0x0A) }
    }

    private static let null = Array("null".utf8)

    private mutating func endLine() {
        buffer.append(0x0D)
        buffer.append(0x0A)
    }

    private mutating func flush() throws {
        guard !buffer.isEmpty else { return }
        try file.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
