internal import CZstd

/// The Zstandard compressor (frames as in RFC 8878): one frame for each call, from a context that is used again, by one
/// thread at a time.
///
/// The same bytes at the same level become the same frame, whatever was compressed before.
public final class ZstdCompressor: Compressor {
    /// The compression's name, as MCAP spells it.
    public static let format = "zstd"
    /// The library's range of levels that trade speed for size without extreme memory.
    public static let levels = 1...19

    private let context: OpaquePointer
    private let level: Int32
    private let frame = FrameBuffer()

    /// A compressor with a context of its own.
    ///
    /// - Parameter level: 1 is what the writers of MCAP's own libraries use; a level outside `levels` is moved to its nearer
    ///   end.
    public init(level: Int = 1) throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else { throw CompressionError(Self.format, nil) }
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
        guard ZSTD_isError(result) == 0 else { throw CompressionError(Self.format, String(cString: ZSTD_getErrorName(result))) }
        return result
    }

    /// Makes one frame of `input` and calls `body` with it.
    public func withFrame<R>(of input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        frame.reserve(Self.maximumSize(of: input.count))
        let count = try compress(input, into: frame.bytes)
        return try body(frame.prefix(count))
    }
}
