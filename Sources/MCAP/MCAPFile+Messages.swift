import Bytes
import ExportCore

extension MCAPFile {
    /// Lists all messages of some channels, by log time; of messages at the same time, those first that come first in the file.
    ///
    /// Taken from the file's message indexes, without decompressing, where these exist and fit what the summary counts, and
    /// from the messages themselves otherwise. Messages of chunks that can't be read are left out, which is a problem listed.
    ///
    /// Takes 24 bytes of memory a message.
    ///
    /// - Throws: `CancellationError`.
    public func index(ofChannels wanted: Set<UInt16>) throws -> [MessageEntry] {
        var entries = try collect(wanted)
        // Positions break ties, so that a sort that isn't stable can't change the order.
        entries.sort { first, second in
            if first.logTime != second.logTime { return first.logTime < second.logTime }
            if first.chunk == second.chunk { return first.offset < second.offset }
            return position(first) < position(second)
        }
        return entries
    }

    /// Lists the same messages as `index(ofChannels:)`: those of each channel in the order of the file, and those of different channels
    /// in any, which spares all sorting where a file's own indexes are in order.
    ///
    /// - Throws: `CancellationError`.
    public func indexByChannel(_ wanted: Set<UInt16>) throws -> [MessageEntry] {
        let entries = try collect(wanted)
        var last = [(chunk: UInt32, offset: UInt64)?](repeating: nil, count: Int(wanted.max() ?? 0) + 1)
        for entry in entries {
            // Parts are collected in the order of the file; only within one can messages be out of it.
            if let last = last[Int(entry.channel)], last.chunk == entry.chunk, entry.offset <= last.offset { return inFileOrder(entries) }
            last[Int(entry.channel)] = (entry.chunk, entry.offset)
        }
        return entries
    }

    private func collect(_ wanted: Set<UInt16>) throws -> [MessageEntry] {
        try mapped.withBytes { bytes in
            let members = ChannelSet(wanted)
            var entries = try collect(members, bytes)
            if countsAreDeclared, let wrong = firstMiscounted(count(entries), wanted), !chunks.contains(where: \.isUnreadable) {
                for number in chunks.indices { chunks[number].hasWrongIndex = true }
                entries = try collect(members, bytes)
                correctCounts(count(entries), wanted, wrong)
            }
            return entries
        }
    }

    /// Reads one message.
    ///
    /// - Parameters:
    ///   - location: where an entry of `index(ofChannels:)` or `forEachMessage` placed it.
    ///   - body: takes the message's head and its data, which may be empty and is valid during the call only.
    /// - Throws: `MCAPError` where the chunk can't be read, or where no message of that channel is at that place; what `body` throws.
    public func withMessage<R>(at location: MessageLocation, _ body: (MessageHead, RawSpan) throws -> R) throws -> R {
        try mapped.withBytes { bytes in
            guard location.chunk != MessageLocation.outside else {
                return try read(location, in: bytes, body)
            }
            let number = Int(location.chunk)
            guard number < chunks.count else { throw missing(location) }
            if let cached = cache.find(number) {
                return try cached.withUnsafeBytes { try read(location, in: $0, body) }
            }
            // Heads are read chunk by chunk: the memory of the one before is then taken again.
            if isReadForHeads { cache = ChunkCache(limit: cacheLimit) }
            switch try records(ofChunk: number, bytes) {
            case .mapped(let records):
                return try read(location, in: records, body)
            case .decompressed(let records):
                cache.insert(number, records)
                return try records.withUnsafeBytes { try read(location, in: $0, body) }
            }
        }
    }

    /// Reads all messages of some channels in the order of the file, each chunk once, without keeping any.
    ///
    /// - Parameter body: takes where the message is, its head, and its data, which is valid during the call only.
    /// - Throws: `CancellationError`; what `body` throws. Chunks that can't be read are left out, which is a problem listed.
    public func forEachMessage(
        ofChannels wanted: Set<UInt16>,
        _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void
    ) throws {
        try mapped.withBytes { bytes in
            mapped.expect(.sequential)
            defer { mapped.expect(.normal) }
            let members = ChannelSet(wanted)
            try forEachPart { part throws in
                switch part {
                case .outside(let stretch):
                    var walker = RecordWalker(bytes, from: stretch.start, to: stretch.end)
                    try visit(members, &walker, MessageLocation.outside, body)
                case .chunk(let number):
                    try withRecords(ofChunk: number, bytes) { records in
                        var walker = RecordWalker(records)
                        try visit(members, &walker, UInt32(number), body)
                        reportRest(of: walker, inChunk: number)
                    }
                }
            }
        }
    }

