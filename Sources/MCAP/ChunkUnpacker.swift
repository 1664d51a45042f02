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
        guard let declared = head.plausibleSize else {
            throw Failure(words: "It says that it holds \(head.uncompressedSize) bytes in \(head.records.count), more than any chunk may.")
        }
        do throws(DecompressionError) {
            return try decompressor.decompress(head.records, exactly: declared)
        } catch {
            throw Failure(words: error.description)
        }
    }

    /// Decompresses as much as can be had of a chunk that is cut.
    func unpackPrefix(_ head: ChunkHead) {
        let limit = head.sizeOfWhatIsLeft
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

extension ChunkHead {
    private var mostBytes: Int { DecompressionLimit.bytes(heldBy: records.count, atMost: MCAPFile.maximumChunkSize) }

    /// The size that a compressed chunk's records are said to have; `nil` where no recorder would write such a chunk.
    var plausibleSize: Int? { Int(exactly: uncompressedSize).flatMap { $0 <= mostBytes ? $0 : nil } }

    /// As much as may be had of a compressed chunk that is cut; the size of one that was never closed isn't filled in.
    var sizeOfWhatIsLeft: Int {
        let declared = Int(exactly: uncompressedSize) ?? .max
        return declared == 0 ? mostBytes : min(declared, mostBytes)
    }
}
