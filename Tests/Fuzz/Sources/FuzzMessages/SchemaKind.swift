import ROS

/// The pairs of encodings that `MessageSchema` reads.
public struct SchemaKind: Sendable {
    /// What messages are serialised as.
    public let messages: String
    /// What the schema is written in.
    public let schema: String

    /// ROS 1.
    public static let ros1msg = SchemaKind(messages: "ros1", schema: "ros1msg")
    /// ROS 2 with its own definitions.
    public static let ros2msg = SchemaKind(messages: "cdr", schema: "ros2msg")
    /// ROS 2 with definitions in IDL.
    public static let ros2idl = SchemaKind(messages: "cdr", schema: "ros2idl")
    /// protobuf with its descriptors.
    public static let protobuf = SchemaKind(messages: "protobuf", schema: "protobuf")
    /// JSON with its schema.
    public static let jsonschema = SchemaKind(messages: "json", schema: "jsonschema")

    /// Every pair, in the order in which an input's first byte names them.
    public static let all = [ros1msg, ros2msg, ros2idl, protobuf, jsonschema]

    /// The schema that the parts of an input make up; nil where it is refused.
    public func schema(named name: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer) -> MessageSchema? {
        try? MessageSchema(messageEncoding: messages, name: String(decoding: name, as: UTF8.self), encoding: schema, data: data)
    }
}
