import Bytes
import ExportCore

extension MCAPFile {
    /// Finds out what the file holds: by its summary, by walking what no summary describes, and by its chunks' contents
    /// where that isn't enough.
    func open(_ bytes: UnsafeRawBufferPointer) throws {
        try checkMagic(bytes)
        readHeader(bytes)
        let footer = Footer(endOf: bytes)
        let summary = usableSummary(footer, bytes)
        self.summary = summary
        isClosed = footer != nil
        var tally = Tally()
        let ending = try walkTopLevel(bytes, summary, to: summary?.start ?? footer?.offset ?? bytes.count, &tally)
        reportTruncation(ending, hasFooter: footer != nil, bytes)
        for record in summary?.definitions ?? [] { define(record, bytes, at: record.start) }

        if let statistics = summary?.statistics, !ending.isCut, isComplete(statistics) {
            messageCounts = statistics.messageCounts
            countsAreDeclared = true
            timeRange = declaredTimeRange(statistics, outside: tally, bytes)
        } else {
            try scanChunks(bytes, &tally, isClosed: footer != nil)
            messageCounts = tally.counts.byChannel
            timeRange = tally.timeRange
            reportMissingDefinitions()
        }
    }

    private func checkMagic(_ bytes: UnsafeRawBufferPointer) throws(MCAPError) {
        guard bytes.count > 0 else { throw MCAPError(.notMCAP, path, "The file is empty.") }
        guard bytes.count >= Size.magic else {
            throw MCAPError(.notMCAP, path, "The file is only \(bytes.count) bytes long, too short for MCAP.")
        }
        // The sixth byte is the version, a digit.
        guard bytes.prefix(5).elementsEqual(magic.prefix(5)), bytes[6] == magic[6], bytes[7] == magic[7] else {
            throw MCAPError(.notMCAP, path, "The file is not an MCAP file: it doesn't start with MCAP's eight bytes.")
        }
        guard bytes[5] == magic[5] else {
            throw MCAPError(.notMCAP, path, "The file is of an MCAP version other than 0, which this program doesn't know.")
        }
    }

    private func readHeader(_ bytes: UnsafeRawBufferPointer) {
        var walker = RecordWalker(bytes, from: Size.magic)
        // A file that is cut within its header is reported as cut.
        guard let record = walker.next() else { return }
        guard record.opcode == Opcode.header, let header = try? Header(walker.content(of: record)) else {
            report(.damagedRecord, at: Size.magic, "The file doesn't start with a whole header record.")
            return
        }
        self.header = header
    }

    private func usableSummary(_ footer: Footer?, _ bytes: UnsafeRawBufferPointer) -> Summary? {
        guard let footer, footer.summaryStart != 0 else { return nil }
        do throws(DamagedSummary) {
            return try Summary(footer, in: bytes)
        } catch {
            report(.damagedSummary, at: footer.offset, "\(error.message) The whole file was scanned instead.")
            return nil
        }
    }

    /// Whether the summary tells all that a scan would.
    private func isComplete(_ statistics: Statistics) -> Bool {
        // rosbag2 describes all channels in the summary but counts only those with messages.
        guard Int(statistics.chunkCount) == chunks.count, Int(statistics.channelCount) <= channels.count else { return false }
        guard channels.values.allSatisfy({ $0.schemaID == 0 || schemas[$0.schemaID] != nil }) else { return false }
        var sum: UInt64 = 0
        for (channel, count) in statistics.messageCounts {
            let (next, overflow) = sum.addingReportingOverflow(count)
            guard channels[channel] != nil, !overflow else { return false }
            sum = next
        }
        return sum == statistics.messageCount
    }

    private func declaredTimeRange(
        _ statistics: Statistics,
        outside tally: Tally,
        _ bytes: UnsafeRawBufferPointer
    ) -> (first: UInt64, last: UInt64)? {
        guard statistics.messageCount > 0 else { return nil }
        var first = tally.first
        var last = tally.last
        for chunk in chunks {
            // An empty chunk's times are both 0 and would widen the range; one that has no index may be empty or not.
            if chunk.times == (0, 0), chunk.indexEnd == chunk.end || chunk.indexedMessageCount(in: bytes) == 0 { continue }
            first = min(first, chunk.times.first)
            last = max(last, chunk.times.last)
        }
        if first <= last { return (first, last) }
        return statistics.start <= statistics.end ? (statistics.start, statistics.end) : nil
    }
}

// MARK: - The walk over the records outside chunks

extension MCAPFile {
    /// How a walk over the file's records ended.
    enum Ending {
        /// At a DataEnd or Footer record, or exactly where the data was to end.
        case whole
        /// At the last byte of the file, after a whole record that isn't the last of a file.
        case withoutEnd
        /// Within a record that starts there.
        case cut(at: Int)

        var isCut: Bool { if case .whole = self { false } else { true } }
    }

    /// Walks the records of the data section, jumping over the chunks that the summary lists.
    ///
    /// Finds chunks, messages, attachments and metadata that no summary mentions. Where a length is wrong, the walk goes on
    /// at the next chunk that the summary lists.
    private func walkTopLevel(_ bytes: UnsafeRawBufferPointer, _ summary: Summary?, to limit: Int, _ tally: inout Tally) throws -> Ending {
        var position = Size.magic
        for chunk in summary?.chunks ?? [] {
            if case .cut(let offset) = try walk(bytes, from: position, to: chunk.offset, &tally) {
                report(
                    .damagedRecord,
                    at: offset,
                    "The record at byte \(offset) reaches into the chunk at byte \(chunk.offset), and was left out."
                )
            }
            chunks.append(chunk)
            position = chunk.indexEnd
        }
        return try walk(bytes, from: position, to: limit, &tally)
    }

