internal import Bytes
internal import Compression

/// What a fragment's file holds and where, kept behind its pages.
///
/// All numbers are little-endian. The description ends with a trailer: its size in 64 bits, its CRC-32 and a mark.
struct FragmentDescription: Sendable {
    /// A stretch of the file.
    struct Extent: Equatable, Sendable {
        var offset: Int64
        var count: Int64
        var range: Range<Int64> { offset..<offset + count }
    }

    /// A column chunk and its pages in their order.
    struct Chunk: Sendable {
        var chunk: EncodedChunk
        var extents: [Extent]
    }

    /// A top-level field.
    struct Field: Sendable {
        /// The field's schema elements, by which its place in the table is found.
        var signature: [UInt8]
        var chunks: [Chunk]
    }

    static let trailerBytes = 20
    private static let mark = Array("ROWGRP01".utf8)
    /// No description comes near this; a damaged size must not reserve memory.
    private static let maximumBytes = 1 << 28

    var rows: Int
    var fields: [Field]

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(number: Int64(rows))
        bytes.append(number: Int32(fields.count))
        for field in fields {
            bytes.append(counted: field.signature)
            bytes.append(number: Int32(field.chunks.count))
            for stored in field.chunks {
                let chunk = stored.chunk
                bytes.append(number: chunk.codec)
                bytes.append(number: chunk.valueCount)
                bytes.append(number: chunk.uncompressedBytes)
                bytes.append(number: chunk.compressedBytes)
                bytes.append(number: chunk.dictionaryBytes)
                bytes.append(number: chunk.plainPages)
                bytes.append(number: chunk.indexPages)
                bytes.append(number: chunk.nullCount)
                bytes.append(optional: chunk.minimum)
                bytes.append(optional: chunk.maximum)
                bytes.append(number: Int32(stored.extents.count))
                for extent in stored.extents {
                    bytes.append(number: extent.offset)
                    bytes.append(number: extent.count)
                }
            }
        }
        let count = bytes.count
        let checksum = CRC32.of(bytes)
        bytes.append(number: Int64(count))
        bytes.append(number: checksum)
        return bytes + Self.mark
    }

    /// The size that a trailer tells, if it is one.
    static func bodyBytes(trailer: [UInt8]) -> Int? {
        guard trailer.count == trailerBytes, trailer.suffix(8) == mark[...] else { return nil }
        let count = trailer.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
        return (0...Int64(maximumBytes)).contains(count) ? Int(count) : nil
    }
}

extension FragmentDescription {
    /// Reads a description, if it is whole and speaks of nothing beyond the file's pages.
    init?(_ body: [UInt8], trailer: [UInt8], pageBytes: Int64) {
        guard trailer.withUnsafeBytes({ $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }) == CRC32.of(body) else { return nil }
        let description = body.withUnsafeBytes { bytes -> FragmentDescription? in
            var cursor = Cursor(bytes)
            return try? FragmentDescription(from: &cursor, pageBytes: pageBytes)
        }
        guard let description else { return nil }
        self = description
    }

    private init(from cursor: inout Cursor, pageBytes: Int64) throws(MalformedBytes) {
        rows = Int(try cursor.read(Int64.self))
        fields = []
        for _ in 0..<(try cursor.read(UInt32.self)) {
            var field = Field(signature: Array(try cursor.readCounted32()), chunks: [])
            for _ in 0..<(try cursor.read(UInt32.self)) { field.chunks.append(try Chunk(from: &cursor, pageBytes: pageBytes)) }
            fields.append(field)
        }
        guard rows >= 0, cursor.isAtEnd else { throw MalformedBytes(offset: cursor.offset, needed: 0, available: cursor.remaining) }
    }
}

extension FragmentDescription.Chunk {
    fileprivate init(from cursor: inout Cursor, pageBytes: Int64) throws(MalformedBytes) {
        chunk = EncodedChunk(codec: try cursor.read(Int32.self))
        chunk.valueCount = try cursor.read(Int64.self)
        chunk.uncompressedBytes = try cursor.read(Int64.self)
        chunk.compressedBytes = try cursor.read(Int64.self)
        chunk.dictionaryBytes = try cursor.read(Int64.self)
        chunk.plainPages = try cursor.read(Int32.self)
        chunk.indexPages = try cursor.read(Int32.self)
        chunk.nullCount = try cursor.read(Int64.self)
        chunk.minimum = try cursor.readOptional()
        chunk.maximum = try cursor.readOptional()
        extents = []
        var left = chunk.compressedBytes
        for _ in 0..<(try cursor.read(UInt32.self)) {
            let extent = FragmentDescription.Extent(offset: try cursor.read(Int64.self), count: try cursor.read(Int64.self))
            guard extent.offset >= 0, extent.count > 0, extent.offset <= pageBytes, extent.count <= pageBytes - extent.offset,
                extent.count <= left
            else { throw MalformedBytes(offset: cursor.offset, needed: nil, available: cursor.remaining) }
            left -= extent.count
            extents.append(extent)
        }
        guard left == 0 else { throw MalformedBytes(offset: cursor.offset, needed: nil, available: cursor.remaining) }
    }
}

extension Cursor {
    /// Bytes that may be missing, which is told by a byte before them.
    fileprivate mutating func readOptional() throws(MalformedBytes) -> [UInt8]? {
        guard try read(UInt8.self) == 1 else { return nil }
        return Array(try readCounted32())
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: some FixedWidthInteger & BitwiseCopyable) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(counted bytes: [UInt8]) {
        append(number: UInt32(truncatingIfNeeded: bytes.count))
        append(contentsOf: bytes)
    }

    fileprivate mutating func append(optional bytes: [UInt8]?) {
        append(bytes == nil ? 0 : 1)
        if let bytes { append(counted: bytes) }
    }
}
