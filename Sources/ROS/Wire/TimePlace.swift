/// Where the messages of a type hold a time, where nothing of variable size lies in front of it: as stamps in headers do.
///
/// Reading by it gives what `FieldReader.readTime` gives, without walking to the field.
public struct TimePlace: Sendable {
    private let dialect: MessageDefinition.Dialect
    private let isInstant: Bool
    /// From the start of the payload, its encapsulation header included.
    private let offset: Int

    /// - Returns: nil where the path leads to no single time, or not always to the same place.
    init?(_ plan: PathPlan, dialect: MessageDefinition.Dialect, kind: MessageDefinition.TimeKind) {
        guard plan.leafFraming == .plain else { return nil }
        var offset = 0
        for level in plan.levels {
            guard level.framing == .plain, level.field.shape == .single, !level.field.traits.isOptional else { return nil }
            for step in level.before.joined() {
                guard case .fixed(let advance) = step else { return nil }
                offset += advance[offset & 7]
            }
        }
        if dialect == .ros2 { offset = (offset + 3) & ~3 }
        self.dialect = dialect
        isInstant = kind == .instant
        self.offset = dialect == .ros2 ? offset + Self.encapsulationSize : offset
    }

    private static let encapsulationSize = 4
    /// Plain CDR of version 1, little-endian (DDSI-RTPS 2.3, 10.5), as bytes in a number.
    private static let littleEndianCDR: UInt16 = 0x0001

    /// The time in nanoseconds.
    ///
    /// - Parameter payload: a message, or its first bytes.
    /// - Returns: nil where these are too few, or where the message is serialised in a less usual way.
    @inline(__always)
    public func read(_ payload: UnsafeRawBufferPointer) -> Int64? {
        guard payload.count - 8 >= offset else { return nil }
        if dialect == .ros2 {
            guard UInt16(bigEndian: payload.loadUnaligned(as: UInt16.self)) == Self.littleEndianCDR else { return nil }
        }
        return WireCursor.time(
            seconds: UInt32(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt32.self)),
            nanoseconds: UInt32(littleEndian: payload.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)),
            dialect: dialect,
            isInstant: isInstant
        )
    }
}
