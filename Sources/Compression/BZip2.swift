internal import CBZip2

/// The bzip2 decompressor, which ROS 1 bags may use for their chunks.
public final class BZip2Decompressor: Decompressor {
    /// The compression's name, as ROS bags spell it.
    public static let format = "bz2"

    /// The library checks that the stream stays at the address at which it was set up.
    private let stream: UnsafeMutablePointer<bz_stream>
    /// Whether the library has memory for a frame, which it takes when a frame begins.
    private var isOpen = false

    /// A decompressor, which takes its memory when it is used.
    public init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
    }

    deinit {
        reset()
        stream.deallocate()
    }

    /// Forgets a frame that was begun.
    public func reset() {
        guard isOpen else { return }
        BZ2_bzDecompressEnd(stream)
        isOpen = false
    }

    /// Decompresses as much of `input` as there is room for in `output`.
    public func step(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionRefusal) -> DecompressionStep {
        // The library counts in 32 bits, so longer buffers are used piece by piece.
        let (available, room) = (min(input.count, 1 << 30), min(output.count, 1 << 30))
        guard available > 0 || isOpen else { return DecompressionStep(consumed: 0, produced: 0, endsFrame: true) }
        if !isOpen {
            stream.pointee = bz_stream()
            guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw DecompressionRefusal(words: "out of memory") }
            isOpen = true
        }
        // The library reads from what it takes as a pointer to something that may change.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
        stream.pointee.avail_in = UInt32(available)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = UInt32(room)
        let result = BZ2_bzDecompress(stream)
        guard result == BZ_OK || result == BZ_STREAM_END else {
            reset()
            throw DecompressionRefusal(words: Self.words(result))
        }
        let step = DecompressionStep(
            consumed: available - Int(stream.pointee.avail_in),
            produced: room - Int(stream.pointee.avail_out),
            endsFrame: result == BZ_STREAM_END
        )
        if step.endsFrame { reset() }
        return step
    }

    /// The library has names for its codes and no sentences.
    private static func words(_ code: Int32) -> String {
        switch code {
        case BZ_DATA_ERROR: "a checksum or a code is wrong"
        case BZ_DATA_ERROR_MAGIC: "it does not begin as bzip2 does"
        case BZ_MEM_ERROR: "out of memory"
        default: "error \(code)"
        }
    }
}
