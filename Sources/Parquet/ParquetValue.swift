/// One cell of a table, of any type; for tables whose rows are few, such as metadata.
public enum ParquetValue: Hashable, Sendable {
    /// No value.
    case null
    /// A boolean.
    case boolean(Bool)
    /// A signed integer or a timestamp, which must fit the field's width.
    case integer(Int64)
    /// An unsigned integer, which must fit the field's width.
    case unsigned(UInt64)
    /// A 32-bit float.
    case float(Float)
    /// A 64-bit float.
    case double(Double)
    /// Text.
    case string(String)
    /// Bytes, of a fixed number or not.
    case binary([UInt8])
    /// The elements of a list.
    case list([ParquetValue])
    /// The fields of a structure, in the schema's order, all of them.
    case structure([ParquetValue])
}

extension ParquetValue {
    /// The kind of value in words, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "a boolean"
        case .integer(let value): "the integer \(value)"
        case .unsigned(let value): "the unsigned integer \(value)"
        case .float: "a float"
        case .double: "a double"
        case .string: "a string"
        case .binary(let bytes): "\(bytes.count) bytes"
        case .list: "a list"
        case .structure(let fields): "a structure of \(fields.count) fields"
        }
    }
}
