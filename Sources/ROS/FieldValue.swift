/// A value of a message as a tree.
public indirect enum FieldValue: Hashable, Sendable {
    case bool(Bool)
    /// Signed integers of any width.
    case integer(Int64)
    /// Unsigned integers of any width.
    case unsigned(UInt64)
    case float32(Float)
    case float64(Double)
    case string(String)
    /// An array of bytes, such as an image's data.
    case bytes([UInt8])
    /// A time stamp: nanoseconds since the Unix epoch.
    case time(Int64)
    /// Nanoseconds.
    case duration(Int64)
    /// An array's elements in order.
    case list([FieldValue])
    /// A message's fields in the order of its definition.
    case message([Member])

    /// One field of a message.
    public struct Member: Hashable, Sendable {
        /// The field's name.
        public let name: String
        /// The field's value.
        public let value: FieldValue

        /// A field with its value.
        public init(_ name: String, _ value: FieldValue) {
            self.name = name
            self.value = value
        }
    }

    /// The value of a message's field; nil where this is no message or has no such field.
    public subscript(name: String) -> FieldValue? {
        guard case .message(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }
}
