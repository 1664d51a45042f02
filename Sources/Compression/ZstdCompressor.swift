internal import CZstd

/// The Zstandard compressor (frames as in RFC 8878), with a context that is used again.
public final class ZstdCompressor: Compressor {
    /// The compression's name, as MCAP spells it.
    public static let format = "zstd"

    /// What the writers of the format's own libraries use by default.
    private static let level: Int32 = 1

    private let context: OpaquePointer
    private let frame = FrameBuffer()

    /// A compressor with a context of its own.
    public init() throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else { throw CompressionError(Self.format, nil) }
        self.context = context
        _ = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// Makes one frame of `input` and calls `body` with it.
    public func withFrame<R>(of input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        frame.reserve(ZSTD_compressBound(input.count))
        let count = ZSTD_compress2(context, frame.bytes.baseAddress, frame.bytes.count, input.baseAddress, input.count)
        guard ZSTD_isError(count) == 0 else { throw CompressionError(Self.format, String(cString: ZSTD_getErrorName(count))) }
        return try body(frame.prefix(count))
    }
}
