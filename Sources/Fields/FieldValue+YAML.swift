import YAML

extension FieldValue {
    /// The value as a YAML document in block style, with a line end behind it, that reads back as the same value.
    public var yaml: String {
        switch self {
        case .list(let items) where !items.isEmpty: block(items, indent: "")
        case .object(let members) where !members.isEmpty: block(members, indent: "")
        default: inline + "\n"
        }
    }

    private func block(_ members: [FieldMember], indent: String) -> String {
        members.map { member in
            let key = FieldValue.text(member.name).inline
            switch member.value {
            case .object(let inner) where !inner.isEmpty: return "\(indent)\(key):\n" + block(inner, indent: indent + "  ")
            case .list(let items) where !items.isEmpty && !member.value.isFlat:
                return "\(indent)\(key):\n" + block(items, indent: indent + "  ")
            default: return "\(indent)\(key): \(member.value.inline)\n"
            }
        }.joined()
    }

    private func block(_ items: [FieldValue], indent: String) -> String {
        items.map { item in
            guard case .object(let members) = item, !members.isEmpty else { return "\(indent)- \(item.inline)\n" }
            // The first member stands behind the dash, the others below it.
            return "\(indent)- " + block(members, indent: indent + "  ").dropFirst(indent.utf8.count + 2)
        }.joined()
    }

    /// Whether the value is short enough for one line: a list of plain values.
    private var isFlat: Bool {
        guard case .list(let items) = self else { return false }
        let isPlain = items.allSatisfy { item in
            switch item {
            case .object, .list: false
            default: true
            }
        }
        return isPlain && inline.count <= 100
    }

    private var inline: String {
        switch self {
        case .list(let items): "[" + items.map(\.inline).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(FieldValue.text($0.name).inline): \($0.value.inline)" }.joined(separator: ", ") + "}"
        case .text(let text) where isPlainSafe(text): text
        default: compactJSON
        }
    }

    /// Whether a text may stand without quotes and still be read as that text, by any reader of YAML.
    private func isPlainSafe(_ text: String) -> Bool {
        guard text.utf8.count <= 100, text != "y", text != "n", Scalar(text, isPlain: true).meaning == .text else { return false }
        // What begins with a digit may be a date or a number to some reader, unless it is a number with a unit.
        if text.wholeMatch(of: /[1-9][0-9]*[A-Za-z]+/) != nil { return true }
        return text.wholeMatch(of: /[A-Za-z\/][A-Za-z0-9_.\/+-]*/) != nil
    }
}
