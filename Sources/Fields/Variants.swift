import YAML

/// One of several mappings that a key such as `kind:` or `format:` tells apart.
public struct Variant<Value: Sendable>: Sendable {
    let read: @Sendable (Node, FieldPath, inout ProblemList, String) -> Value?
    let members: @Sendable (Value) -> [FieldMember]?
    let properties: [FieldMember]
    let required: [FieldValue]
    let rows: [FieldRow]

    /// A variant with its keys.
    ///
    /// - Parameters:
    ///   - wrap: Makes the common value out of the variant's own.
    ///   - unwrap: The variant's own value, or nil where it is another variant.
    public init<Root>(_ fields: FieldSet<Root>, wrap: @escaping @Sendable (Root) -> Value, unwrap: @escaping @Sendable (Value) -> Root?) {
        read = { node, path, problems, key in fields.read(node, path, &problems, besides: key).map(wrap) }
        members = { value in unwrap(value).map { fields.members(of: $0) } }
        properties = fields.properties
        required = fields.required
        rows = fields.rows
    }
}

extension Shape {
    /// A mapping whose keys depend on one of them.
    ///
    /// - Parameters:
    ///   - key: The key that tells the variants apart.
    ///   - doc: What that key is for.
    ///   - standard: The variant that is meant where the key is absent; nil where it must be there.
    ///   - choice: The variant of a value.
    ///   - variant: The keys of each variant.
    public static func variants<Choice: CaseIterable & RawRepresentable<String> & Hashable & Sendable>(
        by key: String,
        _ doc: String,
        default standard: Choice?,
        choice: @escaping @Sendable (Value) -> Choice,
        _ variant: @escaping @Sendable (Choice) -> Variant<Value>
    ) -> Shape<Value> {
        let names = Choice.allCases.map(\.rawValue)
        let selector = Shape<Choice>.choice()
        return Shape(
            expected: "a mapping with the key \(key) (\(selector.expected)) and the keys that belong to it",
            schema: schema(by: key, doc, default: standard, variant),
            rows: rows(by: key, doc, default: standard, variant),
            read: { node, path, problems in
                guard case .mapping = node.content else {
                    problems.add(node, path, expected: "a mapping")
                    return nil
                }
                guard let named = node.value(of: key) else {
                    if let standard { return variant(standard).read(node, path, &problems, key) }
                    problems.add(at: node.position, path.key(key), "The key \(key) is missing: it must be \(selector.expected).")
                    return nil
                }
                if let choice = selector.read(named, path.key(key), &problems) { return variant(choice).read(node, path, &problems, key) }
                // Where it is clear what was meant, the rest is checked too, so that its problems need no second run.
                if case .scalar(let scalar) = named.content,
                    let near = nearestName(to: scalar.text, among: names).flatMap(Choice.init(rawValue:))
                {
                    _ = variant(near).read(node, path, &problems, key)
                }
                return nil
            },
            write: { value in
                let choice = choice(value)
                guard let members = variant(choice).members(value) else { return nil }
                return .object([FieldMember(key, .text(choice.rawValue))] + members)
            }
        )
    }

    /// `if`/`then` for each variant rather than `oneOf`, because editors then complain about the one wrong key and not about
    /// every variant.
    private static func schema<Choice: CaseIterable & RawRepresentable<String>>(
        by key: String,
        _ doc: String,
        default standard: Choice?,
        _ variant: (Choice) -> Variant<Value>
    ) -> FieldValue {
        let names = FieldValue.list(Choice.allCases.map { .text($0.rawValue) })
        var selector = [FieldMember("description", .text(doc)), FieldMember("type", .text("string")), FieldMember("enum", names)]
        if let standard { selector.append(FieldMember("default", .text(standard.rawValue))) }
        // Variants with the same keys share a case; a mapping without the key is of the standard variant.
        var cases: [(choices: [Choice], then: FieldValue)] = []
        for choice in Choice.allCases {
            let chosen = variant(choice)
            var then = [
                FieldMember("additionalProperties", .boolean(false)),
                FieldMember("properties", .object([FieldMember(key, .object(selector))] + chosen.properties)),
            ]
            if !chosen.required.isEmpty { then.append(FieldMember("required", .list(chosen.required))) }
            if let index = cases.firstIndex(where: { $0.then == .object(then) }) {
                cases[index].choices.append(choice)
            } else {
                cases.append(([choice], .object(then)))
            }
        }
        let conditions: [FieldValue] = cases.map { choices, then in
            let values = choices.map { FieldValue.text($0.rawValue) }
            var condition = [FieldMember("properties", .object([FieldMember(key, ["enum": .list(values)])]))]
            if !choices.contains(where: { $0.rawValue == standard?.rawValue }) {
                condition.append(FieldMember("required", .list([.text(key)])))
            }
            return ["if": .object(condition), "then": then]
        }
        var members = [
            FieldMember("type", .text("object")), FieldMember("properties", .object([FieldMember(key, .object(selector))])),
        ]
        if standard == nil { members.append(FieldMember("required", .list([.text(key)]))) }
        return .object(members + [FieldMember("allOf", .list(conditions))])
    }

    private static func rows<Choice: CaseIterable & RawRepresentable<String>>(
        by key: String,
        _ doc: String,
        default standard: Choice?,
        _ variant: (Choice) -> Variant<Value>
    ) -> [FieldRow] {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        let own = FieldRow(path: key, expected: "one of \(names)", defaultText: standard?.rawValue, isRequired: standard == nil, doc: doc)
        // Variants with the same key share a row, which says whose it is unless it is everyone's.
        var rows: [(row: FieldRow, choices: [String])] = []
        for choice in Choice.allCases {
            for row in variant(choice).rows {
                if let index = rows.firstIndex(where: { $0.row == row }) {
                    rows[index].choices.append(choice.rawValue)
                } else {
                    rows.append((row, [choice.rawValue]))
                }
            }
        }
        return [own]
            + rows.map { row, choices in
                var row = row
                if row.condition == nil, choices.count < Choice.allCases.count {
                    row.condition = "\(key): \(choices.joined(separator: ", "))"
                }
                return row
            }
    }
}
