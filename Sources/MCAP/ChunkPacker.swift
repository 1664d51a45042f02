import Compression

/// Compresses chunks where that makes them noticeably smaller.
///
/// Pictures and other compressed content gain nothing, and stored as they are they can be read without being decompressed.
final class ChunkPacker {
    private let compression: MCAPWriter.Compression
    private let zstd: ZstdCompressor?
    private let lz4 = LZ4Compressor()

    // A chunk is judged by samples spread over it, together a small part of it.
    private static let sampleCount = 16
    private static let sampleBytes = 8 << 10
    // Less than this part saved is not worth a reader's time.
    private static let leastSaving = 32

    init(_ compression: MCAPWriter.Compression) throws(CompressionError) {
        self.compression = compression
        zstd = compression == .zstd ? try ZstdCompressor() : nil
    }

    /// Calls `body` with the name of the compression used and a chunk's bytes as they are to be stored.
    func withPacked(_ records: UnsafeRawBufferPointer, _ body: (String, UnsafeRawBufferPointer) throws -> Void) throws {
        switch compression {
        case .none: try body("", records)
        case .lz4: try pack(records, with: lz4, body)
        case .zstd: if let zstd { try pack(records, with: zstd, body) }
        }
    }

    private func pack<C: Compressor>(
        _ records: UnsafeRawBufferPointer,
        with compressor: C,
        _ body: (String, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard try saves(records, with: compressor) else { return try body("", records) }
        try compressor.withFrame(of: records) { frame in
            if Self.saves(frame.count, of: records.count) {
                try body(C.format, frame)
            } else {
                try body("", records)
            }
        }
    }

    /// Whether compression seems worth while.
    private func saves(_ records: UnsafeRawBufferPointer, with compressor: some Compressor) throws -> Bool {
        let sampled = Self.sampleCount * Self.sampleBytes
        guard records.count > 4 * sampled else { return true }
        let stride = (records.count - Self.sampleBytes) / (Self.sampleCount - 1)
        var packed = 0
        for number in 0..<Self.sampleCount {
            let sample = UnsafeRawBufferPointer(rebasing: records[(number * stride)...].prefix(Self.sampleBytes))
            packed += try compressor.withFrame(of: sample) { $0.count }
        }
        return Self.saves(packed, of: sampled)
    }

    private static func saves(_ packed: Int, of count: Int) -> Bool {
        count - packed > count / leastSaving
    }
}
