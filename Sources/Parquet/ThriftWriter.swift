/// Writes the Thrift compact protocol, in which Parquet's page headers and footer are kept.
///
/// The rules are those of thrift-compact-protocol.md: integers as zigzag varints, a field as the distance to the one before
/// and its type in one byte, a struct closed by a zero.
struct ThriftWriter {
    /// The protocol's type codes for the types that Parquet's structures use.
    enum ElementType: UInt8 {
        case int32 = 5
        case binary = 8
        case structure = 12
    }

    private(set) var bytes: [UInt8] = []
    private var lastField: Int16 = 0

    /// Forgets what was written and keeps the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        lastField = 0
    }

    mutating func int8(_ field: Int16, _ value: Int8) {
        header(field, type: 3)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func int16(_ field: Int16, _ value: Int16) {
        header(field, type: 4)
        zigzag(Int64(value))
    }

    mutating func int32(_ field: Int16, _ value: Int32) {
        header(field, type: 5)
        zigzag(Int64(value))
    }

    mutating func int64(_ field: Int16, _ value: Int64) {
        header(field, type: 6)
        zigzag(value)
    }

    mutating func boolean(_ field: Int16, _ value: Bool) {
        header(field, type: value ? 1 : 2)
    }

    mutating func binary(_ field: Int16, _ value: [UInt8]) {
        header(field, type: 8)
        element(value)
    }

    mutating func text(_ field: Int16, _ value: String) {
        binary(field, Array(value.utf8))
    }

    mutating func structure(_ field: Int16, _ body: (inout ThriftWriter) -> Void) {
        header(field, type: 12)
        element(body)
    }

    /// The head of a list, which its elements must follow.
    mutating func list(_ field: Int16, of type: ElementType, count: Int) {
        header(field, type: 9)
        if count < 15 {
            bytes.append(UInt8(count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            varint(UInt64(count))
        }
    }

    mutating func element(_ value: Int32) {
        zigzag(Int64(value))
    }

    mutating func element(_ value: [UInt8]) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// A struct in a list, or one that stands alone.
    mutating func element(_ body: (inout ThriftWriter) -> Void) {
        let outer = lastField
        lastField = 0
        body(&self)
        bytes.append(0)
        lastField = outer
    }

    private mutating func header(_ field: Int16, type: UInt8) {
        let distance = field - lastField
        if (1...15).contains(distance) {
            bytes.append(UInt8(distance) << 4 | type)
        } else {
            bytes.append(type)
            zigzag(Int64(field))
        }
        lastField = field
    }

    private mutating func zigzag(_ value: Int64) {
        varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    private mutating func varint(_ value: UInt64) {
        bytes.appendVarint(value)
    }
}

extension [UInt8] {
    /// Appends an unsigned LEB128 number: seven bits to a byte, lowest first.
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }
}
