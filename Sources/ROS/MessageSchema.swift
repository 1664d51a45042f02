/// What is needed to take the messages of a channel apart, whatever they are serialised as.
public struct MessageSchema: Sendable {
    enum Form: Sendable {
        case definition(MessageDefinition)
        case protobuf(ProtobufMessageType)
        /// JSON, with its schema where there is one.
        case json(JSONSchema?)
    }

    let form: Form

    /// How long a schema may be, in bytes; real ones stay below 1 MB.
    public static let maximumSize = MessageDefinition.maximumTextSize

    /// The schema of messages that a ROS definition describes.
    public init(_ definition: MessageDefinition) {
        form = .definition(definition)
    }

    /// Reads a channel's schema by the names that MCAP's registry of well-known encodings has for them.
    ///
    /// | messages | schema | |
    /// |---|---|---|
    /// | `ros1` | `ros1msg` | ROS 1 |
    /// | `cdr` | `ros2msg`, `ros2idl` | ROS 2 |
    /// | `protobuf` | `protobuf` | a binary FileDescriptorSet |
    /// | `json` | `jsonschema`, none | |
    ///
    /// - Parameters:
    ///   - messageEncoding: what messages are serialised as.
    ///   - name: the message type; empty where there is no schema.
    ///   - encoding: what the schema is written in; empty where there is none.
    ///   - data: the schema.
    /// - Throws: `ROSError` of kind `encoding` where the pair is not known, `definition` where the schema cannot be used.
    public init(messageEncoding: String, name: String, encoding: String, data: UnsafeRawBufferPointer) throws(ROSError) {
        guard data.count <= Self.maximumSize else {
            throw ROSError(.definition, "The schema \(name) has \(data.count) bytes; at most \(Self.maximumSize) are read.")
        }
        switch (messageEncoding, encoding) {
        case ("ros1", "ros1msg"):
            form = .definition(try MessageDefinition(text: String(decoding: data, as: UTF8.self), name: name, dialect: .ros1))
        case ("cdr", "ros2msg"):
            form = .definition(try MessageDefinition(text: String(decoding: data, as: UTF8.self), name: name, dialect: .ros2))
        case ("cdr", "ros2idl"):
            form = .definition(try MessageDefinition(idl: String(decoding: data, as: UTF8.self), name: name))
        case ("protobuf", "protobuf"):
            form = .protobuf(try ProtobufMessageType(descriptors: data, name: name))
        case ("json", "jsonschema"):
            form = .json(data.isEmpty ? nil : try JSONSchema(data))
        case ("json", ""):
            form = .json(nil)
        default:
            throw ROSError(
                .encoding,
                "Messages serialised as \"\(messageEncoding)\" with a schema in \"\(encoding)\" cannot be taken apart."
            )
        }
    }
}
