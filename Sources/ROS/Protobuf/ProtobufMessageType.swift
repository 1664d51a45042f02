/// A protobuf message type and all that it is made of.
///
/// Types may contain themselves; only messages have a limit to their depth.
struct ProtobufMessageType: Sendable {
    /// What one value of a field is.
    enum Kind: Hashable, Sendable {
        case double
        case float
        case int32
        case int64
        case uint32
        case uint64
        case sint32
        case sint64
        case fixed32
        case fixed64
        case sfixed32
        case sfixed64
        case bool
        /// An enumeration's number.
        case enumeration
        case string
        case bytes
        /// A position in `types`.
        case message(Int)

        /// How one value stands on the wire; nil for messages, which may stand in two ways.
        var wireType: ProtobufCursor.WireType? {
            switch self {
            case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enumeration: .varint
            case .double, .fixed64, .sfixed64: .fixed64
            case .float, .fixed32, .sfixed32: .fixed32
            case .string, .bytes: .lengthDelimited
            case .message: nil
            }
        }

        /// The number's type; nil where the value is none.
        var primitive: MessageDefinition.Primitive? {
            switch self {
            case .double: .float64
            case .float: .float32
            case .int32, .sint32, .sfixed32, .enumeration: .int32
            case .int64, .sint64, .sfixed64: .int64
            case .uint32, .fixed32: .uint32
            case .uint64, .fixed64: .uint64
            case .bool: .bool
            case .string, .bytes, .message: nil
            }
        }
    }

    struct Field: Sendable {
        let name: String
        let number: UInt32
        let kind: Kind
        let isRepeated: Bool
        /// Which group of fields it is in of which a message has at most one.
        let oneof: Int?
        /// What stands for the field where a message leaves it out; nil where that means that there is none.
        let absent: FieldValue?
    }

    struct MessageType: Sendable {
        /// The full name without a dot in front.
        let name: String
        /// In the order of the definition.
        let fields: [Field]
        /// Positions in `fields` by number.
        let positions: [UInt32: Int]
        /// Whether it is one entry of a map, with `key` and `value`.
        let isMapEntry: Bool
        /// `google.protobuf.Timestamp` and `google.protobuf.Duration`.
        let time: MessageDefinition.TimeKind?
    }

    /// The message's own type first.
    let types: [MessageType]

    var root: MessageType { types[0] }

    /// Reads a binary `FileDescriptorSet`, whose files may stand in any order.
    ///
    /// - Throws: `ROSError` of kind `definition` where it is none, or does not hold the type or all that the type needs.
    init(descriptors: UnsafeRawBufferPointer, name: String) throws(ROSError) {
        var linker = ProtobufLinker(try ProtobufDescriptors(descriptors))
        types = try linker.types(root: name)
    }

    /// What a field that is repeated and whose type is a map's entry holds.
    func mapValue(_ field: Field) -> (key: Field, value: Field)? {
        guard field.isRepeated, case .message(let index) = field.kind, types[index].isMapEntry,
            let key = types[index].positions[1], let value = types[index].positions[2]
        else { return nil }
        return (types[index].fields[key], types[index].fields[value])
    }
}
