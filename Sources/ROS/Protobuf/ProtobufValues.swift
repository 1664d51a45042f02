extension ProtobufMessageType.Kind {
    /// A number from its bits on the wire; those that a type has no room for are cut off, as protobuf's libraries do.
    func value(_ bits: UInt64) -> FieldValue {
        switch self {
        case .double: .float64(Double(bitPattern: bits))
        case .float: .float32(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .bool: .bool(bits != 0)
        case .uint32, .fixed32: .unsigned(UInt64(UInt32(truncatingIfNeeded: bits)))
        case .uint64, .fixed64: .unsigned(bits)
        case .int32, .enumeration, .sfixed32: .integer(Int64(Int32(truncatingIfNeeded: bits)))
        case .int64, .sfixed64: .integer(Int64(bitPattern: bits))
        case .sint32:
            .integer(Int64(Int32(bitPattern: UInt32(truncatingIfNeeded: bits) >> 1 ^ (0 &- UInt32(truncatingIfNeeded: bits & 1)))))
        case .sint64: .integer(Int64(bitPattern: bits >> 1 ^ (0 &- (bits & 1))))
        case .string, .bytes, .message: .unsigned(bits)
        }
    }

    /// A number from its bits on the wire, as a double.
    func number(_ bits: UInt64) -> Double {
        switch value(bits) {
        case .float64(let value): value
        case .float32(let value): Double(value)
        case .bool(let value): value ? 1 : 0
        case .unsigned(let value): Double(value)
        case .integer(let value): Double(value)
        default: .nan
        }
    }

    /// What a map's entry has where it leaves its key or value out.
    var zero: FieldValue {
        switch self {
        case .string: .string("")
        case .bytes: .bytes([])
        case .message: .message([])
        default: value(0)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// One value that is no message.
    func protobufValue(_ kind: ProtobufMessageType.Kind, _ record: ProtobufCursor.Record) throws(ROSError) -> FieldValue {
        switch kind {
        case .string: .string(String(decoding: self[record.value], as: UTF8.self))
        case .bytes: .bytes([UInt8](self[record.value]))
        default: kind.value(try protobufBits(record))
        }
    }

    /// Calls `body` with the bits of each number of a packed field.
    func protobufPacked(
        _ record: ProtobufCursor.Record,
        _ type: ProtobufCursor.WireType,
        _ body: (UInt64) throws(ROSError) -> Void
    ) throws(ROSError) {
        let range = record.value
        switch type {
        case .fixed64:
            guard range.count % 8 == 0 else { throw ProtobufCursor.truncated }
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
                try body(UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            }
        case .fixed32:
            guard range.count % 4 == 0 else { throw ProtobufCursor.truncated }
            for offset in stride(from: range.lowerBound, to: range.upperBound, by: 4) {
                try body(UInt64(UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))))
            }
        case .varint, .lengthDelimited, .group:
            var cursor = ProtobufCursor(self, range)
            while cursor.offset < range.upperBound { try body(try cursor.varint()) }
        }
    }

    /// The nanoseconds of a `Timestamp` or a `Duration`; nil where they do not fit 64 bits.
    func protobufTime(_ parts: [Range<Int>]) throws(ROSError) -> Int64? {
        var (seconds, nanoseconds): (Int64, Int64) = (0, 0)
        for part in parts {
            var cursor = ProtobufCursor(self, part)
            while let record = try cursor.next() {
                guard record.type == .varint else { continue }
                if record.number == 1 { seconds = Int64(bitPattern: try protobufBits(record)) }
                if record.number == 2 { nanoseconds = Int64(Int32(truncatingIfNeeded: try protobufBits(record))) }
            }
        }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(nanoseconds)
        return overflow || carry ? nil : sum
    }
}
