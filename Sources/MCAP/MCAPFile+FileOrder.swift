import Bytes
import ExportCore

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

    /// Lists all messages of some channels in the order of the file, in memory that does not grow with it.
    ///
    /// The same messages as `index(ofChannels:)`.
    ///
    /// - Parameters:
    ///   - startingOver: called where the file's own indexes turn out to be wrong; all that `body` got counts for nothing then, and it
    ///     gets everything anew.
    ///   - body: takes one message's entry.
    /// - Throws: `CancellationError`; what `body` throws.
    public func forEachEntryInFileOrder(
        ofChannels wanted: Set<UInt16>,
        startingOver: () -> Void,
        _ body: (MessageEntry) throws -> Void
    ) throws {
        try mapped.withBytes { bytes in
            let members = ChannelSet(wanted)
            let counts = try list(members, bytes, body)
            guard countsAreDeclared, let wrong = firstMiscounted(counts, wanted), !chunks.contains(where: \.isUnreadable) else { return }
            for number in chunks.indices { chunks[number].hasWrongIndex = true }
            startingOver()
            correctCounts(try list(members, bytes, body), wanted, wrong)
        }
    }

    /// - Returns: how many there are of each channel.
    private func list(
        _ members: ChannelSet,
        _ bytes: UnsafeRawBufferPointer,
        _ body: (MessageEntry) throws -> Void
    ) throws -> ChannelCounts {
        var counts = ChannelCounts()
        var entries: [MessageEntry] = []
        try forEachPart { part throws in
            entries.removeAll(keepingCapacity: true)
            switch part {
            case .outside(let stretch):
                var walker = RecordWalker(bytes, from: stretch.start, to: stretch.end)
                try append(&entries, members, &walker, MessageLocation.outside)
            case .chunk(let number):
                try list(chunk: number, members, bytes, &entries)
            }
            // Parts come in the order of the file; an index may list the messages of a chunk in any.
            for entry in entries.ordered(by: { $0.offset < $1.offset }) {
                counts.add(entry.channel)
                try body(entry)
            }
        }
        return counts
    }

    /// By its indexes where these can be used, else by its messages; nothing where it can't be read.
    func list(
        chunk number: Int,
        _ members: ChannelSet,
        _ bytes: UnsafeRawBufferPointer,
        _ entries: inout [MessageEntry]
    ) throws {
        if chunks[number].isUnreadable || appendIndexed(&entries, members, number, bytes) { return }
        try withRecords(ofChunk: number, bytes) { records in
            var walker = RecordWalker(records)
            try append(&entries, members, &walker, UInt32(number))
            reportRest(of: walker, inChunk: number)
        }
    }

    private func place(_ entry: MessageEntry) -> UInt64 {
        guard entry.chunk != MessageLocation.outside, Int(entry.chunk) < chunks.count else { return entry.offset }
        return UInt64(chunks[Int(entry.chunk)].offset)
    }
}
