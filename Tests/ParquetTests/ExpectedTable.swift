import Foundation
import Parquet

/// A table's content as `Tests/Peers/check_parquet.py` compares it with what readers find.
struct ExpectedTable {
    var schema: ParquetSchema
    /// The cells of each column.
    var columns: [[ParquetValue]]
    /// Rows of each row group.
    var rowGroups: [Int]
    var metadata: [(key: String, value: String)] = []

    func write(to path: String) throws {
        let fields = schema.fields.map { "\(Self.quoted($0.arrow))" }.joined(separator: ",\n")
        let texts = metadata.map { "\(Self.quoted($0.key)): \(Self.quoted($0.value))" }.joined(separator: ",\n")
        var json = "{\"fields\": [\(fields)],\n\"row_groups\": \(rowGroups),\n\"metadata\": {\(texts)},\n\"columns\": [\n"
        json += columns.map { "[" + $0.map(Self.json).joined(separator: ",") + "]" }.joined(separator: ",\n")
        json += "]}\n"
        try Data(json.utf8).write(to: URL(filePath: path))
    }

    private static func json(_ value: ParquetValue) -> String {
        switch value {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .float(let value): "\(value.bitPattern)"
        case .double(let value): "\(value.bitPattern)"
        case .string(let value): quoted(value)
        case .binary(let bytes): "\"" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() + "\""
        case .list(let values), .structure(let values): "[" + values.map(json).joined(separator: ",") + "]"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 32: quoted += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension ParquetField {
    /// The field as Arrow prints it.
    fileprivate var arrow: String { "\(name): \(type.arrow)\(isRequired ? " not null" : "")" }
}

extension ParquetType {
    fileprivate var arrow: String {
        switch self {
        case .boolean: "bool"
        case .int8: "int8"
        case .int16: "int16"
        case .int32: "int32"
        case .int64: "int64"
        case .uint8: "uint8"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .uint64: "uint64"
        case .float: "float"
        case .double: "double"
        case .timestamp(let unit, let isUTC): "timestamp[\(unit == .nanoseconds ? "ns" : "us")\(isUTC ? ", tz=UTC" : "")]"
        case .string: "string"
        case .binary: "binary"
        case .fixedBinary(let count): "fixed_size_binary[\(count)]"
        case .list(let element, let isRequired): "list<element: \(element.arrow)\(isRequired ? " not null" : "")>"
        case .structure(let fields): "struct<\(fields.map(\.arrow).joined(separator: ", "))>"
        }
    }
}
