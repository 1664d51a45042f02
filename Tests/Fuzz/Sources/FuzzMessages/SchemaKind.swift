import ROS

/// The pairs of encodings that `MessageSchema` reads.
public struct SchemaKind: Sendable {
    /// What messages are serialised as.
    public let messages: String
    /// What the schema is written in.
    public let schema: String

    /// Every pair, in the order in which an input's first byte names them.
    public static let all = [
        SchemaKind(messages: "ros1", schema: "ros1msg"),
        SchemaKind(messages: "cdr", schema: "ros2msg"),
        SchemaKind(messages: "cdr", schema: "ros2idl"),
        SchemaKind(messages: "protobuf", schema: "protobuf"),
        SchemaKind(messages: "json", schema: "jsonschema"),
    ]

    /// The schema that the parts of an input make up; nil where it is refused.
    public func schema(named name: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer) -> MessageSchema? {
        try? MessageSchema(messageEncoding: messages, name: String(decoding: name, as: UTF8.self), encoding: schema, data: data)
    }
}
