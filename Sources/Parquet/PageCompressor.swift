internal import Compression

/// Compresses the pages of all columns of a table with one context and one buffer.
final class PageCompressor {
    private var zstd: [Int: ZstdCompressor] = [:]
    private var output: [UInt8] = []

    /// Calls `body` with the compressed bytes, which are valid during the call only.
    func compress<R>(
        _ bytes: [UInt8],
        with compression: ParquetCompression,
        _ body: (UnsafeRawBufferPointer) throws -> R
    ) throws -> R {
        try bytes.withUnsafeBytes { input in
            switch compression {
            case .uncompressed: return try body(input)
            case .snappy:
                reserve(Snappy.maximumSize(of: input.count))
                return try output.withUnsafeMutableBytes { buffer in
                    let count = try Snappy.compress(input, into: buffer)
                    return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            case .zstd(let level):
                let compressor = try zstd[level] ?? ZstdCompressor(level: level)
                zstd[level] = compressor
                reserve(ZstdCompressor.maximumSize(of: input.count))
                return try output.withUnsafeMutableBytes { buffer in
                    let count = try compressor.compress(input, into: buffer)
                    return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            }
        }
    }

    private func reserve(_ count: Int) {
        if output.count < count { output = [UInt8](repeating: 0, count: count) }
    }
}
