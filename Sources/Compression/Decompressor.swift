/// A decompressor of one format that is kept and used again, by one thread at a time.
///
/// The input may be several frames one after the other, as both formats allow. Sizes that a file declares are hostile:
/// memory is reserved in proportion to the compressed bytes and grows only as bytes are really produced.
public protocol Decompressor: AnyObject {
    /// The compression's name, as MCAP spells it.
    static var format: String { get }

    /// Forgets a frame that was begun.
    func reset()

    /// Decompresses as much of `input` as there is room for in `output`.
    ///
    /// - Returns: how many bytes were taken and made, and whether a frame ended exactly there.
    /// - Throws: the library's words, as `DecompressionError.Kind.refused`.
    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(DecompressionRefusal) -> DecompressionStep

    /// Decompresses bytes of which the decompressed size is known.
    ///
    /// - Parameters:
    ///   - input: is asked for all its bytes once and in order, where the format can do that piece by piece.
    ///   - checksums: are continued over the input and over what is made of it.
    /// - Throws: also where the bytes hold more or fewer than `count`.
    func decompress(
        _ input: some CompressedInput,
        exactly count: Int,
        _ checksums: inout PairedChecksums
    ) throws(DecompressionError) -> [UInt8]
}

/// What one call of a decompressor did.
public struct DecompressionStep: Sendable {
    var consumed: Int
    var produced: Int
    var endsFrame: Bool
}

/// The words with which a library refused compressed bytes.
public struct DecompressionRefusal: Error {
    var words: String
}

extension Decompressor {
    /// Decompresses bytes of which the decompressed size is known.
    ///
    /// - Throws: also where the bytes hold more or fewer than `count`.
    public func decompress(_ input: UnsafeRawBufferPointer, exactly count: Int) throws(DecompressionError) -> [UInt8] {
        var none = PairedChecksums()
        return try decompress(input, exactly: count, &none)
    }

    /// Decompresses bytes of which the decompressed size is known.
    public func decompress(
        _ input: some CompressedInput,
        exactly count: Int,
        _ checksums: inout PairedChecksums
    ) throws(DecompressionError) -> [UInt8] {
        try decompressGrowing(input, exactly: count, &checksums)
    }

    /// The same in memory that grows as bytes are produced.
    func decompressGrowing(
        _ input: some CompressedInput,
        exactly count: Int,
        _ checksums: inout PairedChecksums
    ) throws(DecompressionError) -> [UInt8] {
        let (bytes, failure) = input.withBytes(0..<input.count) {
            checksums.take($0)
            return decompressPrefix($0, atMost: count)
        }
        if let failure { throw failure }
        guard bytes.count == count else {
            throw DecompressionError(Self.format, .tooShort(produced: bytes.count), expected: count)
        }
        bytes.withUnsafeBytes { checksums.make($0) }
        return bytes
    }

    /// Decompresses bytes of which the decompressed size is not known, up to a limit.
    ///
    /// - Throws: also where the bytes hold more than `limit`.
    public func decompress(_ input: UnsafeRawBufferPointer, atMost limit: Int) throws(DecompressionError) -> [UInt8] {
        let (bytes, failure) = decompressPrefix(input, atMost: limit)
        if let failure { throw failure }
        return bytes
    }

    /// Decompresses what can be had of bytes that may be cut off or damaged.
    ///
    /// - Returns: the bytes before the cut, the damage or the limit, and what stopped there; `nil` if nothing did.
    public func decompressPrefix(_ input: UnsafeRawBufferPointer, atMost limit: Int) -> (bytes: [UInt8], failure: DecompressionError?) {
        reset()
        var run = DecompressionRun(input: input)
        var end = DecompressionRun.End.outputFull
        var bytes: [UInt8] = []
        var capacity = initialCapacity(limit, for: input.count)
        while true {
            let before = bytes
            bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                let output = UnsafeMutableRawBufferPointer(buffer)
                output.copyBytes(from: before)
                (end, count) = run.fill(output, from: before.count, with: self)
            }
            guard case .outputFull = end, bytes.count < limit else { break }
            capacity = min(limit, max(1 << 16, 2 * bytes.count))
        }
        switch end {
        case .complete: return (bytes, nil)
        case .outputFull: return (bytes, DecompressionError(Self.format, .tooLong, expected: limit))
        case .truncated: return (bytes, DecompressionError(Self.format, .truncated, expected: limit))
        case .refused(let words): return (bytes, DecompressionError(Self.format, .refused(words), expected: limit))
        }
    }

    /// How much memory the size of the input justifies before anything is produced.
    func initialCapacity(_ limit: Int, for inputBytes: Int) -> Int {
        let (justified, overflow) = inputBytes.multipliedReportingOverflow(by: 16)
        return max(0, min(limit, overflow ? limit : max(justified, 1 << 20)))
    }
}

/// One pass over compressed bytes, which may stop for more room and go on.
private struct DecompressionRun {
    enum End {
        case complete
        case outputFull
        case truncated
        case refused(String)
    }

    let input: UnsafeRawBufferPointer
    private var consumed = 0
    private var isBetweenFrames = true

    init(input: UnsafeRawBufferPointer) {
        self.input = input
    }

    /// Fills `output` from `start` on; the number that it gives is where the filled part ends.
    mutating func fill(_ output: UnsafeMutableRawBufferPointer, from start: Int, with decompressor: some Decompressor) -> (End, filled: Int)
    {
        var filled = start
        while true {
            if isBetweenFrames, consumed == input.count { return (.complete, filled) }
            let step: DecompressionStep
            do {
                step = try decompressor.step(
                    UnsafeRawBufferPointer(rebasing: input[consumed...]),
                    into: UnsafeMutableRawBufferPointer(rebasing: output[filled...])
                )
            } catch {
                return (.refused(error.words), filled)
            }
            consumed += step.consumed
            filled += step.produced
            isBetweenFrames = step.endsFrame
            // Input may be used up while the library still holds output, so only a call that did nothing says that it is stuck.
            if step.consumed == 0, step.produced == 0 { return (filled < output.count ? .truncated : .outputFull, filled) }
        }
    }
}
