extension Decompressor {
    /// Decompresses a stream piece by piece, in memory that doesn't depend on its length.
    ///
    /// - Parameters:
    ///   - read: gives the next compressed bytes, none at the end.
    ///   - write: takes what they decompress to, which is valid during the call only.
    /// - Returns: what stopped the stream early, where it is cut off or damaged; what came before it was written.
    /// - Throws: what `read` and `write` throw.
    public func decompressStream(
        from read: () throws -> [UInt8],
        to write: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> DecompressionError? {
        reset()
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { output.deallocate() }
        var isBetweenFrames = true
        while true {
            let input = try read()
            guard !input.isEmpty else { break }
            let failure = try input.withUnsafeBytes { input throws -> DecompressionError? in
                var consumed = 0
                while true {
                    let rest = UnsafeRawBufferPointer(rebasing: input[consumed...])
                    if rest.isEmpty, isBetweenFrames { return nil }
                    let step: DecompressionStep
                    do throws(DecompressionRefusal) { step = try self.step(rest, into: output) } catch {
                        return DecompressionError(Self.format, .refused(error.words), expected: 0)
                    }
                    consumed += step.consumed
                    isBetweenFrames = step.endsFrame
                    if step.produced > 0 { try write(UnsafeRawBufferPointer(rebasing: output[..<step.produced])) }
                    if step.consumed == 0, step.produced == 0 { return nil }
                }
            }
            if let failure { return failure }
        }
        return isBetweenFrames ? nil : DecompressionError(Self.format, .truncated, expected: 0)
    }
}
