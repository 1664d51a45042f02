import YAML

extension Shape {
    /// A mapping, or a list that stands for one of its keys.
    ///
    /// - Parameter wrap: The value that the list stands for.
    public static func list<Item>(
        _ items: Shape<[Item]>,
        standingFor wrap: @escaping @Sendable ([Item]) -> Value,
        or full: Shape<Value>
    ) -> Shape<Value> {
        Shape(
            expected: "\(full.expected), or \(items.expected)",
            schema: ["anyOf": .list([full.schema, items.schema])],
            rows: full.rows,
            read: { node, path, problems in
                if case .sequence = node.content { return items.read(node, path, &problems).map(wrap) }
                return full.read(node, path, &problems)
            },
            write: full.write
        )
    }
}
