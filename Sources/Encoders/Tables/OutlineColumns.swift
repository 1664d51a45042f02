import Formats
import ROS

/// Puts the flat values of one form of message into rows: the columns are found once and kept.
///
/// What comes out is what `MessageFlattener` makes of the same message as a tree.
struct OutlineColumns {
    /// What the values of one entry go to.
    private struct Column {
        let content: MessageOutline.Content
        /// Nil where the table has no room.
        let node: Int?
        /// Where rows have the cell; nil as long as there was none.
        var position: Int?
        /// Of a list of values where each element's cell is, of a list of messages where each element's columns begin.
        var elements: [Int] = []
    }

    private static let noPosition = -1

    private let outline: MessageOutline
    private let arrayColumns: Int
    private let binary: TableContents.Binary
    private var columns: [Column] = []

    /// - Parameter first: how many columns all messages have in front.
    init(_ outline: MessageOutline, arrayColumns: Int, binary: TableContents.Binary, behind first: Int, in row: inout TableRow) {
        self.outline = outline
        self.arrayColumns = arrayColumns
        self.binary = binary
        _ = add(0, below: ColumnTree.root, behind: first, &row)
    }

    /// Whether these are the columns of an outline.
    func isOf(_ other: MessageOutline) -> Bool { outline === other }

    /// Puts a message's values into a row.
    ///
    /// - Parameter payload: the message's bytes, in which texts lie.
    mutating func put(_ values: borrowing FlatValues, of payload: UnsafeRawBufferPointer, into row: inout TableRow) {
        var reader = ValueReader(values: values.values, payload: payload)
        put(type: 0, at: 0, &reader, &row)
    }

    private struct ValueReader {
        let values: [FlatValues.Value]
        let payload: UnsafeRawBufferPointer
        var next = 0

        mutating func value() -> FlatValues.Value {
            defer { next += 1 }
            return values[next]
        }
    }

    /// Adds the columns of a type's entries; returns where they begin.
    private mutating func add(_ type: Int, below node: Int, behind first: Int, _ row: inout TableRow) -> Int {
        let begin = columns.count
        for entry in outline.types[type] {
            var place: Int? = node
            for (depth, step) in entry.path.enumerated() {
                guard let parent = place else { break }
                place = row.field(step.name, at: step.index + (depth == 0 ? first : 0), of: parent)
            }
            columns.append(Column(content: entry.content, node: place))
        }
        return begin
    }

    private mutating func put(type: Int, at begin: Int, _ reader: inout ValueReader, _ row: inout TableRow) {
        for column in begin..<begin + outline.types[type].count {
            switch columns[column].content {
            case .single: putSingle(reader.value(), column, reader.payload, &row)
            case .list: putList(column, &reader, &row)
            case .messages(let child):
                let count = Int(reader.value().integer)
                for index in 0..<count {
                    if index == columns[column].elements.count {
                        let element = columns[column].node.flatMap { row.element(index, of: $0) }
                        // Without a column of their own, the element's values are refused one by one.
                        let begin = element.map { add(child, below: $0, behind: 0, &row) } ?? addRefused(child)
                        columns[column].elements.append(begin)
                    }
                    put(type: child, at: columns[column].elements[index], &reader, &row)
                }
            }
        }
    }

    private mutating func addRefused(_ type: Int) -> Int {
        let begin = columns.count
        columns += outline.types[type].map { Column(content: $0.content, node: nil) }
        return begin
    }

    private mutating func putSingle(_ value: FlatValues.Value, _ column: Int, _ payload: UnsafeRawBufferPointer, _ row: inout TableRow) {
        if let position = columns[column].position {
            row.put(at: position) { $0.value(value, in: payload, binary) }
            return
        }
        let isLength = value.kind == .bytes && binary == .length
        let node = columns[column].node.flatMap { isLength ? row.field("length", at: 0, of: $0) : $0 }
        guard let node else { return row.refuse() }
        guard let position = row.position(of: node, value.kind.cellKind(binary)) else { return }
        columns[column].position = position
        row.put(at: position) { $0.value(value, in: payload, binary) }
    }

    private mutating func putList(_ column: Int, _ reader: inout ValueReader, _ row: inout TableRow) {
        let count = Int(reader.value().integer)
        guard count <= arrayColumns else {
            let values = reader.values[reader.next..<reader.next + count]
            reader.next += count
            guard let node = columns[column].node else { return row.refuse() }
            guard let position = row.position(of: node, .json) else { return }
            row.put(at: position) { $0.json { $0.list(values, in: reader.payload) } }
            return
        }
        for index in 0..<count {
            let value = reader.value()
            if index == columns[column].elements.count {
                let node = columns[column].node.flatMap { row.element(index, of: $0) }
                columns[column].elements.append(node.flatMap { row.position(of: $0, value.kind.cellKind(binary)) } ?? Self.noPosition)
            }
            let position = columns[column].elements[index]
            if position == Self.noPosition {
                row.refuse()
            } else {
                row.put(at: position) { $0.value(value, in: reader.payload, binary) }
            }
        }
    }
}

extension FlatValues.Kind {
    fileprivate func cellKind(_ binary: TableContents.Binary) -> CellKind {
        switch self {
        case .bool: .boolean
        case .integer, .unsigned, .count: .integer
        case .float32, .float64: .number
        case .string: .text
        case .bytes: binary == .length ? .integer : .base64
        case .instant: .instant
        case .duration: .duration
        }
    }
}

extension CellText {
    fileprivate mutating func value(_ value: FlatValues.Value, in payload: UnsafeRawBufferPointer, _ binary: TableContents.Binary) {
        switch value.kind {
        case .float64: number(value.float64)
        case .float32: number(value.float32)
        case .bool: boolean(value.unsigned != 0)
        case .integer, .count: integer(value.integer)
        case .unsigned: unsigned(value.unsigned)
        case .instant, .duration: nanoseconds(value.integer)
        case .string: text(UnsafeRawBufferPointer(rebasing: payload[value.range]))
        case .bytes:
            switch binary {
            case .length: integer(Int64(value.range.count))
            case .base64: base64([UInt8](payload[value.range]))
            }
        }
    }

    /// Values as JSON, whatever the table is written as.
    fileprivate mutating func list(_ values: ArraySlice<FlatValues.Value>, in payload: UnsafeRawBufferPointer) {
        raw(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { raw(UInt8(ascii: ",")) }
            switch value.kind {
            case .float64 where !value.float64.isFinite, .float32 where !value.float32.isFinite: noNumber()
            default: self.value(value, in: payload, .base64)
            }
        }
        raw(UInt8(ascii: "]"))
    }
}
