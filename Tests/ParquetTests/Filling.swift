import Parquet

extension ParquetColumns {
    /// Appends cells to a column: through the door for its type where there is one and `isDirect`, cell by cell otherwise.
    func fill(_ field: ParquetField, with cells: ArraySlice<ParquetValue>, isDirect: Bool) throws {
        guard isDirect else {
            let column = try values(field.name)
            for cell in cells { try column.append(cell) }
            return
        }
        switch field.type {
        case .boolean: try fill(field, cells) { if case .boolean(let value) = $0 { value } else { nil } }
        case .int8: try fill(field, cells) { if case .integer(let value) = $0 { Int8(value) } else { nil } }
        case .int16: try fill(field, cells) { if case .integer(let value) = $0 { Int16(value) } else { nil } }
        case .int32: try fill(field, cells) { if case .integer(let value) = $0 { Int32(value) } else { nil } }
        case .int64, .timestamp: try fill(field, cells) { if case .integer(let value) = $0 { value } else { nil } }
        case .uint8: try fill(field, cells) { if case .unsigned(let value) = $0 { UInt8(value) } else { nil } }
        case .uint16: try fill(field, cells) { if case .unsigned(let value) = $0 { UInt16(value) } else { nil } }
        case .uint32: try fill(field, cells) { if case .unsigned(let value) = $0 { UInt32(value) } else { nil } }
        case .uint64: try fill(field, cells) { if case .unsigned(let value) = $0 { value } else { nil } }
        case .float: try fill(field, cells) { if case .float(let value) = $0 { value } else { nil } }
        case .double: try fill(field, cells) { if case .double(let value) = $0 { value } else { nil } }
        case .string, .binary:
            let column = try bytes(field.name)
            for cell in cells {
                switch cell {
                case .string(let text): try column.append(text)
                case .binary(let bytes): try bytes.withUnsafeBytes { try column.append($0) }
                default: try column.appendNull()
                }
            }
        case .structure(let parts) where parts.map(\.name) == ["bytes", "path"]:
            let column = try pictures(field.name)
            for cell in cells {
                switch cell {
                case .structure(let parts):
                    switch (parts[0], parts[1]) {
                    case (.binary(let bytes), .string(let path)): try bytes.withUnsafeBytes { try column.append($0, path: path) }
                    case (.binary(let bytes), _): try bytes.withUnsafeBytes { try column.append($0) }
                    default: try values(field.name).append(cell)
                    }
                default: try column.appendNull()
                }
            }
        default: try fill(field, with: cells, isDirect: false)
        }
    }

    /// Appends runs of cells that are there at once, and the missing ones between them one by one.
    private func fill<T: ParquetNumber>(
        _ field: ParquetField,
        _ cells: ArraySlice<ParquetValue>,
        _ number: (ParquetValue) -> T?
    ) throws {
        let column = try numbers(field.name, of: T.self)
        for run in cells.split(omittingEmptySubsequences: false, whereSeparator: { $0 == .null }).enumerated() {
            if run.offset > 0 { try column.appendNull() }
            try column.append(contentsOf: run.element.compactMap(number))
        }
    }
}
