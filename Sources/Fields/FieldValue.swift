/// A value as a file would hold it: what definitions are printed as, in the order in which they were written.
public indirect enum FieldValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A finite number.
    case decimal(Double)
    case text(String)
    case list([FieldValue])
    case object([FieldMember])
}

extension FieldValue: ExpressibleByDictionaryLiteral {
    /// An object with its members in order.
    public init(dictionaryLiteral members: (String, FieldValue)...) {
        self = .object(members.map { FieldMember($0.0, $0.1) })
    }
}

/// One member of an object.
public struct FieldMember: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: FieldValue

    /// One member of an object.
    public init(_ name: String, _ value: FieldValue) {
        self.name = name
        self.value = value
    }
}

extension FieldValue {
    /// The value as JSON, indented by two spaces, with no line end behind it.
    public var json: String { json(indent: "") }

    /// The value as JSON on one line.
    public var compactJSON: String {
        switch self {
        case .list(let items): "[" + items.map(\.compactJSON).joined(separator: ", ") + "]"
        case .object(let members): "{" + members.map { "\(jsonText($0.name)): \($0.value.compactJSON)" }.joined(separator: ", ") + "}"
        case .null, .boolean, .integer, .decimal, .text: scalar
        }
    }

    private func json(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .list(let items):
            guard !items.isEmpty else { return "[]" }
            if items.allSatisfy(\.isScalar), compactJSON.count <= 100 { return compactJSON }
            return "[\n" + items.map { inner + $0.json(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { "\(inner)\(jsonText($0.name)): \($0.value.json(indent: inner))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        case .null, .boolean, .integer, .decimal, .text: return scalar
        }
    }

    fileprivate var isScalar: Bool {
        switch self {
        case .list, .object: false
        case .null, .boolean, .integer, .decimal, .text: true
        }
    }

    /// A value without members as JSON; empty for the others, which their callers write.
    fileprivate var scalar: String {
        switch self {
        case .null: "null"
        case .boolean(let value): String(value)
        case .integer(let value): String(value)
        case .decimal(let value): String(value)
        case .text(let text): jsonText(text)
        case .list, .object: ""
        }
    }
}

/// A text as a JSON string that is a double-quoted YAML scalar, too: everything that either counts as a line end or cannot
/// be seen is escaped.
private func jsonText(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x22: result += "\\\""
        case 0x5C: result += "\\\\"
        case 0x0A: result += "\\n"
        case 0x09: result += "\\t"
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
