/// How a payload is laid out on the wire.
enum WireFormat: Int, Hashable {
    /// ROS 1: little-endian, packed.
    case ros1
    /// Plain CDR of XCDR version 1: elements aligned to their size.
    case cdr1
    /// Plain CDR of XCDR version 2: aligned to at most 4 bytes, a byte length before collections of anything but
    /// primitives.
    case cdr2

    /// The largest alignment of any element, in bytes.
    var maximumAlignment: Int {
        switch self {
        case .ros1: 1
        case .cdr1: 8
        case .cdr2: 4
        }
    }

    /// The formats that payloads of a dialect may have.
    static func formats(of dialect: MessageDefinition.Dialect) -> [WireFormat] {
        switch dialect {
        case .ros1: [.ros1]
        case .ros2: [.cdr1, .cdr2]
        }
    }
}

/// A position in a payload that never leaves it.
///
/// It borrows the bytes: it must not outlive the call that hands them in.
struct WireCursor {
    let bytes: UnsafeRawBufferPointer
    let format: WireFormat
    /// Where alignment counts from: behind the encapsulation header.
    let origin: Int
    /// Whether numbers are big-endian.
    let isBigEndian: Bool
    private(set) var offset: Int

    /// Starts at a payload's first field; reads the encapsulation header of CDR (OMG DDSI-RTPS 10.5, DDS-XTypes 7.6.3.1).
    init(_ bytes: UnsafeRawBufferPointer, dialect: MessageDefinition.Dialect) throws(ROSError) {
        self.bytes = bytes
        guard dialect == .ros2 else {
            (format, origin, offset, isBigEndian) = (.ros1, 0, 0, false)
            return
        }
        guard bytes.count >= 4 else { throw Self.truncated }
        (origin, offset) = (4, 4)
        let identifier = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt16.self))
        switch identifier {
        case 0x0000, 0x0001: format = .cdr1
        case 0x0006, 0x0007: format = .cdr2
        default: throw Self.unsupported(identifier)
        }
        isBigEndian = identifier & 1 == 0
    }

    /// The bytes that are left.
    var remaining: Int { bytes.count - offset }

    /// Where the position lies in a period of alignment.
    var phase: Int { (offset - origin) & 7 }

    /// Steps over bytes.
    mutating func skip(_ count: Int) throws(ROSError) {
        guard count <= remaining else { throw Self.truncated }
        offset += count
    }

    /// Steps over padding before an element of a size.
    mutating func align(to size: Int) throws(ROSError) {
        let alignment = min(size, format.maximumAlignment)
        try skip(-(offset - origin) & (alignment - 1))
    }

    /// Reads an aligned integer.
    mutating func load<Integer: FixedWidthInteger & BitwiseCopyable>(_ type: Integer.Type) throws(ROSError) -> Integer {
        let size = MemoryLayout<Integer>.size
        try align(to: size)
        let start = offset
        try skip(size)
        let value = bytes.loadUnaligned(fromByteOffset: start, as: type)
        return isBigEndian ? Integer(bigEndian: value) : Integer(littleEndian: value)
    }

    /// Reads the length of a string or of a delimited collection, which must not exceed what is left.
    mutating func length() throws(ROSError) -> Int {
        let length = Int(try load(UInt32.self))
        guard length <= remaining else { throw Self.truncated }
        return length
    }

    /// Reads the count of a sequence whose elements take at least so many bytes each, which must fit what is left.
    mutating func count(minimumSize: Int) throws(ROSError) -> Int {
        let count = Int(try load(UInt32.self))
        try checkRoom(count, minimumSize: minimumSize)
        return count
    }

    /// Refuses a number of elements that cannot be in the bytes that are left.
    func checkRoom(_ count: Int, minimumSize: Int) throws(ROSError) {
        guard minimumSize == 0 || count <= remaining / minimumSize else { throw Self.truncated }
    }

    /// Reads a string's place, without the NUL that CDR ends it with.
    mutating func stringRange() throws(ROSError) -> Range<Int> {
        let length = try length()
        let start = offset
        try skip(length)
        if format != .ros1, length > 0, bytes.loadUnaligned(fromByteOffset: start + length - 1, as: UInt8.self) == 0 {
            return start..<start + length - 1
        }
        return start..<start + length
    }

    /// Reads a string; bytes that are not UTF-8 are replaced.
    mutating func string() throws(ROSError) -> String {
        let range = try stringRange()
        return String(decoding: bytes[range], as: UTF8.self)
    }

    /// Reads a string of wide characters: a count, then so many.
    ///
    /// A character has 2 bytes (Fast CDR 2, UTF-16) or 4 (older ROS 2, UTF-32). The payload does not say which; 4 it is
    /// where that yields characters only.
    mutating func wideString() throws(ROSError) -> String {
        let count = try count(minimumSize: 2)
        if count > 0, let text = utf32(count: count) {
            try skip(count * 4)
            return text
        }
        var units = [UInt16]()
        units.reserveCapacity(count)
        for _ in 0..<count { units.append(try load(UInt16.self)) }
        return String(decoding: units, as: UTF16.self)
    }

    private func utf32(count: Int) -> String? {
        guard count <= remaining / 4 else { return nil }
        var text = String.UnicodeScalarView()
        for index in 0..<count {
            let value = bytes.loadUnaligned(fromByteOffset: offset + index * 4, as: UInt32.self)
            guard let scalar = Unicode.Scalar(isBigEndian ? value.bigEndian : value.littleEndian) else { return nil }
            text.append(scalar)
        }
        return String(text)
    }

    /// Moves to the end of a delimited collection, which its elements must not have passed.
    mutating func finish(at position: Int) throws(ROSError) {
        guard offset <= position, position <= bytes.count else {
            throw ROSError(.payload, "A message's collection is longer than it says.")
        }
        offset = position
    }

    static var truncated: ROSError {
        ROSError(.payload, "A message ends before its last field, or claims more elements than it has room for.")
    }

    private static func unsupported(_ identifier: UInt16) -> ROSError {
        let name =
            switch identifier {
            case 0x0002, 0x0003: "parameter-list CDR"
            case 0x0008, 0x0009: "delimited CDR 2"
            case 0x000A, 0x000B: "parameter-list CDR 2"
            default: "an encapsulation that exportd does not know"
            }
        let digits = String(identifier, radix: 16)
        return ROSError(
            .encoding,
            "A message is serialised as \(name) (identifier 0x\(String(repeating: "0", count: 4 - digits.count))\(digits)); plain CDR is supported."
        )
    }
}
