internal import CLZ4

/// The decompressor of the LZ4 frame format (magic 04 22 4D 18), with a context that is used again.
public final class LZ4Decompressor: Decompressor {
    /// The compression's name, as MCAP spells it.
    public static let format = "lz4"

    private let context: OpaquePointer

    /// A decompressor with a context of its own.
    public init() throws(DecompressionError) {
        var context: OpaquePointer?
        guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0, let context else {
            throw DecompressionError(Self.format, .noMemory, expected: 0)
        }
        self.context = context
    }

    deinit {
        LZ4F_freeDecompressionContext(context)
    }

    /// Forgets a frame that was begun.
    public func reset() {
        LZ4F_resetDecompressionContext(context)
    }

    /// Decompresses as much of `input` as there is room for in `output`.
    public func step(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionRefusal) -> DecompressionStep {
        var consumed = input.count
        var produced = output.count
        let result = LZ4F_decompress(context, output.baseAddress, &produced, input.baseAddress, &consumed, nil)
        guard LZ4F_isError(result) == 0 else { throw DecompressionRefusal(words: String(cString: LZ4F_getErrorName(result))) }
        return DecompressionStep(consumed: consumed, produced: produced, endsFrame: result == 0)
    }
}
