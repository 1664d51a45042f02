extension MCAPFile {
    /// Whether any messages lie outside chunks, where no message index lists them.
    public var hasMessagesOutsideChunks: Bool { !outside.isEmpty }

    /// Between which log times a chunk's messages lie, as far as is known; all of time where nothing is.
    ///
    /// - Parameter number: less than `storedChunkCount`.
    public func timeSpan(ofChunk number: Int) -> ClosedRange<UInt64> {
        chunks[number].timeSpan ?? 0...UInt64.max
    }
}
