/// A place in bytes that nobody vouches for, and reads that move it: little-endian integers, counted blobs, text.
///
/// No read goes past the end: each length is compared with what is left (by subtraction, so that a length near 2^63 can't
/// overflow) before anything is touched or allocated. A read that throws leaves the cursor where it was.
///
/// A cursor borrows its bytes: it must not outlive the closure that handed them out.
///
/// ```swift
/// let id = try message.withUnsafeBytes { bytes throws(MalformedBytes) in
///     var cursor = Cursor(bytes)
///     return try cursor.read(UInt16.self)
/// }
/// ```
public struct Cursor {
    /// All the bytes, including those already read.
    public let bytes: UnsafeRawBufferPointer
    @usableFromInline var position = 0

    /// A cursor at the start of the bytes.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The place of the next read, in bytes from the start; between 0 and `bytes.count`.
    @inlinable
    public var offset: Int { position }

    /// How many bytes are left to read.
    @inlinable
    public var remaining: Int { bytes.count - position }

    /// Whether everything was read.
    @inlinable
    public var isAtEnd: Bool { position == bytes.count }

    /// The next integer, little-endian, at any alignment.
    @inlinable
    public mutating func read<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) throws(MalformedBytes) -> T {
        let size = MemoryLayout<T>.size
        guard size <= bytes.count - position else { throw missing(size) }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: T.self)
        position += size
        return T(littleEndian: value)
    }

    /// The next `count` bytes, which stay where they are.
    @inlinable
    public mutating func read(count: Int) throws(MalformedBytes) -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - position else { throw missing(count < 0 ? nil : count) }
        let part = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
        position += count
        return part
    }

    /// The bytes after a 32-bit length, little-endian.
    @inlinable
    public mutating func readCounted32() throws(MalformedBytes) -> UnsafeRawBufferPointer {
        let start = position
        let count = Int(try read(UInt32.self))
        guard count <= bytes.count - position else {
            defer { position = start }
            throw missing(count)
        }
        return try read(count: count)
    }

    /// The bytes after a 64-bit length, little-endian.
    @inlinable
    public mutating func readCounted64() throws(MalformedBytes) -> UnsafeRawBufferPointer {
        let start = position
        let declared = try read(UInt64.self)
        guard let count = Int(exactly: declared), count <= bytes.count - position else {
            defer { position = start }
            throw missing(Int(exactly: declared))
        }
        return try read(count: count)
    }

    /// The text after a 32-bit length in bytes; bytes that are not UTF-8 are replaced by U+FFFD.
    @inlinable
    public mutating func readText() throws(MalformedBytes) -> String {
        String(decoding: try readCounted32(), as: UTF8.self)
    }

    /// Moves past `count` bytes.
    @inlinable
    public mutating func skip(_ count: Int) throws(MalformedBytes) {
        _ = try read(count: count)
    }

    @usableFromInline
    func missing(_ needed: Int?) -> MalformedBytes {
        MalformedBytes(offset: position, needed: needed, available: remaining)
    }
}
