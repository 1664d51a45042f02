/// A position in bytes of protobuf's wire format (protobuf.dev, Encoding) that never leaves them.
struct ProtobufCursor {
    /// One field as it stands: its number, its wire type, and where its value lies.
    struct Record {
        let number: UInt32
        let type: WireType
        /// The value's own bytes: without tag and length, and without the tag that ends a group.
        let value: Range<Int>
        /// All of it.
        let whole: Range<Int>
    }

    enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case group = 3
        case fixed32 = 5
    }

    /// How deep messages and groups may nest, as in protobuf's own libraries.
    static let maximumDepth = 100

    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// Reads the next field; nil at the end.
    mutating func next() throws(ROSError) -> Record? {
        guard offset < end else { return nil }
        let start = offset
        let tag = try tag()
        guard let type = WireType(rawValue: UInt8(tag & 7)) else { throw Self.malformed }
        let value = try value(type, number: tag >> 3)
        return Record(number: tag >> 3, type: type, value: value, whole: start..<offset)
    }

    /// Reads a number of up to 64 bits in groups of 7, the lowest first.
    mutating func varint() throws(ROSError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end {
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 70 else { throw Self.malformed }
        }
        throw Self.truncated
    }

    private mutating func tag() throws(ROSError) -> UInt32 {
        guard let tag = UInt32(exactly: try varint()), tag >= 8 else { throw Self.malformed }
        return tag
    }

    private mutating func value(_ type: WireType, number: UInt32) throws(ROSError) -> Range<Int> {
        let start = offset
        switch type {
        case .varint:
            _ = try varint()
            return start..<offset
        case .fixed64: return try take(8)
        case .fixed32: return try take(4)
        case .lengthDelimited:
            guard let count = Int(exactly: try varint()) else { throw Self.truncated }
            return try take(count)
        case .group: return start..<(try skipGroup(number))
        }
    }

    private mutating func take(_ count: Int) throws(ROSError) -> Range<Int> {
        guard count <= end - offset else { throw Self.truncated }
        offset += count
        return offset - count..<offset
    }

    /// Moves behind the tag that ends a group; tells where that tag begins.
    private mutating func skipGroup(_ number: UInt32) throws(ROSError) -> Int {
        var open = [number]
        while true {
            guard offset < end else { throw Self.truncated }
            let start = offset
            let tag = try tag()
            if tag & 7 == 4 {
                guard open.popLast() == tag >> 3 else { throw Self.malformed }
                if open.isEmpty { return start }
                continue
            }
            guard let type = WireType(rawValue: UInt8(tag & 7)) else { throw Self.malformed }
            if type == .group {
                guard open.count < Self.maximumDepth else { throw Self.tooDeep }
                open.append(tag >> 3)
            } else {
                _ = try value(type, number: tag >> 3)
            }
        }
    }

    static var truncated: ROSError { ROSError(.payload, "A protobuf message ends within a field.") }

    static var malformed: ROSError { ROSError(.payload, "A protobuf message holds something that is no field.") }

    static var tooDeep: ROSError { ROSError(.payload, "A protobuf message nests more than \(maximumDepth) deep.") }
}

extension UnsafeRawBufferPointer {
    /// A field's number as its wire type has it: the bits of a varint or of a fixed number.
    func protobufBits(_ record: ProtobufCursor.Record) throws(ROSError) -> UInt64 {
        switch record.type {
        case .varint:
            var cursor = ProtobufCursor(self, record.value)
            return try cursor.varint()
        case .fixed64: return UInt64(littleEndian: loadUnaligned(fromByteOffset: record.value.lowerBound, as: UInt64.self))
        case .fixed32: return UInt64(UInt32(littleEndian: loadUnaligned(fromByteOffset: record.value.lowerBound, as: UInt32.self)))
        case .lengthDelimited, .group: throw ProtobufCursor.malformed
        }
    }
}
