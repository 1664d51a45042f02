/// Takes whole messages of a type apart.
public struct MessageDecoder: Sendable {
    private enum Source {
        case wire(WireDecoder)
        case protobuf(ProtobufMessageType)
        case json(JSONSchema?)
    }

    private let source: Source

    /// A decoder for messages of a type.
    public init(_ schema: MessageSchema) {
        source =
            switch schema.form {
            case .definition(let definition): .wire(WireDecoder(definition))
            case .protobuf(let type): .protobuf(type)
            case .json(let schema): .json(schema)
            }
    }

    /// A decoder for messages of a ROS type.
    public init(_ definition: MessageDefinition) {
        source = .wire(WireDecoder(definition))
    }

    /// The message as a tree of values.
    ///
    /// Fields stand in the order of the definition, or of the text in JSON. A field that the message leaves out although it
    /// may is not in the tree; of protobuf those without presence are, with their default.
    ///
    /// Memory is bounded by a multiple of the payload's size, whatever the counts in it claim.
    ///
    /// - Parameter payload: one message as serialised, with its encapsulation header in ROS 2.
    /// - Throws: `ROSError` of kind `payload` where the bytes do not hold the message, or more than it; `encoding` where they
    ///   are serialised in a way that is not known.
    public func decode(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> FieldValue {
        switch source {
        case .wire(let decoder): try decoder.decode(payload)
        case .protobuf(let type): try ProtobufDecoder(type).decode(payload)
        case .json(let schema): try JSONMessageDecoder(schema).decode(payload)
        }
    }

    /// The message's values one after another.
    ///
    /// - Parameters:
    ///   - payload: one message as serialised.
    ///   - values: replaced by the message's values.
    ///   - maximumMessages: the most messages of a list that are read so.
    /// - Returns: which fields the values belong to, the same object for all messages of one form; nil where the message has
    ///   to be taken apart as a tree, which also says what is wrong with it.
    public func readFlat(
        _ payload: UnsafeRawBufferPointer,
        into values: inout FlatValues,
        maximumMessages: Int
    ) -> MessageOutline? {
        guard case .wire(let decoder) = source else { return nil }
        return decoder.readFlat(payload, into: &values, maximumMessages: maximumMessages)
    }
}
