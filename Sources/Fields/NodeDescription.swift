public import YAML

extension Node {
    /// What stands there, for the end of a sentence: `the number 30`, `a list`, `nothing`.
    public var described: String {
        switch content {
        case .sequence(let items): items.isEmpty ? "an empty list" : "a list"
        case .mapping(let entries): entries.isEmpty ? "an empty mapping" : "a mapping"
        case .scalar(let scalar):
            switch scalar.meaning {
            case .null: "nothing"
            case .boolean(let value): "the boolean \(value)"
            case .integer, .decimal: "the number \(scalar.text.prefix(60))"
            case .ambiguous: "the bare word \(quoted(scalar.text))"
            case .text: scalar.text.isEmpty ? "an empty text" : "the text \(quoted(scalar.text))"
            }
        }
    }

    /// The value of a key, where this is a mapping that has it.
    public func value(of key: String) -> Node? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}
