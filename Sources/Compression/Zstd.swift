internal import CZstd

/// The Zstandard decompressor (frames as in RFC 8878), with a context that is used again.
///
/// Frames whose window is larger than 128 MiB are refused, as the library does by default, and so are frames older than the format,
/// which some builds of the library read.
public final class ZstdDecompressor: Decompressor {
    /// The compression's name, as MCAP spells it.
    public static let format = "zstd"

    private let context: OpaquePointer
    /// Whether what comes next begins a frame.
    private var isBetweenFrames = true

    /// A decompressor with a context of its own.
    public init() throws(DecompressionError) {
        guard let context = ZSTD_createDCtx() else { throw DecompressionError(Self.format, .noMemory, expected: 0) }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// How many bytes of memory the context takes.
    var heldBytes: Int { ZSTD_sizeof_DCtx(context) }

    /// Forgets a frame that was begun.
    public func reset() {
        // Resetting a session can't fail; only changing parameters within a frame can.
        _ = ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        isBetweenFrames = true
    }

    /// Decompresses bytes of which the decompressed size is known, straight to where they stay, piece by piece.
    ///
    /// What a frame holds as it is, as most of compressed pictures, is summed up once for both checksums.
    public func decompress(
        _ input: some CompressedInput,
        exactly count: Int,
        _ checksums: inout PairedChecksums
    ) throws(DecompressionError) -> [UInt8] {
        // Memory is reserved at once only where the size is plausible.
        guard initialCapacity(count, for: input.count) == count else {
            return try decompressGrowing(input, exactly: count, &checksums)
        }
        var failure: DecompressionError.Kind?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let output = UnsafeMutableRawBufferPointer(buffer)
            reset()
            // A frame of nothing may still ask for the largest window, which decompressing it at once doesn't take.
            if count > 0, count <= Self.largestInPieces, keepsOutputInPlace(true) {
                failure = decompressInPieces(input, into: output, &filled, &checksums)
                // Within a frame the library takes no parameters.
                reset()
                _ = keepsOutputInPlace(false)
            } else {
                failure = input.withBytes(0..<input.count) {
                    checksums.take($0)
                    return decompressAtOnce($0, into: output, &filled)
                }
                checksums.make(UnsafeRawBufferPointer(rebasing: output[..<filled]))
            }
        }
        if let failure { throw DecompressionError(Self.format, failure, expected: count) }
        guard bytes.count == count else { throw DecompressionError(Self.format, .tooShort(produced: bytes.count), expected: count) }
        return bytes
    }

