internal import CZstd

/// The Zstandard decompressor (frames as in RFC 8878), with a context that is used again.
///
/// Frames whose window is larger than 128 MiB are refused, as the library does by default.
public final class ZstdDecompressor: Decompressor {
    /// The compression's name, as MCAP spells it.
    public static let format = "zstd"

    private let context: OpaquePointer

    /// A decompressor with a context of its own.
    public init() throws(DecompressionError) {
        guard let context = ZSTD_createDCtx() else { throw DecompressionError(Self.format, .noMemory, expected: 0) }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// Forgets a frame that was begun.
    public func reset() {
        // Resetting a session can't fail; only changing parameters within a frame can.
        _ = ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    }

    /// Decompresses bytes of which the decompressed size is known, in one call where the size is plausible.
    public func decompress(_ input: UnsafeRawBufferPointer, exactly count: Int) throws(DecompressionError) -> [UInt8] {
        // One call writes into its target directly; streaming goes through a window buffer where a frame doesn't tell its size.
        guard count > 0, initialCapacity(count, for: input) == count else {
            let bytes = try decompress(input, atMost: count)
            guard bytes.count == count else { throw DecompressionError(Self.format, .tooShort(produced: bytes.count), expected: count) }
            return bytes
        }
        reset()
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, produced in
            result = ZSTD_decompressDCtx(context, buffer.baseAddress, count, input.baseAddress, input.count)
            produced = ZSTD_isError(result) == 0 ? result : 0
        }
        guard ZSTD_isError(result) == 0 else {
            throw DecompressionError(Self.format, .refused(String(cString: ZSTD_getErrorName(result))), expected: count)
        }
        guard bytes.count == count else { throw DecompressionError(Self.format, .tooShort(produced: bytes.count), expected: count) }
        return bytes
    }

    /// Decompresses as much of `input` as there is room for in `output`.
    public func step(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionRefusal) -> DecompressionStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(result) == 0 else { throw DecompressionRefusal(words: String(cString: ZSTD_getErrorName(result))) }
        return DecompressionStep(consumed: source.pos, produced: target.pos, endsFrame: result == 0)
    }
}
