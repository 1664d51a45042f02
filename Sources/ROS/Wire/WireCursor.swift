/// A position in a payload that never leaves it.
///
/// It borrows the bytes: it must not outlive the call that hands them in.
struct WireCursor {
    let bytes: UnsafeRawBufferPointer
    let format: WireFormat
    /// Where alignment counts from: behind the encapsulation header, or the start of a parameter.
    private(set) var origin: Int
    /// Where what is being read ends: the payload, or a frame within it.
    private(set) var limit: Int
    /// How many bytes a wide character has: the payload does not say.
    var wideSize = 2
    /// Whether every wide string that was stepped over can have been meant so.
    private(set) var isPlausible = true
    /// Whether numbers are big-endian.
    let isBigEndian: Bool
    private(set) var offset: Int

    /// Starts at a payload's first field; reads the encapsulation header of CDR (OMG DDSI-RTPS 10.5, DDS-XTypes 7.6.3.1).
    init(_ bytes: UnsafeRawBufferPointer, dialect: MessageDefinition.Dialect) throws(ROSError) {
        self.bytes = bytes
        limit = bytes.count
        guard dialect == .ros2 else {
            (format, origin, offset, isBigEndian) = (.ros1, 0, 0, false)
            return
        }
        guard bytes.count >= 4 else { throw Self.truncated }
        (origin, offset) = (4, 4)
        let identifier = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt16.self))
        format = try WireFormat(identifier: identifier)
        isBigEndian = identifier & 1 == 0
    }

    /// The bytes that are left of the payload or of the frame that is being read.
    var remaining: Int { limit - offset }

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
    /// A character has 2 bytes (Fast CDR 2, UTF-16 units) or 4 (older ROS 2, one unit or one scalar in each). Some writers
    /// count a NUL at the end.
    mutating func wideString() throws(ROSError) -> String {
        var start = try wideStringStart()
        let last = start.offset + (start.count - 1) * wideSize
        if start.count > 0, wideSize == 2 ? unit(last) == 0 : scalar(last) == 0 { start.count -= 1 }
        guard wideSize == 4 else { return String(decoding: (0..<start.count).map { unit(start.offset + $0 * 2) }, as: UTF16.self) }
        var text = String.UnicodeScalarView()
        var units: [UInt16] = []
        func flush() {
            guard !units.isEmpty else { return }
            text.append(contentsOf: String(decoding: units, as: UTF16.self).unicodeScalars)
            units.removeAll(keepingCapacity: true)
        }
        for index in 0..<start.count {
            let value = scalar(start.offset + index * 4)
            if let unit = UInt16(exactly: value) {
                units.append(unit)
            } else {
                flush()
                text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
            }
        }
        flush()
        return String(text)
    }

    /// Steps over a string of wide characters.
    mutating func skipWideString() throws(ROSError) {
        let start = try wideStringStart()
        for index in 0..<start.count {
            let value = wideSize == 2 ? UInt32(unit(start.offset + index * 2)) : scalar(start.offset + index * 4)
            if value == 0 || value > 0x10FFFF { isPlausible = false }
        }
    }

    private mutating func wideStringStart() throws(ROSError) -> (offset: Int, count: Int) {
        let count = try count(minimumSize: wideSize)
        let start = offset
        try skip(count * wideSize)
        return (start, count)
    }

    private func unit(_ offset: Int) -> UInt16 {
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        return isBigEndian ? value.bigEndian : value.littleEndian
    }

    private func scalar(_ offset: Int) -> UInt32 {
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return isBigEndian ? value.bigEndian : value.littleEndian
    }

    /// Moves to the end of a delimited collection, which its elements must not have passed.
    mutating func finish(at position: Int) throws(ROSError) {
        guard offset <= position, position <= limit else {
            throw ROSError(.payload, "A message's collection is longer than it says.")
        }
        offset = position
    }

    /// What a frame was entered from.
    struct Outer {
        fileprivate let limit: Int
        fileprivate let origin: Int
    }

    /// Narrows what may be read to the next bytes.
    mutating func enter(_ count: Int, resettingOrigin: Bool = false) throws(ROSError) -> Outer {
        guard count <= remaining else { throw Self.truncated }
        let outer = Outer(limit: limit, origin: origin)
        limit = offset + count
        if resettingOrigin { origin = offset }
        return outer
    }

    /// Moves to the end of the frame that was entered, and widens what may be read again.
    mutating func leave(to outer: Outer) {
        offset = limit
        (limit, origin) = (outer.limit, outer.origin)
    }

    /// Widens what may be read again, without moving.
    mutating func widen(to outer: Outer) {
        (limit, origin) = (outer.limit, outer.origin)
    }

    /// Moves back to where something was read from.
    mutating func rewind(to position: Int) {
        offset = min(position, offset)
    }

    static var truncated: ROSError {
        ROSError(.payload, "A message ends before its last field, or claims more elements than it has room for.")
    }
}
