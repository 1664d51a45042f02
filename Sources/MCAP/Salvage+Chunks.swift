import Compression

/// What becomes of a damaged file's chunks: carried over as they are, message by message, or given up.
extension Salvage {
    /// Carries a chunk over, or what can be read of it.
    ///
    /// - Returns: where to go on.
    mutating func carryChunk(_ record: Record, _ content: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer) throws -> Int {
        guard let head = try? ChunkHead(content, isCut: false) else {
            // Writers fill in a chunk's length when they close it; until then it is 0.
            return record.count == 0 ? try carryLast(from: record.start, bytes) : try skip(record, bytes)
        }
        let indexEnd = Self.indexEnd(record.end, bytes)
        do throws(ChunkUnpacker.Failure) {
            try unpacker.unpack(head)
        } catch {
            // Where its length is what is damaged, other chunks may lie within it.
            guard RecordSearch.isPlausible(head, recordSize: record.count) else { return try skip(record, bytes) }
            endGap(at: record.start)
            lose(head, record.start..<indexEnd, error.words, bytes)
            return indexEnd
        }
        endGap(at: record.start)
        try unpacker.withRecords(of: head) { records in
            let isIntact = head.uncompressedCRC == 0 || CRC32.of(records) == head.uncompressedCRC
            try carry(records, of: head, record, indexEnd: indexEnd, isIntact: isIntact, bytes)
        }
        return indexEnd
    }

    /// Carries a chunk's records over: as they are where they are right, else message by message.
    private mutating func carry(
        _ records: UnsafeRawBufferPointer,
        of head: ChunkHead,
        _ record: Record,
        indexEnd: Int,
        isIntact: Bool,
        _ bytes: UnsafeRawBufferPointer
    ) throws {
        let before = definitions
        let messages = try survey(records)
        // An empty chunk that gives times reads as one whose index is missing; without messages it needn't be carried over.
        let times = messages?.messageCount == 0 ? (0, 0) : messages?.times
        var chunk = Chunk(record, head)
        chunk.indexEnd = indexEnd
        if isIntact, let messages, let times, times == (head.start, head.end),
            head.compression != .none || head.uncompressedSize == records.count
        {
            if messages.agrees(with: UnsafeRawBufferPointer(rebasing: bytes[record.end..<indexEnd])),
                let indexed = IndexedChunk(chunk, of: file)
            {
                try writer.copy(indexed, of: file)
                report.copiedChunks += 1
                return
            }
            chunk.indexEnd = chunk.end
            if let bare = IndexedChunk(chunk, of: file) {
                report.repaired("Message indexes that were missing or wrong were made anew.")
                try writer.copy(bare, listing: messages, of: file)
                report.copiedChunks += 1
                return
            }
        }
        // What was learnt while looking through holds for the messages behind only.
        definitions.goBack(to: before)
        let kept = try rewrite(records, at: record.start, isCut: false)
        if !isIntact {
            report.add(
                .init(
                    message:
                        "The checksum of the chunk at byte \(record.start) is wrong. Its \(kept) messages were kept, but may be damaged.",
                    offset: record.start,
                    bytes: 0
                )
            )
        }
    }

    /// Looks a chunk's records through.
    ///
    /// - Returns: its messages; `nil` where it can't be copied as it is.
    private mutating func survey(_ records: UnsafeRawBufferPointer) throws -> ChunkBuilder? {
        var messages = ChunkBuilder()
        var isSound = true
        var walker = RecordWalker(records)
        while let record = walker.next() {
            switch record.opcode {
            case Opcode.message where record.count >= Size.messageHead:
                let head = MessageHead(unchecked: records, at: record.content)
                messages.list(head, at: record.start)
                if try definitions.newID(of: head.channelID) != head.channelID { isSound = false }
            case Opcode.schema, Opcode.channel:
                if try !definitions.define(record, records) { isSound = false }
            case Opcode.message:
                isSound = false
            default:
                break
            }
        }
        guard case .atEnd = walker.stop, isSound else { return nil }
        return messages
    }

    /// Writes a chunk's messages anew.
    ///
    /// - Returns: how many there were.
    private mutating func rewrite(_ records: UnsafeRawBufferPointer, at place: Int, isCut: Bool) throws -> UInt64 {
        var kept: UInt64 = 0
        var homeless = Gap(start: place)
        var walker = RecordWalker(records)
        while let record = walker.next() {
            switch record.opcode {
            case Opcode.message where record.count >= Size.messageHead:
                var head = MessageHead(unchecked: records, at: record.content)
                guard let id = try definitions.newID(of: head.channelID) else {
                    homeless.add(head.logTime)
                    continue
                }
                head.channelID = id
                try writer.write(head, UnsafeRawBufferPointer(rebasing: records[(record.content + Size.messageHead)..<record.end]).bytes)
                kept += 1
            case Opcode.schema, Opcode.channel:
                _ = try definitions.define(record, records)
            default:
                break
            }
        }
        try writer.closeChunk()
        report.rewrittenChunks += 1
        if let messages = homeless.messages {
            report.add(
                .init(
                    message: "\(messages) messages in the chunk at byte \(place) belong to channels that nothing describes.",
                    offset: place,
                    bytes: 0,
                    messages: messages,
                    firstTime: homeless.times?.lowerBound,
                    lastTime: homeless.times?.upperBound
                )
            )
        }
        if case .atEnd = walker.stop {
        } else if !isCut {
            report.add(
                .init(
                    message:
                        "The records in the chunk at byte \(place) end in the middle of one. The \(kept) messages before it were kept.",
                    offset: place,
                    bytes: records.count - walker.offset
                )
            )
        }
        return kept
    }

    private mutating func lose(_ head: ChunkHead, _ range: Range<Int>, _ words: String, _ bytes: UnsafeRawBufferPointer) {
        var messages: UInt64?
        var walker = RecordWalker(bytes, from: range.lowerBound, to: range.upperBound)
        while let record = walker.next() {
            if let index = MessageIndex(walker, record) { messages = (messages ?? 0) + UInt64(index.count) }
        }
        report.add(
            .init(
                message: "The chunk at byte \(range.lowerBound) could not be read and was left out. \(words)",
                offset: range.lowerBound,
                bytes: range.count,
                messages: messages,
                firstTime: head.start,
                lastTime: head.end
            )
        )
    }

    private static func indexEnd(_ start: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
        var walker = RecordWalker(bytes, from: start)
        var end = start
        while let record = walker.next(), record.opcode == Opcode.messageIndex, !RecordSearch.isChunk(walker.content(of: record)) {
            end = record.end
        }
        return end
    }

    /// Carries over what there is of a chunk within which the file ends.
    mutating func carryCut(_ head: ChunkHead, at place: Int) throws {
        unpacker.unpackPrefix(head)
        try unpacker.withRecords(of: head) { records in
            let kept = try rewrite(records, at: place, isCut: true)
            // All its records may be there and only the compression's last bytes missing.
            let isWhole = head.uncompressedSize == records.count && head.uncompressedCRC != 0 && CRC32.of(records) == head.uncompressedCRC
            guard !isWhole else { return }
            report.add(
                .init(
                    message: "The file ends within the chunk at byte \(place). The \(kept) messages before the cut were kept.",
                    offset: place,
                    bytes: 0
                )
            )
        }
    }
}