    @inline(__always)
    func visit(
        _ members: ChannelSet,
        _ walker: inout RecordWalker,
        _ chunk: UInt32,
        _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void
    ) throws {
        var steps = 0
        while let record = walker.next() {
            guard record.opcode == Opcode.message, record.count >= Size.messageHead else { continue }
            steps &+= 1
            if steps & 0xFFF == 0 { try cancellation.check() }
            if chunk == MessageLocation.outside { touched.touch(record.start..<record.end, of: mapped) }
            let head = MessageHead(unchecked: walker.bytes, at: record.content)
            guard members.contains(head.channelID) else { continue }
            let location = MessageLocation(offset: UInt64(record.start), chunk: chunk, channel: head.channelID)
            let data = UnsafeRawBufferPointer(rebasing: walker.bytes[(record.content + Size.messageHead)..<record.end])
            try body(location, head, data.bytes)
        }
    }

    private func read<R>(
        _ location: MessageLocation,
        in records: UnsafeRawBufferPointer,
        _ body: (MessageHead, RawSpan) throws -> R
    ) throws -> R {
        guard let start = Int(exactly: location.offset), start <= records.count else { throw missing(location) }
        var walker = RecordWalker(records, from: start)
        guard let record = walker.next(), record.opcode == Opcode.message, record.count >= Size.messageHead else { throw missing(location) }
        let head = MessageHead(unchecked: records, at: record.content)
        guard head.channelID == location.channel else { throw missing(location) }
        if location.isOutsideChunks { touched.touch(record.start..<record.end, of: mapped) }
        return try body(head, UnsafeRawBufferPointer(rebasing: records[(record.content + Size.messageHead)..<record.end]).bytes)
    }

    private func missing(_ location: MessageLocation) -> MCAPError {
        let place: String
        if location.isOutsideChunks {
            place = "at byte \(location.offset)"
        } else if Int(location.chunk) < chunks.count {
            place = "at byte \(location.offset) of the chunk at byte \(chunks[Int(location.chunk)].offset)"
        } else {
            place = "in chunk \(location.chunk)"
        }
        return MCAPError(
            .noSuchMessage,
            path,
            "There is no message of channel \(location.channel) \(place), where the file's index places one."
        )
    }
}

// MARK: - Collecting entries

extension MCAPFile {
    /// The parts of a file that hold messages.
    enum Part {
        case outside(OutsideMessages)
        case chunk(Int)
    }

    /// Goes through the parts in the order of the file.
    func forEachPart(_ body: (Part) throws -> Void) throws {
        var next = outside.startIndex
        for number in 0...chunks.count {
            while next < outside.endIndex, outside[next].chunksBefore == number {
                try cancellation.check()
                try body(.outside(outside[next]))
                next += 1
            }
            guard number < chunks.count else { break }
            try cancellation.check()
            try body(.chunk(number))
        }
    }

    private func collect(_ members: ChannelSet, _ bytes: UnsafeRawBufferPointer) throws -> [MessageEntry] {
        var entries: [MessageEntry] = []
        let expected = messageCounts.reduce(into: UInt64(0)) { sum, count in if members.contains(count.key) { sum &+= count.value } }
        // The counts are the writer's word, but each message takes some bytes of the file.
        entries.reserveCapacity(Int(clamping: min(expected, UInt64(bytes.count / Size.indexEntry))))
        try forEachPart { part throws in
            switch part {
            case .outside(let stretch):
                var walker = RecordWalker(bytes, from: stretch.start, to: stretch.end)
                try append(&entries, members, &walker, MessageLocation.outside)
            case .chunk(let number):
                try list(chunk: number, members, bytes, &entries)
            }
        }
        return entries
    }

