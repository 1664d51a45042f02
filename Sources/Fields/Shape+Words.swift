import YAML

extension Shape where Value: Equatable {
    /// One of a few words, each for a value of its own, or what another shape reads.
    public static func words(_ words: KeyValuePairs<String, Value>, or other: Shape<Value>) -> Shape<Value> {
        let names = words.map(\.key)
        let values = words.map(\.value)
        let expected = "\(names.joined(separator: ", ")) or \(other.expected)"
        return Shape(
            expected: expected,
            schema: ["anyOf": .list([["type": .text("string"), "enum": .list(names.map { .text($0) })], other.schema])],
            rows: other.rows,
            read: { node, path, problems in
                switch node.content {
                case .scalar(let scalar):
                    if scalar.meaning == .text, let place = names.firstIndex(of: scalar.text) { return values[place] }
                    let near = nearestName(to: scalar.text, among: names).map { "Did you mean \($0)?" }
                    problems.add(node, path, expected: expected, hint: nothingHint(scalar) ?? near)
                    return nil
                case .mapping, .sequence:
                    return other.read(node, path, &problems)
                }
            },
            write: { value in values.firstIndex(of: value).map { .text(names[$0]) } ?? other.write(value) }
        )
    }
}
