import Formats
import ROS

/// Puts a message's fields into a row: `pose.position.x`, and `ranges.0`, `ranges.1` and so on for arrays.
struct MessageFlattener {
    private let arrayColumns: Int
    private let binary: TableContents.Binary

    /// - Parameters:
    ///   - arrayColumns: the most elements of an array that are columns; a longer one is JSON in one cell.
    ///   - binary: what becomes of arrays of bytes.
    init(arrayColumns: Int, binary: TableContents.Binary) {
        self.arrayColumns = arrayColumns
        self.binary = binary
    }

    /// Puts a message's fields into a row behind the columns that all messages have.
    ///
    /// - Parameter first: how many such columns there are.
    func put(_ message: FieldValue, behind first: Int, into row: RowBuilder) {
        guard case .message(let members) = message else {
            // JSON may hold any value for a message.
            if let node = row.field("value", at: first, of: ColumnTree.root) { put(message, node, row) }
            return
        }
        put(members, ColumnTree.root, behind: first, row)
    }

    private func put(_ members: [FieldValue.Member], _ node: Int, behind first: Int = 0, _ row: RowBuilder) {
        for index in members.indices {
            guard let child = row.field(members[index].name, at: first + index, of: node) else { continue }
            put(members[index].value, child, row)
        }
    }

    private func put(_ value: FieldValue, _ node: Int, _ row: RowBuilder) {
        switch value {
        case .bool(let value): row.put(node, .boolean) { $0.boolean(value) }
        case .integer(let value): row.put(node, .integer) { $0.integer(value) }
        case .unsigned(let value): row.put(node, .integer) { $0.unsigned(value) }
        case .float32(let value): row.put(node, .number) { $0.number(value) }
        case .float64(let value): row.put(node, .number) { $0.number(value) }
        case .string(let text): row.put(node, .text) { $0.text(text) }
        case .time(let nanoseconds): row.put(node, .instant) { $0.nanoseconds(nanoseconds) }
        case .duration(let nanoseconds): row.put(node, .duration) { $0.nanoseconds(nanoseconds) }
        case .bytes(let bytes):
            switch binary {
            case .length:
                guard let child = row.field("length", at: 0, of: node) else { return }
                row.put(child, .integer) { $0.integer(Int64(bytes.count)) }
            case .base64: row.put(node, .base64) { $0.base64(bytes) }
            }
        case .message(let members): put(members, node, row)
        case .list(let values):
            guard values.count <= arrayColumns else { return row.put(node, .json) { $0.json { $0.value(value) } } }
            for index in values.indices {
                guard let child = row.element(index, of: node) else { return }
                put(values[index], child, row)
            }
        }
    }
}

extension CellText {
    /// A value as JSON, whatever the table is written as.
    fileprivate mutating func value(_ value: FieldValue) {
        switch value {
        case .bool(let value): boolean(value)
        case .integer(let value): integer(value)
        case .unsigned(let value): unsigned(value)
        case .float32(let value): value.isFinite ? number(value) : noNumber()
        case .float64(let value): value.isFinite ? number(value) : noNumber()
        case .string(let value): text(value)
        case .bytes(let bytes): base64(bytes)
        case .time(let value), .duration(let value): nanoseconds(value)
        case .list(let values):
            raw(UInt8(ascii: "["))
            for index in values.indices {
                if index > 0 { raw(UInt8(ascii: ",")) }
                self.value(values[index])
            }
            raw(UInt8(ascii: "]"))
        case .message(let members):
            raw(UInt8(ascii: "{"))
            for index in members.indices {
                if index > 0 { raw(UInt8(ascii: ",")) }
                text(members[index].name)
                raw(UInt8(ascii: ":"))
                self.value(members[index].value)
            }
            raw(UInt8(ascii: "}"))
        }
    }
}
