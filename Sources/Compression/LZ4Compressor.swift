internal import CLZ4

/// The compressor of the LZ4 frame format (magic 04 22 4D 18), with memory that is used again.
public final class LZ4Compressor: Compressor {
    /// The compression's name, as MCAP spells it.
    public static let format = "lz4"

    private let frame = FrameBuffer()

    /// A compressor with memory of its own.
    public init() {}

    /// Makes one frame of `input` and calls `body` with it.
    public func withFrame<R>(of input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max4MB
        preferences.frameInfo.contentSize = UInt64(input.count)
        frame.reserve(LZ4F_compressFrameBound(input.count, &preferences))
        let count = LZ4F_compressFrame(frame.bytes.baseAddress, frame.bytes.count, input.baseAddress, input.count, &preferences)
        guard LZ4F_isError(count) == 0 else { throw CompressionError(Self.format, String(cString: LZ4F_getErrorName(count))) }
        return try body(frame.prefix(count))
    }
}
