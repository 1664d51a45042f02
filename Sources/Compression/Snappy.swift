internal import CSnappy

/// The Snappy block format (no framing), as Parquet's SNAPPY codec wants it.
public enum Snappy {
    /// How many bytes `count` bytes may become at worst.
    public static func maximumSize(of count: Int) -> Int {
        snappy_max_compressed_length(count)
    }

    /// Compresses bytes into `output`.
    ///
    /// - Returns: how many bytes it wrote.
    /// - Throws: the library's refusal; only an `output` below `maximumSize` causes one.
    public static func compress(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> Int {
        // The library writes without looking at the room that it is given.
        guard output.count >= maximumSize(of: input.count) else { throw CompressionError("snappy", "the output buffer is too small") }
        var count = output.count
        let status = snappy_compress(
            input.baseAddress?.assumingMemoryBound(to: CChar.self),
            input.count,
            output.baseAddress?.assumingMemoryBound(to: CChar.self),
            &count
        )
        guard status == SNAPPY_OK else { throw CompressionError("snappy", "status \(status.rawValue)") }
        return count
    }
}
