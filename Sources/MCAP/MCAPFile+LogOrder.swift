import Bytes
import ExportCore

extension MCAPFile {
    /// Reads messages by log time; of messages at the same time, those first that come first in the file.
    ///
    /// Only the chunks that hold messages of the current moment are kept, so memory depends on how far chunks overlap in time
    /// and never on the file's size. Where they overlap by more than `cacheLimit`, they are decompressed again and again.
    /// Chunks without wanted messages aren't decompressed where their indexes can be relied on.
    ///
    /// A chunk is opened when its declared time has come. One that turns out to hold earlier messages gives them late, which
    /// is a problem listed. Messages of chunks that can't be read are left out, which is a problem listed.
    ///
    /// - Parameters:
    ///   - wanted: the channels; `nil` = all messages, also those of channels that nothing describes.
    ///   - start: the first log time, in nanoseconds; `nil` = from the first message.
    ///   - end: the log time before which reading ends, in nanoseconds; `nil` = to the last message.
    ///   - body: takes where the message is, its head, and its data, which is valid during the call only.
    /// - Throws: `CancellationError`; what `body` throws.
    public func forEachInLogOrder(
        ofChannels wanted: Set<UInt16>?,
        from start: UInt64? = nil,
        to end: UInt64? = nil,
        _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void
    ) throws {
        try withMerge(wanted, start, end) { try $0.run(body) }
    }

    /// Lists messages by log time, as `forEachInLogOrder` gives them, without reading those in chunks that have usable indexes.
    ///
    /// Memory depends on how far chunks overlap in time and never on the file's size, unlike that of `index(ofChannels:)`.
    ///
    /// - Parameters:
    ///   - wanted: the channels; `nil` = all messages.
    ///   - start: the first log time, in nanoseconds; `nil` = from the first message.
    ///   - end: the log time before which listing ends, in nanoseconds; `nil` = to the last message.
    ///   - body: takes one message's entry.
    /// - Throws: `CancellationError`; what `body` throws.
    public func forEachEntryInLogOrder(
        ofChannels wanted: Set<UInt16>?,
        from start: UInt64? = nil,
        to end: UInt64? = nil,
        _ body: (MessageEntry) throws -> Void
    ) throws {
        try withMerge(wanted, start, end) { try $0.runOverEntries(body) }
    }

    private func withMerge(_ wanted: Set<UInt16>?, _ start: UInt64?, _ end: UInt64?, _ body: (inout LogOrderMerge) throws -> Void) throws {
        let start = start ?? 0
        if let end, end <= start { return }
        let times = start...(end.map { $0 - 1 } ?? .max)
        try mapped.withBytes { bytes in
            let members = wanted.map(ChannelSet.init) ?? .all
            var merge = LogOrderMerge(self, bytes, members, times, parts: try parts(with: members, within: times, bytes))
            try body(&merge)
        }
    }

    /// The parts of the file that may hold wanted messages, by the earliest time at which they may.
    private func parts(with members: ChannelSet, within times: ClosedRange<UInt64>, _ bytes: UnsafeRawBufferPointer) throws
        -> [LogOrderMerge.WaitingPart]
    {
        let isIndexed = try members.isAll ? nil : indexedChunks(members, bytes)
        var parts: [LogOrderMerge.WaitingPart] = []
        var place = 0
        try forEachPart { part in
            let span: ClosedRange<UInt64>
            switch part {
            case .outside(let stretch): span = stretch.times
            case .chunk(let number):
                if chunks[number].isUnreadable || isIndexed?[number] == false { return }
                span = chunks[number].timeSpan ?? 0...UInt64.max
            }
            if span.overlaps(times) { parts.append(.init(part: part, place: place, start: span.lowerBound)) }
            place += 1
        }
        parts.sort { ($0.start, $0.place) < ($1.start, $1.place) }
        return parts
    }

    /// For each chunk, whether its indexes list messages of the channels; `nil` where the indexes as a whole don't fit what
    /// the file declares.
    private func indexedChunks(_ members: ChannelSet, _ bytes: UnsafeRawBufferPointer) throws -> [Bool]? {
        var counts = ChannelCounts()
        var result = [Bool](repeating: true, count: chunks.count)
        for number in chunks.indices {
            let chunk = chunks[number]
            guard chunk.hasUsableIndex else {
                // Such a chunk is always read, but then its messages can't be told from missing index entries.
                if countsAreDeclared { return nil }
                continue
            }
            if number & 0xFF == 0 { try cancellation.check() }
            touched.touch(chunk.end..<chunk.indexEnd, of: mapped)
            result[number] = false
            var walker = RecordWalker(bytes, from: chunk.end, to: chunk.indexEnd)
            while let record = walker.next() {
                guard let index = MessageIndex(walker, record), members.contains(index.channel), index.count > 0 else { continue }
                result[number] = true
                counts.add(index.channel, UInt64(index.count))
            }
        }
        guard countsAreDeclared else { return result }
        for stretch in outside {
            var walker = RecordWalker(bytes, from: stretch.start, to: stretch.end)
            while let record = walker.next() {
                guard record.opcode == Opcode.message, record.count >= Size.messageHead else { continue }
                touched.touch(record.start..<(record.content + Size.messageHead), of: mapped)
                counts.add(MessageHead(unchecked: bytes, at: record.content).channelID)
            }
        }
        let fits = messageCounts.allSatisfy { channel, count in !members.contains(channel) || counts[channel] == count }
        return fits ? result : nil
    }
}