    /// Beyond this, a frame's window may be larger than what decompressing in pieces takes.
    private static let largestInPieces = 64 << 20
    /// A piece and what is made of it stay in a processor's own cache; a block is at most as long.
    private static let pieceBytes = 128 << 10

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
        var rest = input
        while let first = rest.first {
            guard Self.beginsFrame(first) else { return .refused(Self.unknownFrame) }
            let size = ZSTD_findFrameCompressedSize(rest.baseAddress, rest.count)
            // What has no size is refused below, in the library's words.
            guard ZSTD_isError(size) == 0, size > 0 else { break }
            rest = UnsafeRawBufferPointer(rebasing: rest[size...])
        }
        let result = ZSTD_decompressDCtx(context, output.baseAddress, output.count, input.baseAddress, input.count)
        guard ZSTD_isError(result) == 0 else { return .refused(String(cString: ZSTD_getErrorName(result))) }
        filled = result
        return nil
    }

    private func decompressInPieces(
        _ input: some CompressedInput,
        into output: UnsafeMutableRawBufferPointer,
        _ filled: inout Int,
        _ checksums: inout PairedChecksums
    ) -> DecompressionError.Kind? {
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        var blocks = checksums.areBoth ? ZstdBlocks() : nil
        var isFollowed = true
        // How much the library wants next; 0 at the end of a frame.
        var wanted = 0
        var failure: DecompressionError.Kind?
        for start in stride(from: 0, to: input.count, by: Self.pieceBytes) where failure == nil {
            input.withBytes(start..<min(start + Self.pieceBytes, input.count)) { piece in
                var rest = piece
                while !rest.isEmpty, failure == nil {
                    let (count, raw) = take(from: rest, &blocks, &checksums)
                    let before = target.pos
                    failure = feed(UnsafeRawBufferPointer(rebasing: rest[..<count]), into: &target, &wanted)
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                    // The library gives what is raw at once, or else nothing is known of where it went.
                    if target.pos - before < raw { isFollowed = false }
                    checksums.make(UnsafeRawBufferPointer(rebasing: output[min(before + raw, target.pos)..<target.pos]))
                }
            }
        }
        filled = target.pos
        if !isFollowed { checksums.remake(UnsafeRawBufferPointer(rebasing: output[..<filled])) }
        return failure ?? (wanted == 0 ? nil : .truncated)
    }

    /// Takes the bytes from which the library is to make something next: raw blocks, and what they end with.
    ///
    /// - Returns: how many bytes they are, and how many of raw blocks, in both checksums already; all others of them come after these.
    private func take(
        from bytes: UnsafeRawBufferPointer,
        _ blocks: inout ZstdBlocks?,
        _ checksums: inout PairedChecksums
    ) -> (count: Int, raw: Int) {
        guard blocks != nil else {
            checksums.take(bytes)
            return (bytes.count, 0)
        }
        var (count, raw) = (0, 0)
        while count < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
            switch blocks?.next(rest) {
            case .raw(let length):
                checksums.takeUnchanged(UnsafeRawBufferPointer(rebasing: rest[..<length]))
                (count, raw) = (count + length, raw + length)
            case .packed(let length, let endsBlock):
                checksums.take(UnsafeRawBufferPointer(rebasing: rest[..<length]))
                count += length
                if endsBlock { return (count, raw) }
            case nil:
                return (count, raw)
            }
        }
        return (count, raw)
    }

    /// Has the library decompress all of some bytes.
    ///
    /// - Returns: what stopped it, if anything did.
    private func feed(
        _ bytes: UnsafeRawBufferPointer,
        into target: inout ZSTD_outBuffer,
        _ wanted: inout Int
    ) -> DecompressionError.Kind? {
        var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        // The library stops at the end of each frame.
        while source.pos < source.size {
            let (taken, before) = (source.pos, target.pos)
            do throws(DecompressionRefusal) { wanted = try goOn(&target, &source) } catch { return .refused(error.words) }
            if source.pos == taken, target.pos == before { return .tooLong }
        }
        return nil
    }

    /// Decompresses as much of `input` as there is room for in `output`.
    public func step(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionRefusal) -> DecompressionStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let wanted = try goOn(&target, &source)
        return DecompressionStep(consumed: source.pos, produced: target.pos, endsFrame: wanted == 0)
    }

    /// Has the library go on in its stream.
    ///
    /// - Returns: how much it wants next; 0 at the end of a frame.
    private func goOn(_ target: inout ZSTD_outBuffer, _ source: inout ZSTD_inBuffer) throws(DecompressionRefusal) -> Int {
        let start = source.pos
        if isBetweenFrames, start < source.size {
            // The source is never without bytes here.
            let first = UnsafeRawBufferPointer(start: source.src, count: source.size)[start]
            guard Self.beginsFrame(first) else { throw DecompressionRefusal(words: Self.unknownFrame) }
        }
        let wanted = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(wanted) == 0 else { throw DecompressionRefusal(words: String(cString: ZSTD_getErrorName(wanted))) }
        isBetweenFrames = wanted == 0 || isBetweenFrames && source.pos == start
        return wanted
    }

    /// Whether a byte begins a frame of the format, or one that is skipped (RFC 8878, sections 3.1.1 and 3.1.2): all older frames,
    /// which a library may read without regard to limits, begin with another.
    private static func beginsFrame(_ first: UInt8) -> Bool { first == 0x28 || first >> 4 == 5 }

    private static var unknownFrame: String { String(cString: ZSTD_getErrorString(ZSTD_error_prefix_unknown)) }
}
