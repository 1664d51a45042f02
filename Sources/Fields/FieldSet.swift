public import YAML

/// The keys of one mapping, and the value that they fill.
public struct FieldSet<Root: Sendable>: Sendable {
    /// What the value is where no key is given.
    public let defaults: Root
    /// The keys, in the order in which they are documented and printed.
    public let fields: [Field<Root>]

    let check: @Sendable (Root, Node, FieldPath, inout ProblemList) -> Void

    /// The keys of a mapping.
    ///
    /// - Parameters:
    ///   - defaults: What the value is where no key is given.
    ///   - check: Looks at what the keys say together; called where each for itself is right.
    public init(
        defaults: Root,
        @FieldsBuilder<Root> fields: () -> [Field<Root>],
        check: @escaping @Sendable (Root, Node, FieldPath, inout ProblemList) -> Void = { _, _, _, _ in }
    ) {
        self.defaults = defaults
        self.fields = fields()
        self.check = check
    }

    /// Reads a mapping.
    ///
    /// - Parameter other: A key that may stand there as well and was read by the caller.
    func read(_ node: Node, _ path: FieldPath, _ problems: inout ProblemList, besides other: String? = nil) -> Root? {
        guard case .mapping(let entries) = node.content else {
            let isNothing = if case .scalar(let scalar) = node.content { nothingHint(scalar) } else { String?.none }
            problems.add(node, path, expected: "a mapping", hint: isNothing)
            return nil
        }
        let before = problems.problems.count
        var root = defaults
        for entry in entries where entry.key != other {
            if let field = fields.first(where: { $0.name == entry.key }) {
                field.assign(entry.value, path.key(entry.key), &problems, &root)
            } else {
                reportUnknown(entry, path, besides: other, &problems)
            }
        }
        for field in fields where field.isRequired && !entries.contains(where: { $0.key == field.name }) {
            let place = path.description.isEmpty ? "" : " in \(path)"
            problems.add(at: node.position, path.key(field.name), "The key \(field.name) is missing\(place): \(field.doc)")
        }
        if problems.problems.count == before { check(root, node, path, &problems) }
        return problems.problems.count == before ? root : nil
    }

    private func reportUnknown(_ entry: Entry, _ path: FieldPath, besides other: String?, _ problems: inout ProblemList) {
        let names = (other.map { [$0] } ?? []) + fields.map(\.name)
        let place = path.description.isEmpty ? "here" : "in \(path)"
        let hint =
            nearestName(to: entry.key, among: names).map { "Did you mean \($0)?" }
            ?? "The keys \(place) are: \(names.joined(separator: ", "))."
        problems.add(at: entry.position, path.key(entry.key), "The key \(quoted(entry.key)) is not known \(place).", hint: hint)
    }

    /// The keys that differ from their defaults or have one worth printing, in order.
    func members(of root: Root) -> [FieldMember] {
        fields.compactMap { field in field.value(root).map { FieldMember(field.name, $0) } }
    }

    /// The keys as members of a JSON Schema's `properties`.
    var properties: [FieldMember] {
        fields.map { field in
            guard case .object(let members) = field.schema else { return FieldMember(field.name, field.schema) }
            var described = [FieldMember("description", .text(field.doc))] + members
            if !field.isRequired, let value = field.value(defaults) { described.append(FieldMember("default", value)) }
            return FieldMember(field.name, .object(described))
        }
    }

    var required: [FieldValue] { fields.filter(\.isRequired).map { .text($0.name) } }

    /// One line of help for each key and for all keys below it.
    public var rows: [FieldRow] {
        fields.flatMap { field in
            let defaultText = field.isRequired ? nil : field.defaultText ?? field.value(defaults)?.compactJSON
            let own = FieldRow(
                path: field.name,
                expected: field.expected,
                defaultText: defaultText,
                isRequired: field.isRequired,
                doc: field.doc
            )
            return [own] + field.rows.map { $0.below(field.name) }
        }
    }
}

/// Collects the keys of a `FieldSet`.
@resultBuilder
public enum FieldsBuilder<Root: Sendable> {
    /// One key.
    public static func buildExpression(_ field: Field<Root>) -> [Field<Root>] { [field] }
    /// Keys that another file defines.
    public static func buildExpression(_ fields: [Field<Root>]) -> [Field<Root>] { fields }
    /// The keys in order.
    public static func buildBlock(_ fields: [Field<Root>]...) -> [Field<Root>] { fields.flatMap { $0 } }
}

extension Shape {
    /// A mapping with known keys.
    public static func set(_ fields: FieldSet<Value>) -> Shape<Value> {
        var schema = [
            FieldMember("type", .text("object")), FieldMember("additionalProperties", .boolean(false)),
            FieldMember("properties", .object(fields.properties)),
        ]
        if !fields.required.isEmpty { schema.append(FieldMember("required", .list(fields.required))) }
        return Shape(
            expected: "a mapping with the keys \(fields.fields.map(\.name).joined(separator: ", "))",
            schema: .object(schema),
            rows: fields.rows,
            read: { node, path, problems in fields.read(node, path, &problems) },
            write: { value in
                let members = fields.members(of: value)
                return members.isEmpty ? nil : .object(members)
            }
        )
    }
}
