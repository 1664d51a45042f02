import YAML

extension Shape {
    /// A list of at least one item.
    ///
    /// An empty one is refused where it is written, and left out where it is printed.
    public static func list<Item>(of item: Shape<Item>, upTo limit: Int = 10_000) -> Shape<[Item]> where Value == [Item] {
        Shape(
            expected: "a list, each item \(item.expected)",
            schema: [
                "type": .text("array"), "items": item.schema, "minItems": .integer(1), "maxItems": .integer(Int64(limit)),
            ],
            rows: item.rows.map { $0.below("[]") },
            read: { node, path, problems in
                guard case .sequence(let nodes) = node.content else {
                    problems.add(node, path, expected: "a list", hint: listHint(node))
                    return nil
                }
                guard !nodes.isEmpty else {
                    problems.add(node, path, expected: "a list of at least one item", hint: "Remove the key, or give it items.")
                    return nil
                }
                guard nodes.count <= limit else {
                    problems.add(at: node.position, path, "\(path) has \(nodes.count) items; at most \(limit) are allowed.")
                    return nil
                }
                let values = nodes.enumerated().map { item.read($0.element, path.item($0.offset), &problems) }
                let good = values.compactMap { $0 }
                return good.count == values.count ? good : nil
            },
            write: { values in values.isEmpty ? nil : .list(values.compactMap { item.write($0) }) }
        )
    }

    /// A mapping from names that the user chooses to values of one shape.
    ///
    /// - Parameter key: What a name must be.
    public static func map<Item>(of item: Shape<Item>, key: KeyRule, upTo limit: Int = 1_000) -> Shape<[String: Item]>
    where Value == [String: Item] {
        var members = [FieldMember("type", .text("object"))]
        members += [
            FieldMember("propertyNames", ["pattern": .text(key.pattern)]), FieldMember("additionalProperties", item.schema),
            FieldMember("minProperties", .integer(1)), FieldMember("maxProperties", .integer(Int64(limit))),
        ]
        return Shape(
            expected: "a mapping from \(key.expected) to \(item.expected)",
            schema: .object(members),
            rows: item.rows.map { $0.below(".<name>") },
            read: { node, path, problems in
                guard case .mapping(let entries) = node.content, !entries.isEmpty else {
                    problems.add(node, path, expected: "a mapping with at least one key")
                    return nil
                }
                guard entries.count <= limit else {
                    problems.add(at: node.position, path, "\(path) has \(entries.count) keys; at most \(limit) are allowed.")
                    return nil
                }
                var values: [String: Item] = [:]
                for entry in entries {
                    if !key.isAllowed(entry.key) {
                        problems.add(
                            at: entry.position,
                            path.key(entry.key),
                            "The key \(quoted(entry.key)) must be \(key.expected).",
                            hint: nearestName(to: entry.key, among: key.examples).map { "Did you mean \($0)?" }
                        )
                    }
                    if let value = item.read(entry.value, path.key(entry.key), &problems) { values[entry.key] = value }
                }
                return values.count == entries.count ? values : nil
            },
            write: { values in
                guard !values.isEmpty else { return nil }
                let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                return .object(sorted.compactMap { key, value in item.write(value).map { FieldMember(key, $0) } })
            }
        )
    }
}

/// What the keys of a mapping that the user chooses must look like.
public struct KeyRule: Sendable {
    /// What is expected, as in "must be *a name of a robot*".
    public var expected: String
    /// A regular expression that says the same as `isAllowed`, for the schema.
    public var pattern: String
    /// Keys that a misspelt one may have been meant to be.
    public var examples: [String]
    /// Whether a key will do.
    public var isAllowed: @Sendable (String) -> Bool

    /// A rule for keys.
    public init(expected: String, pattern: String, examples: [String] = [], isAllowed: @escaping @Sendable (String) -> Bool) {
        self.expected = expected
        self.pattern = pattern
        self.examples = examples
        self.isAllowed = isAllowed
    }
}

/// What to do about a single value where a list is wanted.
private func listHint(_ node: Node) -> String? {
    switch node.content {
    case .scalar(let scalar):
        if let hint = nothingHint(scalar) { return hint }
        let value = scalar.isPlain ? String(scalar.text.prefix(60)) : quoted(scalar.text)
        return "Write it as a list: [\(value)]."
    case .mapping: return "Begin each item with a dash."
    case .sequence: return nil
    }
}