    func append(_ entries: inout [MessageEntry], _ members: ChannelSet, _ walker: inout RecordWalker, _ chunk: UInt32) throws {
        var steps = 0
        while let record = walker.next() {
            guard record.opcode == Opcode.message, record.count >= Size.messageHead else { continue }
            steps &+= 1
            if steps & 0xFFFF == 0 { try cancellation.check() }
            if chunk == MessageLocation.outside { touched.touch(record.start..<(record.content + Size.messageHead), of: mapped) }
            let head = MessageHead(unchecked: walker.bytes, at: record.content)
            guard members.contains(head.channelID) else { continue }
            entries.append(MessageEntry(logTime: head.logTime, offset: UInt64(record.start), chunk: chunk, channel: head.channelID))
        }
    }

    /// Appends what a chunk's indexes list.
    ///
    /// - Returns: `false`, with nothing appended, where the chunk has no indexes, or where they can't be right.
    func appendIndexed(_ entries: inout [MessageEntry], _ members: ChannelSet, _ number: Int, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let chunk = chunks[number]
        guard chunk.hasUsableIndex else { return false }
        // Mapping the pages of an index, and giving them back, costs more than copying it.
        if let outline = outline(ofChunk: number) {
            let end = min(chunk.indexEnd + ChunkOutline.size, bytes.count)
            let isListed = headWindow?.withBytes(chunk.end..<chunk.indexEnd, readingOnTo: end) { index in
                append(&entries, members, number, RecordWalker(index), size: outline.recordsSize)
            }
            if let isListed { return isListed }
        }
        guard let head = chunk.head(in: bytes) else { return false }
        if case .unknown = head.compression { return false }
        touched.touch(chunk.end..<chunk.indexEnd, of: mapped)
        return append(
            &entries,
            members,
            number,
            RecordWalker(bytes, from: chunk.end, to: chunk.indexEnd),
            size: head.compression == .none ? UInt64(head.records.count) : head.uncompressedSize
        )
    }

    /// Appends what index records list.
    ///
    /// - Parameter size: of the chunk's records once decompressed.
    /// - Returns: `false`, with nothing appended, where they can't be right.
    private func append(
        _ entries: inout [MessageEntry],
        _ members: ChannelSet,
        _ number: Int,
        _ records: RecordWalker,
        size: UInt64
    ) -> Bool {
        let offset = chunks[number].offset
        let before = entries.count
        var walker = records
        while let record = walker.next() {
            guard let index = MessageIndex(walker, record), members.contains(index.channel) else { continue }
            for entry in 0..<index.count {
                let (logTime, place) = index[entry]
                guard size >= UInt64(Size.message), place <= size - UInt64(Size.message) else {
                    entries.removeLast(entries.count - before)
                    chunks[number].hasWrongIndex = true
                    report(
                        .wrongIndex,
                        at: offset,
                        "An index of the chunk at byte \(offset) places a message outside the chunk. The chunk was scanned instead."
                    )
                    return false
                }
                entries.append(MessageEntry(logTime: logTime, offset: place, chunk: UInt32(number), channel: index.channel))
            }
        }
        return true
    }

    private func position(_ entry: MessageEntry) -> UInt64 {
        entry.chunk == MessageLocation.outside ? entry.offset : UInt64(chunks[Int(entry.chunk)].offset)
    }

    /// The first channel of which there are more or fewer entries than messages were declared.
    func firstMiscounted(_ counts: ChannelCounts, _ wanted: Set<UInt16>) -> (channel: UInt16, found: UInt64)? {
        for channel in wanted.sorted() where counts[channel] != messageCounts[channel] ?? 0 { return (channel, counts[channel]) }
        return nil
    }

    func correctCounts(_ counts: ChannelCounts, _ wanted: Set<UInt16>, _ wrong: (channel: UInt16, found: UInt64)) {
        report(
            .wrongIndex,
            "The message indexes list \(wrong.found) messages of channel \(wrong.channel), the statistics \(messageCounts[wrong.channel] ?? 0). "
                + "All chunks were scanned instead, and \(counts[wrong.channel]) were found."
        )
        for channel in wanted { messageCounts[channel] = counts[channel] }
    }

    private func count(_ entries: [MessageEntry]) -> ChannelCounts {
        var counts = ChannelCounts()
        for entry in entries { counts.add(entry.channel) }
        return counts
    }
}
