public import YAML

/// What a value may look like in a file: how it is read, checked, described, printed, and said in a JSON Schema.
///
/// The one definition from which parsing, help and schema follow.
public struct Shape<Value: Sendable>: Sendable {
    /// What is expected, for the end of "must be …": `a whole number from 1 to 1000`.
    public let expected: String
    /// The JSON Schema of such a value (draft 07).
    public let schema: FieldValue
    /// The fields inside such a value, their paths beginning below it.
    public let rows: [FieldRow]

    let read: @Sendable (Node, FieldPath, inout ProblemList) -> Value?
    let write: @Sendable (Value) -> FieldValue?

    /// A shape from its parts.
    ///
    /// - Parameters:
    ///   - read: Reads a node; adds every problem it finds, and answers nil where it found one.
    ///   - write: Writes the value as `read` would take it; nil where it is best left out.
    public init(
        expected: String,
        schema: FieldValue,
        rows: [FieldRow] = [],
        read: @escaping @Sendable (Node, FieldPath, inout ProblemList) -> Value?,
        write: @escaping @Sendable (Value) -> FieldValue?
    ) {
        self.expected = expected
        self.schema = schema
        self.rows = rows
        self.read = read
        self.write = write
    }

    /// Reads a node that is one plain value, and says what was expected where `parse` answers nil.
    ///
    /// - Parameter hint: What to do about a value that was refused.
    init(
        scalar expected: String,
        schema: FieldValue,
        parse: @escaping @Sendable (Scalar) -> Value?,
        write: @escaping @Sendable (Value) -> FieldValue?,
        hint: @escaping @Sendable (Scalar) -> String?
    ) {
        self.init(
            expected: expected,
            schema: schema,
            read: { node, path, problems in
                guard case .scalar(let scalar) = node.content else {
                    problems.add(node, path, expected: expected)
                    return nil
                }
                if let value = parse(scalar) { return value }
                problems.add(node, path, expected: expected, hint: nothingHint(scalar) ?? hint(scalar))
                return nil
            },
            write: write
        )
    }

    /// The shape with its value turned into another one.
    ///
    /// - Parameters:
    ///   - forward: Turns a value that was read; adds a problem where it answers nil.
    ///   - back: Turns it back for printing; nil where it is best left out.
    public func map<New: Sendable>(
        _ forward: @escaping @Sendable (Value, Node, FieldPath, inout ProblemList) -> New?,
        back: @escaping @Sendable (New) -> Value?
    ) -> Shape<New> {
        Shape<New>(
            expected: expected,
            schema: schema,
            rows: rows,
            read: { node, path, problems in
                guard let value = read(node, path, &problems) else { return nil }
                return forward(value, node, path, &problems)
            },
            write: { new in back(new).flatMap { write($0) } }
        )
    }

    /// Reads a whole document.
    public func read(_ node: Node, into problems: inout ProblemList) -> Value? {
        read(node, FieldPath(), &problems)
    }

    /// The value as a file would hold it, without the parts that are best left out.
    public func written(_ value: Value) -> FieldValue? {
        write(value)
    }
}

/// What to do about a key that has no value, and about a word that two versions of YAML read differently.
func nothingHint(_ scalar: Scalar) -> String? {
    switch scalar.meaning {
    case .null: "Remove the key, or give it a value."
    case .ambiguous(let hint): hint
    default: nil
    }
}
