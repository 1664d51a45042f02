import Bytes
import Compression
import ExportCore

extension MCAPFile {
    /// Reads every message by log time, and compares all that the file says about itself with what is in it: checksums of
    /// chunks, attachments and the data as a whole, message indexes, and each record of the summary.
    ///
    /// What is wrong is listed in `problems` afterwards.
    ///
    /// - Parameter body: takes where a message is, its head, and its data, which is valid during the call only.
    /// - Throws: `CancellationError`; what `body` throws.
    public func verify(_ body: (MessageLocation, MessageHead, RawSpan) throws -> Void) throws {
        dataChecksum = DataChecksum()
        window = FileWindow(onto: mapped)
        defer { (dataChecksum, window, checkedRecords) = (nil, nil, nil) }
        var tally = Tally()
        try forEachInLogOrder(ofChannels: nil) { location, head, data in
            tally.add(head)
            try body(location, head, data)
        }
        for attachment in attachments {
            try cancellation.check()
            do { try withAttachment(attachment) { _ in } } catch let error as MCAPError {
                report(.damagedRecord, at: attachment.content.lowerBound, error.message)
            }
        }
        for entry in metadata {
            do throws(MCAPError) { _ = try values(of: entry) } catch {
                report(.damagedRecord, at: entry.content.lowerBound, error.message)
            }
        }
        try mapped.withBytes { bytes in
            try verifyDataChecksum(bytes)
            guard let summary else { return verifyFooter(bytes) }
            if let statistics = summary.statistics { verify(statistics, tally) }
            try verifyIndexes(of: summary, bytes)
        }
    }

    /// Without a summary the footer's checksum covers its own fields; with one, it was looked at when the file was opened.
    private func verifyFooter(_ bytes: UnsafeRawBufferPointer) {
        guard let footer = Footer(endOf: bytes), footer.summaryStart == 0, footer.summaryCRC != 0 else { return }
        let checked = UnsafeRawBufferPointer(rebasing: bytes[footer.offset..<(footer.offset + Footer.checkedBytes)])
        guard CRC32.of(checked) != footer.summaryCRC else { return }
        report(
            .crcMismatch,
            at: footer.offset,
            "The checksum of the footer at byte \(footer.offset) is wrong: the file may have had a summary, which the footer doesn't tell of."
        )
    }

    /// DataEnd's checksum covers the file from its first byte.
    private func verifyDataChecksum(_ bytes: UnsafeRawBufferPointer) throws {
        guard hasDataEnd else {
            if isClosed {
                report(.damagedRecord, at: dataEnd, "The data, which ends at byte \(dataEnd), isn't closed by a DataEnd record.")
            }
            return
        }
        var walker = RecordWalker(bytes, from: dataEnd)
        guard let record = walker.next() else { return }
        var content = Cursor(walker.content(of: record))
        guard let declared = try? content.read(UInt32.self) else {
            return report(.damagedRecord, at: dataEnd, "The record at byte \(dataEnd) that ends the data is damaged.")
        }
        guard declared != 0 else { return }
        var checksum = dataChecksum ?? DataChecksum()
        let piece = 1 << 20
        while checksum.end < dataEnd {
            try cancellation.check()
            let range = checksum.end..<min(checksum.end + piece, dataEnd)
            touched.touch(range, of: mapped)
            checksum.extend(to: range.upperBound, bytes)
        }
        guard checksum.value != declared else { return }
        report(
            .crcMismatch,
            at: dataEnd,
            "The checksum of the data as a whole, at byte \(dataEnd), is wrong: something before it was changed after the file was written."
        )
    }

    /// Compares a chunk's message indexes with the messages that its records hold, and goes on with the data's checksum.
    func verify(chunk number: Int, records: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer) {
        let chunk = chunks[number]
        // In most files chunks come in the order of their times, so that this saves reading the whole file a second time. Where a
        // chunk was decompressed, its own bytes are in the checksum already.
        if let checksum = dataChecksum, checksum.reaches(chunk.offset) || (chunk.offset..<chunk.indexEnd).contains(checksum.end),
            chunk.indexEnd <= dataEnd
        {
            if let (known, place, checksum) = checkedRecords, known == number { dataChecksum?.extend(over: place, checksum, bytes) }
            dataChecksum?.extend(to: chunk.indexEnd, bytes)
        }
        guard chunk.indexEnd > chunk.end else { return }
        touched.touch(chunk.end..<chunk.indexEnd, of: mapped)
        // Two lists without order are the same if each entry is right and both have as many with the same sum of places.
        var (listed, listedSum) = (0, 0)
        var indexes = RecordWalker(bytes, from: chunk.end, to: chunk.indexEnd)
        while let record = indexes.next() {
            guard let index = MessageIndex(indexes, record) else {
                return report(.wrongIndex, at: record.start, "The message index at byte \(record.start) is damaged.")
            }
            for place in 0..<index.count {
                let (logTime, offset) = index[place]
                guard let start = Int(exactly: offset), start <= records.count,
                    let head = Self.messageHead(at: start, in: records), head.channelID == index.channel, head.logTime == logTime
                else {
                    return report(
                        .wrongIndex,
                        at: chunk.offset,
                        "An index of the chunk at byte \(chunk.offset) places a message of channel \(index.channel) where there is none."
                    )
                }
                listed += 1
                listedSum &+= start
            }
        }
        var (found, foundSum) = (0, 0)
        var walker = RecordWalker(records)
        while let record = walker.next() {
            guard record.opcode == Opcode.message, record.count >= Size.messageHead else { continue }
            found += 1
            foundSum &+= record.start
        }
        guard (listed, listedSum) != (found, foundSum) else { return }
        // The indexes of the last chunk were cut off with the rest of the file, which was reported.
        guard isClosed || number < chunks.count - 1 else { return }
        report(
            .wrongIndex,
            at: chunk.offset,
            "The indexes of the chunk at byte \(chunk.offset) list \(listed) messages, but it holds \(found)."
        )
    }

