import Compression

/// Decompresses chunks of a damaged file one at a time.
final class ChunkUnpacker {
    /// A chunk that can't be decompressed, and why.
    struct Failure: Error {
        /// A sentence.
        let words: String
    }

    private let zstd: ZstdDecompressor
    private let lz4: LZ4Decompressor
    private var unpacked: [UInt8] = []

    init() throws(DecompressionError) {
        zstd = try ZstdDecompressor()
        lz4 = try LZ4Decompressor()
    }

    /// Decompresses a chunk for `withRecords`.
    func unpack(_ head: ChunkHead) throws(Failure) {
        unpacked = []
        switch head.compression {
        case .none: break
        case .zstd: unpacked = try unpack(head, with: zstd)
        case .lz4: unpacked = try unpack(head, with: lz4)
        case .unknown(let name): throw Failure(words: "Its compression, “\(name)”, isn't known.")
        }
    }

    private func unpack(_ head: ChunkHead, with decompressor: some Decompressor) throws(Failure) -> [UInt8] {
        guard let declared = Int(exactly: head.uncompressedSize), declared <= MCAPFile.maximumChunkSize else {
            throw Failure(words: "It says that it holds \(head.uncompressedSize) bytes, more than any chunk may.")
        }
        do throws(DecompressionError) {
            return try decompressor.decompress(head.records, exactly: declared)
        } catch {
            throw Failure(words: error.description)
        }
    }

    /// Decompresses as much as can be had of a chunk that is cut.
    func unpackPrefix(_ head: ChunkHead) {
        // The size of a chunk that was never closed isn't filled in.
        let declared = Int(exactly: head.uncompressedSize) ?? .max
        let limit = declared == 0 ? MCAPFile.maximumChunkSize : min(declared, MCAPFile.maximumChunkSize)
        switch head.compression {
        case .none, .unknown: unpacked = []
        case .zstd: unpacked = zstd.decompressPrefix(head.records, atMost: limit).bytes
        case .lz4: unpacked = lz4.decompressPrefix(head.records, atMost: limit).bytes
        }
    }

    /// Calls `body` with the records of the chunk that was decompressed last.
    func withRecords(of head: ChunkHead, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if case .none = head.compression { return try body(head.records) }
        try unpacked.withUnsafeBytes(body)
    }
}
