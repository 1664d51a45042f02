import YAML

extension Shape where Value == String {
    /// A text that is not empty, on one line and without control characters.
    ///
    /// - Parameters:
    ///   - what: What it is, as in "must be *a title*".
    ///   - limit: The most characters (Unicode code points) that it may have.
    ///   - pattern: A regular expression that says the same as `isAllowed`, for the schema.
    ///   - isAllowed: Whether a text will do, beyond the rules above.
    public static func text(
        _ what: String,
        upTo limit: Int = 500,
        pattern: String? = nil,
        where isAllowed: @escaping @Sendable (String) -> Bool = { _ in true }
    ) -> Shape<String> {
        let schema: [FieldMember] =
            [
                FieldMember("type", .text("string")), FieldMember("minLength", .integer(1)),
                FieldMember("maxLength", .integer(Int64(limit))),
            ] + (pattern.map { [FieldMember("pattern", .text($0))] } ?? [])
        return Shape(
            expected: what,
            schema: .object(schema),
            read: { node, path, problems in
                guard let text = plainText(node, path, what, &problems) else { return nil }
                guard text.unicodeScalars.count <= limit else {
                    problems.add(
                        at: node.position,
                        path,
                        "\(path.description) has \(text.unicodeScalars.count) characters; at most \(limit) are allowed."
                    )
                    return nil
                }
                guard !text.unicodeScalars.contains(where: isUnprintable) else {
                    problems.add(node, path, expected: "\(what) without control characters or line ends")
                    return nil
                }
                guard isAllowed(text) else {
                    problems.add(node, path, expected: what)
                    return nil
                }
                return text
            },
            write: { .text($0) }
        )
    }
}

extension Shape where Value: CaseIterable & RawRepresentable<String> & Hashable {
    /// One of the names of an enumeration's cases.
    public static func choice(_ type: Value.Type = Value.self) -> Shape<Value> {
        let names = Value.allCases.map(\.rawValue)
        let expected = names.count == 1 ? "\(names[0])" : "one of \(names.joined(separator: ", "))"
        return Shape(
            expected: expected,
            schema: ["type": .text("string"), "enum": .list(names.map { .text($0) })],
            read: { node, path, problems in
                guard let text = plainText(node, path, expected, &problems) else { return nil }
                if let value = Value(rawValue: text) { return value }
                problems.add(node, path, expected: expected, hint: nearestName(to: text, among: names).map { "Did you mean \($0)?" })
                return nil
            },
            write: { .text($0.rawValue) }
        )
    }
}

/// The text of a node that must be one and not empty.
private func plainText(_ node: Node, _ path: FieldPath, _ expected: String, _ problems: inout ProblemList) -> String? {
    guard case .scalar(let scalar) = node.content else {
        problems.add(node, path, expected: expected)
        return nil
    }
    switch scalar.meaning {
    case .text where !scalar.text.isEmpty:
        return scalar.text
    case .boolean, .integer, .decimal:
        problems.add(node, path, expected: expected, hint: "If this is meant as a text, put it in quotes: \(quoted(scalar.text)).")
    default:
        problems.add(node, path, expected: expected, hint: nothingHint(scalar))
    }
    return nil
}

/// Whether a character would break a line, move a cursor, or not show at all.
private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    // Marks that turn the direction of the text around, and the byte order mark; joiners are part of several scripts.
    case .format: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value) || scalar.value == 0xFEFF
    default: false
    }
}
