/// A ROS message type and everything that it is made of: names resolved, cycles and excessive nesting refused.
public struct MessageDefinition: Hashable, Sendable {
    /// Which rules a definition's text and a payload follow.
    public enum Dialect: Hashable, Sendable {
        /// `ros1msg`.
        case ros1
        /// `ros2msg`.
        case ros2
    }

    /// A type that is a single value on the wire.
    public enum Primitive: Hashable, Sendable {
        case bool
        case int8
        case uint8
        case int16
        case uint16
        case int32
        case uint32
        case int64
        case uint64
        case float32
        case float64
    }

    /// What one element of a field is.
    public enum Element: Hashable, Sendable {
        case primitive(Primitive)
        /// Bytes, UTF-8 by convention.
        case string
        /// UTF-16 or UTF-32 code units; ROS 2 only.
        case wideString
        /// Another message: a position in `types`.
        case message(Int)
    }

    /// How many elements a field has.
    public enum Shape: Hashable, Sendable {
        case single
        /// Always so many; no count on the wire.
        case fixed(Int)
        /// A count on the wire, then the elements. A bound in the definition changes nothing on the wire.
        case sequence
    }

    /// One field of a message.
    public struct Field: Hashable, Sendable {
        /// The field's name.
        public let name: String
        /// What one element of it is.
        public let element: Element
        /// How many elements it has.
        public let shape: Shape
        /// What only IDL can say of it.
        let traits: FieldTraits
    }

    /// What IDL says of a field beyond its type.
    struct FieldTraits: Hashable, Sendable {
        /// The member id, by which parameter lists name it: given, or one more than that of the field before.
        var id: UInt32 = 0
        /// Whether a message may leave it out.
        var isOptional = false
        /// Whether its numbers are an enumeration's, which XTypes does not count among the primitive types.
        var isEnumeration = false
    }

    /// How a type may change without its old messages becoming unreadable (DDS-XTypes 7.2.2.4.1), which decides how it is
    /// framed on the wire.
    enum Extensibility: Hashable, Sendable {
        /// Not at all: fields follow each other.
        case final
        /// Fields may be added at the end: XCDR2 puts a length in front.
        case appendable
        /// Fields may come and go: each has its id and length in front.
        case mutable
    }

    /// A named value of a type, which is not part of any message on the wire.
    public struct Constant: Hashable, Sendable {
        /// The constant's name.
        public let name: String
        /// Its type as written, such as `uint8` or `string`.
        public let type: String
        /// Its value as written, without the quotes that ROS 2 puts around strings.
        public let value: String
    }

    /// What a message of two integers stands for.
    public enum TimeKind: Hashable, Sendable {
        /// Seconds and nanoseconds since the Unix epoch.
        case instant
        /// A length of time in seconds and nanoseconds.
        case duration
    }

    /// One message type.
    public struct MessageType: Hashable, Sendable {
        /// The name as `package/Type`.
        public let name: String
        /// The fields in the order of the wire.
        public let fields: [Field]
        /// The constants in the order of the text.
        public let constants: [Constant]
        /// Whether the type is a time stamp or a duration.
        ///
        /// `time` and `duration` of ROS 1, `builtin_interfaces/Time` and `builtin_interfaces/Duration` of ROS 2: whole
        /// seconds, then nanoseconds.
        public let time: TimeKind?
        /// What the definition says of it; nil where it says nothing, as `ros1msg` and `ros2msg` never do.
        let extensibility: Extensibility?

        /// The position of a field in the message.
        public func index(of name: String) -> Int? {
            fields.firstIndex { $0.name == name }
        }
    }

    /// How deep messages may nest.
    ///
    /// Real types stay below ten; the limit keeps recursion within any thread's stack.
    public static let maximumDepth = 64

    /// The rules that the text followed.
    public let dialect: Dialect
    /// The message's own type first, then whatever it needs.
    public let types: [MessageType]

    /// The message's own type.
    public var root: MessageType { types[0] }

    /// Whether any field is a string of wide characters, whose size on the wire has to be found out.
    let hasWideStrings: Bool

    /// How long a schema's text may be, in bytes; real ones stay below 100 kB.
    public static let maximumTextSize = 8 << 20

    /// Reads the text of a schema as MCAP holds it: the message's own definition, then each dependency after a line of
    /// `=` and a line `MSG: package/Type`.
    ///
    /// - Parameters:
    ///   - text: the schema's data.
    ///   - name: the schema's name, `package/Type` or `package/msg/Type`.
    ///   - dialect: which rules the text follows.
    /// - Throws: `ROSError` of kind `definition` with the line concerned.
    public init(text: String, name: String, dialect: Dialect) throws(ROSError) {
        try Self.checkSize(text)
        try self.init(sections: DefinitionParser(dialect: dialect).sections(of: text, name: name), dialect: dialect)
    }

    /// Reads the text of a schema in OMG IDL as ROS 2 writes it (`ros2idl`): files one after another, each after a line of
    /// `=` and a line `IDL: package/msg/Type`.
    ///
    /// - Parameters:
    ///   - idl: the schema's data.
    ///   - name: the schema's name, `package/msg/Type` or `package/Type`.
    /// - Throws: `ROSError` of kind `definition` with the line concerned.
    public init(idl: String, name: String) throws(ROSError) {
        try Self.checkSize(idl)
        try self.init(sections: IDLResolver(IDLParser.declarations(of: idl)).sections(root: name), dialect: .ros2)
    }

    private init(sections: [DefinitionParser.Section], dialect: Dialect) throws(ROSError) {
        var linker = DefinitionLinker(sections: sections, dialect: dialect)
        types = try linker.link()
        self.dialect = dialect
        hasWideStrings = types.contains { $0.fields.contains { $0.element == .wideString } }
    }

    private static func checkSize(_ text: String) throws(ROSError) {
        guard text.utf8.count <= maximumTextSize else {
            throw ROSError(.definition, "The message definition has \(text.utf8.count) bytes; at most \(maximumTextSize) are read.")
        }
    }

    /// `package/msg/Type` as `package/Type`; other names stay as they are.
    public static func normalisedName(_ name: String) -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "msg" else { return name }
        return "\(parts[0])/\(parts[2])"
    }
}
