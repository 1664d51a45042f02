/// A column of any type that is being filled, cell by cell.
public struct ValueColumn {
    let columns: ParquetColumns
    let field: Int

    /// Appends a row.
    ///
    /// - Throws: `ParquetError` where the value is not of the column's type; nothing is appended then.
    public func append(_ value: ParquetValue) throws {
        try columns.append(value, to: field)
    }
}

extension ParquetColumns {
    /// Appends a row to one column after having checked it whole.
    func append(_ value: ParquetValue, to field: Int) throws {
        try check(value, for: nodes[field], in: "")
        try appendChecked(value, to: field)
    }

    /// Appends a row that `check` has passed.
    func appendChecked(_ value: ParquetValue, to field: Int) throws {
        try checkOpen()
        let node = nodes[field]
        for leaf in leaves[node.leaves] { try leaf.beginRow(bytes: 1) }
        shred(value, into: node, repetition: 0, definition: 0)
        rows[field] += 1
    }

    /// - Throws: where a value is not what the field holds, or null where it requires one.
    func check(_ value: ParquetValue, for node: SchemaNode, in parent: String) throws(ParquetError) {
        if case .null = value, node.isOptional { return }
        func place() -> String { parent.isEmpty ? node.name : "\(parent).\(node.name)" }
        switch (node.kind, value) {
        case (.leaf(let index), _):
            guard leaves[index].leaf.type.holds(value) else {
                throw ParquetError(place(), .wrongValue(given: value.kind, wanted: node.type.name))
            }
            if case .string(let text) = value { try leaves[index].checkCell(text.utf8.count) }
            if case .binary(let bytes) = value { try leaves[index].checkCell(bytes.count) }
        case (.list(let element), .list(let values)):
            let place = place()
            for value in values { try check(value, for: element, in: place) }
        case (.structure(let fields), .structure(let values)) where fields.count == values.count:
            let place = place()
            for (field, value) in zip(fields, values) { try check(value, for: field, in: place) }
        default: throw ParquetError(place(), .wrongValue(given: value.kind, wanted: node.type.name))
        }
    }

    /// Spreads a value over the columns below a field (Dremel's levels, as Nested Encoding of the format has them).
    ///
    /// - Parameters:
    ///   - repetition: the level of the list that goes on with this value; 0 for a new row.
    ///   - definition: how many of the optional and repeated fields above are there.
    private func shred(_ value: ParquetValue, into node: SchemaNode, repetition: Int, definition: Int) {
        switch (node.kind, value) {
        case (.leaf(let index), let value) where value != .null:
            leaves[index].appendLevels(repetition: repetition, definition: node.definition)
            value.store(into: leaves[index])
        case (.list(let element), .list(let values)) where !values.isEmpty:
            for (position, value) in values.enumerated() {
                let level = position == 0 ? repetition : node.repetition
                shred(value, into: element, repetition: level, definition: node.definition + 1)
            }
        case (.structure(let fields), .structure(let values)):
            for (field, value) in zip(fields, values) {
                shred(value, into: field, repetition: repetition, definition: node.definition)
            }
        case (_, let value):
            // A list without elements is there; null is not.
            let level = value == .null ? definition : node.definition
            for leaf in leaves[node.leaves] { leaf.appendLevels(repetition: repetition, definition: level) }
        }
    }
}

extension ParquetType {
    /// Whether a leaf of this type holds a value.
    fileprivate func holds(_ value: ParquetValue) -> Bool {
        switch (self, value) {
        case (.boolean, .boolean), (.float, .float), (.double, .double), (.string, .string), (.binary, .binary): true
        case (.int64, .integer), (.timestamp, .integer), (.uint64, .unsigned): true
        case (.int8, .integer(let value)): Int8(exactly: value) != nil
        case (.int16, .integer(let value)): Int16(exactly: value) != nil
        case (.int32, .integer(let value)): Int32(exactly: value) != nil
        case (.uint8, .unsigned(let value)): UInt8(exactly: value) != nil
        case (.uint16, .unsigned(let value)): UInt16(exactly: value) != nil
        case (.uint32, .unsigned(let value)): UInt32(exactly: value) != nil
        case (.fixedBinary(let count), .binary(let bytes)): bytes.count == count
        default: false
        }
    }
}

extension ParquetValue {
    /// Appends a value that the leaf holds; others, which `check` refuses, leave nothing.
    fileprivate func store(into leaf: LeafEncoder) {
        func number(_ value: some BitwiseCopyable) {
            withUnsafeBytes(of: value) { leaf.appendStored($0) }
        }
        switch self {
        case .boolean(let value): number(UInt8(value ? 1 : 0))
        case .integer(let value): if leaf.leaf.width == 4 { number(Int32(truncatingIfNeeded: value)) } else { number(value) }
        case .unsigned(let value): if leaf.leaf.width == 4 { number(UInt32(truncatingIfNeeded: value)) } else { number(value) }
        case .float(let value): number(value)
        case .double(let value): number(value)
        case .string(var text): text.withUTF8 { leaf.appendCounted(UnsafeRawBufferPointer($0)) }
        case .binary(let bytes): bytes.withUnsafeBytes { leaf.leaf.width == 0 ? leaf.appendCounted($0) : leaf.appendStored($0) }
        case .null, .list, .structure: break
        }
    }
}
