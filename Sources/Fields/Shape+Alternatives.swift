import YAML

extension Shape {
    /// A value in a short form, or as a mapping.
    ///
    /// - Parameter short: reads everything that is no mapping.
    /// - Parameter isShort: whether a value is written in its short form.
    public static func either(_ short: Shape, or mapping: Shape, isShort: @escaping @Sendable (Value) -> Bool) -> Shape {
        Shape(
            expected: "\(short.expected), or \(mapping.expected)",
            schema: ["anyOf": .list([short.schema, mapping.schema])],
            rows: mapping.rows,
            read: { node, path, problems in
                if case .mapping = node.content { return mapping.read(node, path, &problems) }
                return short.read(node, path, &problems)
            },
            write: { isShort($0) ? short.write($0) : mapping.write($0) }
        )
    }
}
