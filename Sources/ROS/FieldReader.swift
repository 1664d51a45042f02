/// Reads one field out of messages of a type, stepping over everything else.
///
/// The path is worked out once; reading a message then costs a few moves for what lies before the field. Behind arrays of
/// messages the field is read in each element, in order. A field that a message leaves out yields nothing.
///
/// ```swift
/// let reader = try FieldReader(schema, path: "pose.position.x")
/// var values: [Double] = []
/// try reader.readNumbers(payload, into: &values)
/// ```
///
/// Payloads are valid during each call only.
public struct FieldReader: Sendable {
    /// What a path leads to.
    public enum Content: Hashable, Sendable {
        /// Numbers or truth values.
        case numbers(MessageDefinition.Primitive)
        case strings
        /// Bytes that are neither an array of numbers nor text, as protobuf has them.
        case bytes
        /// A time stamp or a duration.
        case time(MessageDefinition.TimeKind)
        /// A message, which has no value of its own.
        case message
        /// Whatever the message at hand has there: JSON without a schema.
        case any
    }

    private enum Source {
        case wire(WireFieldReader)
        case protobuf(ProtobufFieldReader)
        case json(JSONFieldReader)
    }

    /// The path as asked for.
    public let path: String
    /// What the path leads to.
    public let content: Content
    /// Whether the path leads to any number of values rather than one.
    public let isCollection: Bool
    private let source: Source

    /// Works out a path of field names with dots between them.
    ///
    /// - Throws: `ROSError` of kind `field` where the type has no such field.
    public init(_ schema: MessageSchema, path: String) throws(ROSError) {
        self.path = path
        switch schema.form {
        case .definition(let definition):
            let reader = try WireFieldReader(definition, path: path)
            (content, isCollection, source) = (reader.content, reader.isCollection, .wire(reader))
        case .protobuf(let type):
            let reader = try ProtobufFieldReader(type, path: path)
            (content, isCollection, source) = (reader.content, reader.isCollection, .protobuf(reader))
        case .json(let schema):
            let reader = try JSONFieldReader(schema, path: path)
            (content, isCollection, source) = (reader.content, reader.isCollection, .json(reader))
        }
    }

    /// Works out a path in a ROS message definition.
    ///
    /// - Throws: `ROSError` of kind `field` where the type has no such field.
    public init(_ definition: MessageDefinition, path: String) throws(ROSError) {
        try self.init(MessageSchema(definition), path: path)
    }

    /// Whether the first bytes of a message that hold the field give the same as the whole: what is behind the field is not looked at,
    /// and of too few bytes an error of kind `payload` comes.
    public var readsFromFront: Bool {
        if case .wire(let reader) = source { reader.readsFromFront } else { false }
    }

    /// Where the time lies that the path leads to; nil where it leads to none, or not always to the same place.
    public var timePlace: TimePlace? {
        if case .wire(let reader) = source { reader.timePlace } else { nil }
    }

    /// Appends the field's numbers; truth values count as 0 and 1.
    ///
    /// - Throws: `ROSError` of kind `field` where the field holds no numbers, `payload` where the message is malformed.
    public func readNumbers(_ payload: UnsafeRawBufferPointer, into values: inout [Double]) throws(ROSError) {
        switch source {
        case .wire(let reader): try reader.readNumbers(payload, into: &values)
        case .protobuf(let reader): try reader.readNumbers(payload, into: &values)
        case .json(let reader): try reader.readNumbers(payload, into: &values)
        }
    }

    /// The field's only or first number as an integer; nil where there is none or it is not whole.
    ///
    /// - Throws: as `readNumbers`.
    public func readInteger(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Int? {
        var values: [Double] = []
        try readNumbers(payload, into: &values)
        return values.first.flatMap { Int(exactly: $0) }
    }

    /// The field's strings; bytes that are not UTF-8 are replaced.
    ///
    /// - Throws: `ROSError` of kind `field` where the field holds no strings, `payload` where the message is malformed.
    public func readStrings(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> [String] {
        switch source {
        case .wire(let reader): try reader.readStrings(payload)
        case .protobuf(let reader): try reader.readStrings(payload)
        case .json(let reader): try reader.readStrings(payload)
        }
    }

    /// Where the bytes of a blob lie in the payload: an array of 1-byte numbers, protobuf's `bytes`, or a single string
    /// without its NUL; empty where the message leaves the field out.
    ///
    /// - Throws: `ROSError` of kind `field` where the field is none of these or lies behind an array, or where the message
    ///   holds it as text that has to be decoded (`readBlob` does); `payload` where the message is malformed.
    public func readRange(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Range<Int> {
        guard case .range(let range) = try readBlob(payload) else {
            throw ROSError(.field, "The field \(path) holds its bytes as text.")
        }
        return range
    }

    /// The bytes of a blob, in the payload or decoded from its text (base64, as JSON has it).
    ///
    /// - Throws: as `readRange`, which serves wherever the bytes lie in the payload.
    public func readBlob(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Blob {
        switch source {
        case .wire(let reader): .range(try reader.readRange(payload))
        case .protobuf(let reader): try reader.readBlob(payload)
        case .json(let reader): try reader.readBlob(payload)
        }
    }

    /// Bytes of the payload that hold the whole field as it is on the wire, counts included: equal bytes mean equal values.
    ///
    /// - Throws: `ROSError` of kind `field` where the field lies behind an array, `payload` where the message is malformed.
    public func readWireRange(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Range<Int> {
        switch source {
        case .wire(let reader): try reader.readWireRange(payload)
        case .protobuf(let reader): try reader.readWireRange(payload)
        case .json(let reader): try reader.readWireRange(payload)
        }
    }

    /// The time stamp or duration that the path leads to, in nanoseconds; 0 where the message leaves it out.
    ///
    /// - Throws: `ROSError` of kind `field` where the field is no time or is an array, `payload` where the message is malformed.
    public func readTime(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Int64 {
        switch source {
        case .wire(let reader): try reader.readTime(payload)
        case .protobuf(let reader): try reader.readTime(payload)
        case .json(let reader): try reader.readTime(payload)
        }
    }
}
