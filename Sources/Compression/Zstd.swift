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

    /// Decompresses bytes of which the decompressed size is known, straight to where they stay, in pieces of a block each.
    public func decompress(
        _ input: UnsafeRawBufferPointer,
        exactly count: Int,
        taking: (_ end: Int) -> Void,
        made: (UnsafeRawBufferPointer) -> Void
    ) throws(DecompressionError) -> [UInt8] {
        // Memory is reserved at once only where the size is plausible.
        let isPlausible = count > 0 && initialCapacity(count, for: input) == count
        var failure: DecompressionError.Kind?
        let bytes = [UInt8](unsafeUninitializedCapacity: isPlausible ? count : 0) { buffer, filled in
            guard isPlausible else { return }
            let output = UnsafeMutableRawBufferPointer(buffer)
            reset()
            if count <= Self.largestInPieces, keepsOutputInPlace(true) {
                failure = decompressInPieces(input, into: output, &filled, taking, made)
                // Within a frame the library takes no parameters.
                reset()
                _ = keepsOutputInPlace(false)
            } else {
                taking(input.count)
                failure = decompressAtOnce(input, into: output, &filled)
                made(UnsafeRawBufferPointer(rebasing: output[..<filled]))
            }
        }
        if let failure { throw DecompressionError(Self.format, failure, expected: count) }
        guard isPlausible else {
            taking(input.count)
            let bytes = try decompress(input, atMost: count)
            guard bytes.count == count else { throw DecompressionError(Self.format, .tooShort(produced: bytes.count), expected: count) }
            bytes.withUnsafeBytes(made)
            return bytes
        }
        guard bytes.count == count else { throw DecompressionError(Self.format, .tooShort(produced: bytes.count), expected: count) }
        return bytes
    }

    /// Beyond this, a frame's window may be larger than what decompressing in pieces takes.
    private static let largestInPieces = 64 << 20
    /// The most that the beginning of a frame takes, by which the library finds out how much it needs.
    private static let shortestPiece = 5

    /// Asks the library to write to the output and to look back in it, without a window of its own.
    ///
    /// - Returns: whether it does: that is an experimental parameter of it.
    private func keepsOutputInPlace(_ flag: Bool) -> Bool {
        ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_experimentalParam2, flag ? 1 : 0)) == 0
    }

    private func decompressAtOnce(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        _ filled: inout Int
    ) -> DecompressionError.Kind? {
        let result = ZSTD_decompressDCtx(context, output.baseAddress, output.count, input.baseAddress, input.count)
        guard ZSTD_isError(result) == 0 else { return .refused(String(cString: ZSTD_getErrorName(result))) }
        filled = result
        return nil
    }

    private func decompressInPieces(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        _ filled: inout Int,
        _ taking: (_ end: Int) -> Void,
        _ made: (UnsafeRawBufferPointer) -> Void
    ) -> DecompressionError.Kind? {
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        var taken = 0
        // How much the library wants next: a whole block, which it then needn't gather; 0 at the end of a frame.
        var wanted = 0
        while taken < input.count {
            let piece = UnsafeRawBufferPointer(rebasing: input[taken...].prefix(wanted == 0 ? Self.shortestPiece : wanted))
            taking(taken + piece.count)
            var source = ZSTD_inBuffer(src: piece.baseAddress, size: piece.count, pos: 0)
            let before = target.pos
            wanted = ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(wanted) == 0 else { return .refused(String(cString: ZSTD_getErrorName(wanted))) }
            guard source.pos > 0 || target.pos > before else { return .tooLong }
            taken += source.pos
            filled = target.pos
            made(UnsafeRawBufferPointer(rebasing: output[before..<filled]))
        }
        return wanted == 0 ? nil : .truncated
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