    private static func messageHead(at start: Int, in records: UnsafeRawBufferPointer) -> MessageHead? {
        var walker = RecordWalker(records, from: start)
        guard let record = walker.next(), record.opcode == Opcode.message, record.count >= Size.messageHead else { return nil }
        return MessageHead(unchecked: records, at: record.content)
    }

    private func verify(_ statistics: Statistics, _ tally: Tally) {
        func compare(_ subject: String, _ declared: some BinaryInteger, _ found: some BinaryInteger, or alternative: Int? = nil) {
            guard UInt64(declared) != UInt64(found), alternative.map({ UInt64(declared) != UInt64($0) }) ?? true else { return }
            report(.wrongSummary, "The statistics give \(declared) for \(subject), but the file has \(found).")
        }
        compare("the number of messages", statistics.messageCount, tally.total)
        // rosbag2 counts only those with messages.
        let counts = tally.counts.byChannel
        let usedSchemas = Set(counts.keys.compactMap { channels[$0]?.schemaID }).subtracting([0])
        compare("the number of schemas", statistics.schemaCount, schemas.count, or: usedSchemas.count)
        compare("the number of channels", statistics.channelCount, channels.count, or: counts.count)
        compare("the number of attachments", statistics.attachmentCount, attachments.count)
        compare("the number of metadata records", statistics.metadataCount, metadata.count)
        compare("the number of chunks", statistics.chunkCount, chunks.count)
        if tally.total > 0 {
            compare("the first log time", statistics.start, tally.first)
            compare("the last log time", statistics.end, tally.last)
        }
        for channel in Set(counts.keys).union(statistics.messageCounts.keys).sorted() {
            compare("the messages of channel \(channel)", statistics.messageCounts[channel] ?? 0, counts[channel] ?? 0)
        }
    }

    // MARK: The summary's indexes

    private func verifyIndexes(of summary: Summary, _ bytes: UnsafeRawBufferPointer) throws {
        let attachments = Dictionary(self.attachments.map { ($0.content, $0) }, uniquingKeysWith: { first, _ in first })
        let metadata = Dictionary(self.metadata.map { ($0.content, $0) }, uniquingKeysWith: { first, _ in first })
        let chunks = Dictionary(self.chunks.map { (UInt64($0.offset), $0) }, uniquingKeysWith: { first, _ in first })
        var groups: [UInt8: Range<Int>] = [:]
        var offsets: [SummaryOffset] = []
        var walker = RecordWalker(bytes, from: summary.start, to: summary.end)
        while let record = walker.next() {
            try cancellation.check()
            touched.touch(record.start..<record.end, of: mapped)
            let content = walker.content(of: record)
            groups[record.opcode] = (groups[record.opcode]?.lowerBound ?? record.start)..<record.end
            switch record.opcode {
            case Opcode.chunkIndex:
                // One that can't be read, or that isn't where its index says, was reported before.
                guard let index = try? ChunkIndex(content), let chunk = chunks[index.offset], let head = chunk.head(in: bytes) else {
                    break
                }
                compare(index, chunk, head, bytes)
            case Opcode.attachmentIndex:
                let index = try? AttachmentIndex(content)
                if index?.fits(index.flatMap { attachments[$0.content] }) != true { reportWrongEntry(index?.name, "an attachment", record) }
            case Opcode.metadataIndex:
                let index = try? MetadataIndex(content)
                if index?.fits(index.flatMap { metadata[$0.content] }) != true { reportWrongEntry(index?.name, "metadata", record) }
            case Opcode.summaryOffset:
                if let offset = try? SummaryOffset(content) {
                    offsets.append(offset)
                } else {
                    reportWrongEntry(nil, "its own records", record)
                }
            default: break
            }
        }
        for offset in offsets {
            // Some writers list groups that are empty, too.
            if let found = groups[offset.opcode] {
                if UInt64(found.lowerBound) == offset.start, UInt64(found.count) == offset.length { continue }
            } else if offset.length == 0 {
                continue
            }
            report(.wrongSummary, "The summary's offsets place its records with opcode \(offset.opcode) where they aren't.")
        }
    }

