/// What a JSON schema says of the form of values, as far as decoding needs it: which texts are bytes, which objects times.
///
/// A keyword that leaves a choice (`anyOf`, `oneOf`, `allOf`, `not`) makes a value one of which nothing is known.
struct JSONSchema: Sendable {
    enum Form: Hashable, Sendable {
        case any
        case number
        case integer
        case bool
        case string
        /// Text in base64 (`contentEncoding`).
        case base64
        /// A text in the form of RFC 3339 (`format: date-time`).
        case dateTime
        /// An object of seconds and nanoseconds.
        case time(MessageDefinition.TimeKind)
        case object(Members)
        /// Elements of one form.
        case array(Int)
    }

    /// An object's members: their names in the order of the schema, and the node of each.
    struct Members: Hashable, Sendable {
        var names: [String] = []
        var nodes: [String: Int] = [:]
    }

    /// How many values one schema may describe.
    static let maximumNodes = 1 << 16

    /// How many members of objects may be looked at: names are searched for, and references may lead to one large object
    /// again and again.
    static let maximumSteps = 1 << 22

    /// The message's own form first.
    private(set) var nodes: [Form] = []
    /// Nodes that a reference led to, by the reference; what it leads to is read once, so a schema may refer to itself.
    private var references: [String: Int] = [:]
    private let tree: FieldValue
    private var steps = 0

    /// - Throws: `ROSError` of kind `definition` where the text is no JSON, or describes more than any real schema.
    init(_ text: UnsafeRawBufferPointer) throws(ROSError) {
        do throws(ROSError) {
            tree = try JSONMessageDecoder(nil).decode(text, readingTimes: false)
        } catch {
            throw ROSError(.definition, "The JSON schema cannot be read. \(error.message)")
        }
        _ = try add(tree, depth: 0)
    }

    private mutating func add(_ value: FieldValue, depth: Int) throws(ROSError) -> Int {
        guard nodes.count < Self.maximumNodes else { throw Self.tooLarge }
        let index = nodes.count
        nodes.append(.any)
        nodes[index] = try form(value, at: index, depth: depth)
        return index
    }

    private mutating func form(_ value: FieldValue, at index: Int, depth: Int) throws(ROSError) -> Form {
        // References lead from one to the next as deep as objects nest.
        guard depth < JSONScanner.maximumDepth else { throw Self.tooLarge }
        guard case .message(let members) = value else { return .any }
        try spend(members.count)
        if case .string(let reference)? = value["$ref"] {
            // A reference is the form of another node, which may be one that is being read.
            if references[reference] == nil, let target = try target(of: reference) {
                references[reference] = index
                return try form(target, at: index, depth: depth + 1)
            }
            guard let known = references[reference], known != index else { return .any }
            return nodes[known]
        }
        for keyword in ["anyOf", "oneOf", "allOf", "not", "if"] where value[keyword] != nil { return .any }
        switch value["type"] {
        case .string("object")?: return try object(value, depth: depth)
        case .string("array")?:
            guard let items = value["items"], case .message = items else { return .any }
            return .array(try add(items, depth: depth + 1))
        case .string("string")?:
            if case .string(let encoding)? = value["contentEncoding"], encoding.lowercased() == "base64" { return .base64 }
            if case .string("date-time")? = value["format"] { return .dateTime }
            return .string
        case .string("integer")?: return .integer
        case .string("number")?: return .number
        case .string("boolean")?: return .bool
        default: return .any
        }
    }

    private mutating func object(_ value: FieldValue, depth: Int) throws(ROSError) -> Form {
        guard case .message(let properties)? = value["properties"], value["patternProperties"] == nil else { return .any }
        // A map says only what its values are.
        if case .message? = value["additionalProperties"] { return .any }
        if properties.count == 2, JSONTime.isPair(properties.map(\.name)) {
            if case .string("duration")? = value["title"] { return .time(.duration) }
            return .time(.instant)
        }
        var members = Members()
        for property in properties {
            members.names.append(property.name)
            members.nodes[property.name] = try add(property.value, depth: depth + 1)
        }
        return .object(members)
    }

    /// What a reference within the schema leads to (`#/$defs/Name`).
    private mutating func target(of reference: String) throws(ROSError) -> FieldValue? {
        guard reference.utf8.first == UInt8(ascii: "#") else { return nil }
        var value: FieldValue? = tree
        for part in reference.dropFirst().split(separator: "/") {
            guard case .message(let members)? = value else { return nil }
            try spend(members.count)
            value = value?[String(part)]
        }
        return value
    }

    private mutating func spend(_ count: Int) throws(ROSError) {
        steps += count
        guard steps <= Self.maximumSteps else { throw Self.tooLarge }
    }

    private static var tooLarge: ROSError { ROSError(.definition, "The JSON schema describes more values than any real one.") }
}