    private func walk(_ bytes: UnsafeRawBufferPointer, from start: Int, to limit: Int, _ tally: inout Tally) throws -> Ending {
        var walker = RecordWalker(bytes, from: start, to: limit)
        var steps = 0
        while let record = walker.next() {
            steps &+= 1
            if steps & 0xFFFF == 0 { try cancellation.check() }
            touched.touch(record.start..<record.content, of: mapped)
            switch record.opcode {
            case Opcode.message:
                guard record.count >= Size.messageHead else {
                    report(.damagedRecord, at: record.start, "The message record at byte \(record.start) is too short, and was left out.")
                    continue
                }
                let head = MessageHead(unchecked: bytes, at: record.content)
                tally.add(head)
                noteOutsideMessage(record, head.logTime)
            case Opcode.chunk:
                try cancellation.check()
                guard addChunk(record, bytes) else { return .cut(at: record.start) }
            case Opcode.messageIndex:
                if let last = chunks.indices.last, chunks[last].indexEnd == record.start { chunks[last].indexEnd = record.end }
            case Opcode.schema, Opcode.channel:
                define(record, bytes, at: record.start)
            case Opcode.attachment:
                addAttachment(record, bytes)
            case Opcode.metadata:
                addMetadata(record, bytes)
            case Opcode.dataEnd, Opcode.footer:
                dataEnd = record.start
                hasDataEnd = record.opcode == Opcode.dataEnd
                return .whole
            default:
                break
            }
        }
        dataEnd = walker.offset
        switch walker.stop {
        case .atEnd:
            return limit == bytes.count ? .withoutEnd : .whole
        case .incompletePrefix:
            return .cut(at: walker.offset)
        case .incompleteContent(let record):
            // Only where the file itself ends can the rest of a chunk be somewhere else than in the next record.
            if record.opcode == Opcode.chunk, limit == bytes.count { addCutChunk(record, bytes) }
            return .cut(at: record.start)
        }
    }

    private func noteOutsideMessage(_ record: Record, _ time: UInt64) {
        if let last = outside.indices.last, outside[last].chunksBefore == chunks.count,
            outside[last].count < OutsideMessages.maximumCount
        {
            let times = outside[last].times
            outside[last].times = min(times.lowerBound, time)...max(times.upperBound, time)
            outside[last].count += 1
            outside[last].end = record.end
        } else {
            outside.append(OutsideMessages(chunksBefore: chunks.count, start: record.start, end: record.end, times: time...time))
        }
    }

    /// - Returns: `false` where the record is a chunk that its writer never closed, so that it reaches to the end of the file.
    private func addChunk(_ record: Record, _ bytes: UnsafeRawBufferPointer) -> Bool {
        if let head = try? ChunkHead(UnsafeRawBufferPointer(rebasing: bytes[record.content..<record.end]), isCut: false) {
            chunks.append(Chunk(record, head))
            return true
        }
        // Writers fill in a chunk's length when they close it; until then it is 0.
        if record.count == 0, addCutChunk(record, bytes) { return false }
        report(.damagedChunk, at: record.start, "The fields of the chunk at byte \(record.start) are damaged, and it was left out.")
        return true
    }

    @discardableResult
    private func addCutChunk(_ record: Record, _ bytes: UnsafeRawBufferPointer) -> Bool {
        let rest = Record(opcode: record.opcode, start: record.start, content: record.content, end: bytes.count)
        guard let head = try? ChunkHead(UnsafeRawBufferPointer(rebasing: bytes[rest.content...]), isCut: true) else { return false }
        chunks.append(Chunk(rest, head, isCut: true))
        return true
    }

    private func reportTruncation(_ ending: Ending, hasFooter: Bool, _ bytes: UnsafeRawBufferPointer) {
        switch ending {
        case .whole:
            guard !hasFooter, !hasFooterInside(bytes) else { return }
            report(.truncated, at: bytes.count, "The file ends within its summary, at byte \(bytes.count). No message is lost by that.")
        case .withoutEnd:
            report(
                .truncated,
                at: bytes.count,
                "The file ends at byte \(bytes.count) without being closed: its recorder was probably stopped. All that is there was read."
            )
        case .cut(let offset) where hasFooter:
            report(
                .damagedRecord,
                at: offset,
                "The record at byte \(offset) reaches past the data of the file; it and what follows it outside the listed chunks was left out."
            )
        case .cut(let offset):
            report(
                .truncated,
                at: offset,
                "The file ends at byte \(bytes.count) in the middle of a record that starts at byte \(offset): "
                    + "its recorder was probably stopped, or the copy is incomplete. What lies before the end was read."
            )
        }
    }

    /// Whether a footer and the magic follow the data, and then something that isn't part of the recording.
    private func hasFooterInside(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var walker = RecordWalker(bytes, from: chunks.last?.indexEnd ?? Size.magic)
        while let record = walker.next() {
            if record.opcode == Opcode.footer { return bytes[record.end...].prefix(Size.magic).elementsEqual(magic) }
        }
        return false
    }
}