    private func compare(_ index: ChunkIndex, _ chunk: Chunk, _ head: ChunkHead, _ bytes: UnsafeRawBufferPointer) {
        touched.touch(chunk.offset..<min(chunk.offset + Size.prefix + Size.chunkHead, chunk.end), of: mapped)
        func reportWrong(_ what: String) {
            report(.wrongSummary, at: chunk.offset, "The index of the chunk at byte \(chunk.offset) gives another \(what) than the chunk.")
        }
        if (index.start, index.end) != (head.start, head.end) { reportWrong("time span") }
        if index.compression != head.compression { reportWrong("compression") }
        if index.storedSize != UInt64(head.records.count) || index.uncompressedSize != head.uncompressedSize { reportWrong("size") }
        for (channel, place) in index.messageIndexOffsets {
            guard let start = Int(exactly: place), start >= chunk.end, start <= chunk.indexEnd else {
                return reportWrong("place of message indexes")
            }
            var walker = RecordWalker(bytes, from: start, to: chunk.indexEnd)
            guard let record = walker.next(), MessageIndex(walker, record)?.channel == channel else {
                return reportWrong("place of message indexes")
            }
        }
    }

    private func reportWrongEntry(_ name: String?, _ what: String, _ record: Record) {
        let entry = name.map { "\(what) “\($0)”" } ?? what
        report(
            .wrongSummary,
            at: record.start,
            "The summary's entry at byte \(record.start) describes \(entry) otherwise than the file has it."
        )
    }
}

/// The checksum of the file from its first byte on, as far as it was read in order.
struct DataChecksum {
    private(set) var end = 0
    private var checksum = CRC32()

    /// What lies between chunks is little, except for attachments and messages outside chunks.
    static let nearby = 1 << 20

    var value: UInt32 { checksum.value }

    /// Whether it can go on to a place without reading much that is of no use otherwise.
    func reaches(_ place: Int) -> Bool { end <= place && place - end <= Self.nearby }

    /// Goes on to the end of a range of which the checksum is known.
    mutating func extend(over range: Range<Int>, _ known: UInt32, _ bytes: UnsafeRawBufferPointer) {
        extend(to: range.lowerBound, bytes)
        checksum.append(known, ofBytes: range.count)
        end = range.upperBound
    }

    /// Goes on to a place.
    ///
    /// - Returns: the checksum up to there; `nil` where it covers more already.
    mutating func reached(_ place: Int, _ bytes: UnsafeRawBufferPointer) -> CRC32? {
        extend(to: place, bytes)
        return end == place ? checksum : nil
    }

    /// Goes on to a place up to which the checksum is known.
    mutating func goOn(to end: Int, _ known: CRC32) {
        self.end = end
        checksum = known
    }

    mutating func extend(to end: Int, _ bytes: UnsafeRawBufferPointer) {
        guard end > self.end else { return }
        checksum.update(UnsafeRawBufferPointer(rebasing: bytes[self.end..<end]))
        self.end = end
    }
}

/// The content of a record that starts and is as long as an index says; empty where that can't be.
private func place(_ offset: UInt64, _ length: UInt64) -> Range<Int> {
    guard let start = Int(exactly: offset), let count = Int(exactly: length), count >= Size.prefix, start <= Int.max - count else {
        return 0..<0
    }
    return (start + Size.prefix)..<(start + count)
}

/// An attachment as the summary describes it.
private struct AttachmentIndex {
    let offset: UInt64
    let length: UInt64
    let logTime: UInt64
    let createTime: UInt64
    let dataSize: UInt64
    let name: String
    let mediaType: String

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        offset = try cursor.read(UInt64.self)
        length = try cursor.read(UInt64.self)
        logTime = try cursor.read(UInt64.self)
        createTime = try cursor.read(UInt64.self)
        dataSize = try cursor.read(UInt64.self)
        name = try cursor.readText()
        mediaType = try cursor.readText()
    }

    var content: Range<Int> { place(offset, length) }

    func fits(_ entry: AttachmentEntry?) -> Bool {
        guard let entry else { return false }
        return (entry.logTime, entry.createTime, UInt64(entry.size), entry.name, entry.mediaType)
            == (logTime, createTime, dataSize, name, mediaType)
    }
}

/// A metadata record as the summary describes it.
private struct MetadataIndex {
    let offset: UInt64
    let length: UInt64
    let name: String

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        offset = try cursor.read(UInt64.self)
        length = try cursor.read(UInt64.self)
        name = try cursor.readText()
    }

    var content: Range<Int> { place(offset, length) }

    func fits(_ entry: MetadataEntry?) -> Bool { entry?.name == name }
}

/// Where the summary says that its records of one opcode lie.
private struct SummaryOffset {
    let opcode: UInt8
    let start: UInt64
    let length: UInt64

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        opcode = try cursor.read(UInt8.self)
        start = try cursor.read(UInt64.self)
        length = try cursor.read(UInt64.self)
    }
}
