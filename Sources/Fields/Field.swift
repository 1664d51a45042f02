import YAML

/// One key of a mapping: its name, what it may hold, which property it fills, and what it is for.
public struct Field<Root: Sendable>: Sendable {
    /// The key.
    public let name: String
    /// What it is for, in one line.
    public let doc: String
    /// Whether it must be there.
    public let isRequired: Bool
    /// What stands in for an absent key, in words, where the root's own value does not say it.
    let defaultText: String?
    let expected: String
    let schema: FieldValue
    let rows: [FieldRow]
    let assign: @Sendable (Node, FieldPath, inout ProblemList, inout Root) -> Void
    let value: @Sendable (Root) -> FieldValue?

    /// A key that fills a property.
    ///
    /// - Parameters:
    ///   - defaultText: What stands in for an absent key, in words; needed only where the set's defaults do not show it.
    public init<Value>(
        _ name: String,
        _ property: any WritableKeyPath<Root, Value> & Sendable,
        _ shape: Shape<Value>,
        required: Bool = false,
        default defaultText: String? = nil,
        _ doc: String
    ) {
        self.name = name
        self.doc = doc
        self.defaultText = defaultText
        isRequired = required
        expected = shape.expected
        schema = shape.schema
        rows = shape.rows
        assign = { node, path, problems, root in
            if let value = shape.read(node, path, &problems) { root[keyPath: property] = value }
        }
        value = { root in shape.write(root[keyPath: property]) }
    }

    /// A key that fills a property which is nil where the key is absent.
    public init<Value>(
        _ name: String,
        _ property: any WritableKeyPath<Root, Value?> & Sendable,
        _ shape: Shape<Value>,
        default defaultText: String? = nil,
        _ doc: String
    ) {
        self.name = name
        self.doc = doc
        self.defaultText = defaultText
        isRequired = false
        expected = shape.expected
        schema = shape.schema
        rows = shape.rows
        assign = { node, path, problems, root in
            if let value = shape.read(node, path, &problems) { root[keyPath: property] = value }
        }
        value = { root in root[keyPath: property].flatMap { shape.write($0) } }
    }
}

/// One line of help: a key with its whole path below the thing that is described.
public struct FieldRow: Hashable, Sendable {
    /// The path, such as `select.quality.min_score`.
    public var path: String
    /// What it may hold.
    public var expected: String
    /// What stands in for an absent key; nil where there is nothing to say.
    public var defaultText: String?
    /// Whether it must be there.
    public var isRequired: Bool
    /// What it is for.
    public var doc: String
    /// Where it may stand, such as `format: csv or json`; nil where it may stand always.
    public var condition: String?

    /// A line of help.
    public init(path: String, expected: String, defaultText: String?, isRequired: Bool, doc: String) {
        self.path = path
        self.expected = expected
        self.defaultText = defaultText
        self.isRequired = isRequired
        self.doc = doc
    }

    /// The same row seen from one level higher.
    func below(_ parent: String) -> FieldRow {
        var copy = self
        copy.path = path.hasPrefix("[") || path.hasPrefix(".") || path.isEmpty ? parent + path : "\(parent).\(path)"
        return copy
    }

    /// What there is to say of the key: what it is for, what it may hold, and where it may stand.
    public var lines: [String] {
        let note = isRequired ? ", required" : defaultText.map { ", default \($0)" } ?? ""
        return [doc, "\(expected)\(note)"] + (condition.map { ["with \($0)"] } ?? [])
    }

    /// The row as lines for a terminal.
    public var text: String {
        ([path] + lines.map { "    \($0)" }).joined(separator: "\n")
    }
}
