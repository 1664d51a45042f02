internal import ROS

/// Puts other bytes in place of a message's picture and leaves everything else of the message as it was.
///
/// ROS 1 counts an array's bytes in 32 bits before them, little-endian; CDR in 32 bits in the order that its header names, and aligns what
/// follows to 8 bytes at most (DDS-XTypes 1.3, 7.4); protobuf in a varint.
public struct ImageSplice {
    /// How the messages of a channel are serialised.
    public enum Serialisation: Hashable, Sendable {
        case ros1
        case cdr
        case protobuf

        /// - Parameter messageEncoding: as MCAP names it.
        public init?(messageEncoding: String) {
            switch messageEncoding {
            case "ros1": self = .ros1
            case "cdr": self = .cdr
            case "protobuf": self = .protobuf
            default: return nil
            }
        }
    }

    private let serialisation: Serialisation

    /// A way to change messages of one serialisation.
    public init(_ serialisation: Serialisation) {
        self.serialisation = serialisation
    }

    /// How many bytes must be added to a picture so that what follows it in the message stays aligned, 0 to 7.
    ///
    /// - Parameter count: how many bytes the new picture has.
    public func padding(of picture: ImagePayload, in payload: Payload, count: Int) -> Int {
        guard serialisation == .cdr, case .range(let range) = picture.blob, range.upperBound < payload.bytes.count else { return 0 }
        return ((range.count - count) % 8 + 8) % 8
    }

    /// The message with other bytes for its picture; nil where it does not hold them as its serialisation says.
    ///
    /// - Parameter bytes: the new picture, padded.
    public func message(_ payload: Payload, replacing picture: ImagePayload, by bytes: [UInt8]) -> [UInt8]? {
        guard case .range(let range) = picture.blob, picture.part == 0..<range.count else { return nil }
        let message = payload.bytes
        guard range.lowerBound >= 0, range.upperBound <= message.count else { return nil }
        guard let old = count(range.count, message), let new = count(bytes.count, message) else { return nil }
        let start = range.lowerBound - old.count
        guard start >= 0, message[start..<range.lowerBound].elementsEqual(old) else { return nil }
        if serialisation == .cdr, range.upperBound < message.count, (bytes.count - range.count) % 8 != 0 { return nil }
        return Array(message[..<start]) + new + bytes + Array(message[range.upperBound...])
    }

    /// The message with its picture's bytes changed where they lie.
    public func message(_ payload: Payload, changing picture: ImagePayload, _ body: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows
        -> [UInt8]?
    {
        guard case .range(let range) = picture.blob else { return nil }
        var message = Array(payload.bytes)
        let start = range.lowerBound + picture.part.lowerBound
        guard start >= 0, picture.part.count <= message.count - start else { return nil }
        try message.withUnsafeMutableBytes { try body(UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + picture.part.count])) }
        return message
    }

    /// A count as it stands before an array's bytes.
    private func count(_ count: Int, _ message: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let number = UInt32(exactly: count) else { return nil }
        let little = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
        switch serialisation {
        case .ros1: return little
        case .cdr:
            // Of the representations only plain CDR, 0 and 1, has no counts around its fields.
            guard message.count >= 4, message[0] == 0, message[1] <= 1 else { return nil }
            return message[1] == 1 ? little : little.reversed()
        case .protobuf:
            var varint: [UInt8] = []
            var rest = number
            while rest >= 128 {
                varint.append(UInt8(rest & 127) | 128)
                rest >>= 7
            }
            return varint + [UInt8(rest)]
        }
    }
}
