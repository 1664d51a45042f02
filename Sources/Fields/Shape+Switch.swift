import YAML

extension Shape {
    /// `true` for what needs no more words, `false` for nothing, or what another shape reads.
    ///
    /// - Parameter on: What `true` stands for.
    public static func `switch`<Setting: Equatable>(on: Setting, or other: Shape<Setting>) -> Shape<Setting?> where Value == Setting? {
        let expected = "true, false, or \(other.expected)"
        return Shape(
            expected: expected,
            schema: ["anyOf": .list([["type": .text("boolean")], other.schema])],
            rows: other.rows,
            read: { node, path, problems in
                if case .mapping = node.content { return other.read(node, path, &problems).map { .some($0) } }
                if case .scalar(let scalar) = node.content {
                    if case .boolean(let isOn) = scalar.meaning { return .some(isOn ? on : nil) }
                    problems.add(node, path, expected: expected, hint: nothingHint(scalar))
                } else {
                    problems.add(node, path, expected: expected)
                }
                return nil
            },
            write: { setting in
                guard let setting else { return .boolean(false) }
                return setting == on ? .boolean(true) : other.write(setting)
            }
        )
    }
}
