extension MCAPFile {
    /// The same entries in the order in which their messages lie in the file, whatever their times.
    ///
    /// - Parameter entries: entries of this file's index.
    public func inFileOrder(_ entries: [MessageEntry]) -> [MessageEntry] {
        entries.ordered { first, second in
            if first.chunk == second.chunk { return first.offset < second.offset }
            return place(first) < place(second)
        }
    }

    private func place(_ entry: MessageEntry) -> UInt64 {
        guard entry.chunk != MessageLocation.outside, Int(entry.chunk) < chunks.count else { return entry.offset }
        return UInt64(chunks[Int(entry.chunk)].offset)
    }
}
