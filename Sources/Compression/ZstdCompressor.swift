internal import CZstd

/// The Zstandard compressor: one frame for each call, from a context that is used again, by one thread at a time.
///
/// The same bytes at the same level become the same frame, whatever was compressed before.
public final class ZstdCompressor {
    /// The library's range of levels that trade speed for size without extreme memory.
    public static let levels = 1...19

    private let context: OpaquePointer
    private let level: Int32

    /// A compressor with a context of its own; a level outside `levels` is moved to its nearer end.
    public init(level: Int) throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else { throw CompressionError("zstd", "no memory") }
        self.context = context
        self.level = Int32(min(max(level, Self.levels.lowerBound), Self.levels.upperBound))
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// How many bytes `count` bytes may become at worst.
    public static func maximumSize(of count: Int) -> Int {
        ZSTD_compressBound(count)
    }

    /// Compresses bytes into `output`.
    ///
    /// - Returns: how many bytes it wrote.
    /// - Throws: the library's refusal; an `output` below `maximumSize` and a lack of memory cause one.
    public func compress(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        let result = ZSTD_compressCCtx(context, output.baseAddress, output.count, input.baseAddress, input.count, level)
        guard ZSTD_isError(result) == 0 else { throw CompressionError("zstd", String(cString: ZSTD_getErrorName(result))) }
        return result
    }
}
