import Bytes
import Compression
import ExportCore

/// One pass over a damaged file that carries all that is sound into a new one.
///
/// It relies on nothing that only the summary says, but on the places of attachments and metadata that it gives.
struct Salvage {
    private let file: MCAPFile
    private let writer: MCAPWriter
    private let unpacker: ChunkUnpacker
    /// Where attachments and metadata start, as far as opening the file has found them.
    private let knownPlaces: [Int]
    private var definitions: RecoveredDefinitions
    private var report: RecoveryReport
    private var gap: Gap?
    /// Whether the end of the data was met.
    private var isClosed = false

    /// Bytes that were given up, until the next sound record ends them, and what is known of the messages that were in them.
    private struct Gap {
        var start: Int
        var messages: UInt64?
        var times: ClosedRange<UInt64>?

        mutating func add(_ time: UInt64) {
            messages = (messages ?? 0) + 1
            times = min(times?.lowerBound ?? time, time)...max(times?.upperBound ?? time, time)
        }
    }

    init(of file: MCAPFile, into writer: MCAPWriter) throws {
        self.file = file
        self.writer = writer
        unpacker = try ChunkUnpacker()
        knownPlaces = (file.attachments.map(\.content.lowerBound) + file.metadata.map(\.content.lowerBound)).map { $0 - Size.prefix }
            .sorted()
        definitions = RecoveredDefinitions(file, writer: writer)
        report = RecoveryReport(inputBytes: file.mapped.count)
    }

    mutating func run(_ bytes: UnsafeRawBufferPointer) throws -> RecoveryReport {
        file.mapped.expect(.sequential)
        defer { file.mapped.expect(.normal) }
        try definitions.defineAll()
        var place = Size.magic
        while place < bytes.count, !isClosed {
            try file.cancellation.check()
            place = try carry(from: place, bytes)
        }
        endGap(at: min(place, bytes.count))
        try noteEnd(at: min(place, bytes.count), bytes)
        for sentence in definitions.repairs { report.repaired(sentence) }
        for sentence in definitions.losses { report.add(.init(message: sentence, offset: 0, bytes: 0)) }
        return report
    }

    /// Carries one record over, or finds the next one.
    ///
    /// - Returns: where to go on.
    private mutating func carry(from place: Int, _ bytes: UnsafeRawBufferPointer) throws -> Int {
        var walker = RecordWalker(bytes, from: place)
        guard let record = walker.next() else { return try carryLast(from: place, bytes) }
        let content = walker.content(of: record)
        let whole = UnsafeRawBufferPointer(rebasing: bytes[record.start..<record.end])
        file.touched.touch(record.start..<record.end, of: file.mapped)
        switch record.opcode {
        case _ where record.opcode == Opcode.chunk || RecordSearch.isChunk(content):
            return try carryChunk(record, content, bytes)
        case Opcode.messageIndex:
            // Those behind a chunk are dealt with together with it; one that is met here tells what is lost before it.
            guard let index = MessageIndex(walker, record) else { return try skip(record, bytes) }
            if gap != nil { for entry in 0..<index.count { gap?.add(index[entry].logTime) } }
        case Opcode.header where place == Size.magic:
            break
        case Opcode.schema, Opcode.channel:
            guard Self.isDefinition(record, content) else { return try skip(record, bytes) }
            endGap(at: place)
            _ = try definitions.define(record, bytes)
        case Opcode.message:
            guard record.count >= Size.messageHead, isFollowed(record, bytes) else { return try skip(record, bytes) }
            try carryMessage(record, bytes)
        case Opcode.attachment:
            guard let fields = try? AttachmentFields(content) else { return try skip(record, bytes) }
            endGap(at: place)
            try carry(fields, record, whole)
        case Opcode.metadata:
            guard let name = Self.metadataName(content) else { return try skip(record, bytes) }
            endGap(at: place)
            try writer.copyMetadata(name: name, record: whole)
            report.metadata += 1
        case Opcode.dataEnd where record.count == 4, Opcode.footer where record.count == 20:
            endGap(at: place)
            isClosed = true
        case Opcode.chunkIndex, Opcode.attachmentIndex, Opcode.statistics, Opcode.metadataIndex, Opcode.summaryOffset:
            // A summary that no DataEnd record precedes.
            break
        case 0, Opcode.header, Opcode.dataEnd, Opcode.footer:
            return try skip(record, bytes)
        default:
            // Somebody's own record, of which nothing says whether it is whole but that another follows.
            guard isFollowed(record, bytes) else { return try skip(record, bytes) }
            endGap(at: place)
            try writer.copyRecord(whole)
        }
        return record.end
    }

    private static func isDefinition(_ record: Record, _ content: UnsafeRawBufferPointer) -> Bool {
        record.opcode == Opcode.schema ? (try? Schema(content)) != nil : (try? Channel(content)) != nil
    }

    private static func metadataName(_ content: UnsafeRawBufferPointer) -> String? {
        var cursor = Cursor(content)
        guard let name = try? cursor.readText(), (try? readTextMap(&cursor)) != nil else { return nil }
        return name
    }

    private func isFollowed(_ record: Record, _ bytes: UnsafeRawBufferPointer) -> Bool {
        RecordSearch(bytes: bytes).isFollowed(record.end)
    }

    // MARK: - Chunks

    private mutating func carryChunk(_ record: Record, _ content: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer) throws -> Int {
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

    // MARK: - Messages outside chunks, attachments

    private mutating func carryMessage(_ record: Record, _ bytes: UnsafeRawBufferPointer) throws {
        var head = MessageHead(unchecked: bytes, at: record.content)
        guard let id = try definitions.newID(of: head.channelID) else {
            if gap == nil { gap = Gap(start: record.start) }
            gap?.add(head.logTime)
            return
        }
        endGap(at: record.start)
        head.channelID = id
        try writer.write(head, UnsafeRawBufferPointer(rebasing: bytes[(record.content + Size.messageHead)..<record.end]).bytes)
        report.repaired("Messages outside chunks, which no index lists, were put into chunks.")
    }

    private mutating func carry(_ fields: AttachmentFields, _ record: Record, _ whole: UnsafeRawBufferPointer) throws {
        report.attachments += 1
        if fields.crc == 0 || CRC32.of(fields.checked) == fields.crc {
            return try writer.copy(fields, record: whole)
        }
        try writer.attach(
            name: fields.name,
            mediaType: fields.mediaType,
            logTime: fields.logTime,
            createTime: fields.createTime,
            fields.data.bytes
        )
        report.add(
            .init(
                message: "The checksum of the attachment “\(fields.name)” is wrong. It was kept, but may be damaged.",
                offset: record.start,
                bytes: 0
            )
        )
    }

    // MARK: - Damage

    /// Gives up a record.
    ///
    /// - Returns: where the next one is: within it, since its length may be what is damaged, or behind it.
    private mutating func skip(_ record: Record, _ bytes: UnsafeRawBufferPointer) throws -> Int {
        if gap == nil { gap = Gap(start: record.start) }
        let search = RecordSearch(bytes: bytes)
        let limit = search.isFollowed(record.end) ? record.end : bytes.count
        return try next(in: record.start + 1..<limit, onlyChunks: false, bytes) ?? limit
    }

    private func next(in range: Range<Int>, onlyChunks: Bool, _ bytes: UnsafeRawBufferPointer) throws -> Int? {
        let known = onlyChunks ? nil : knownPlaces.first { range.contains($0) }
        let found = try RecordSearch(bytes: bytes).first(
            in: range.lowerBound..<(known ?? range.upperBound),
            onlyChunks: onlyChunks,
            file.cancellation
        )
        return found ?? known
    }

    /// Carries over what there is of a record that reaches past the end of the file.
    private mutating func carryLast(from place: Int, _ bytes: UnsafeRawBufferPointer) throws -> Int {
        guard bytes.count - place >= Size.prefix else {
            if gap == nil { gap = Gap(start: place) }
            return bytes.count
        }
        let opcode = bytes[place]
        if let next = try next(in: place + 1..<bytes.count, onlyChunks: opcode == Opcode.chunk, bytes) {
            if gap == nil { gap = Gap(start: place) }
            return next
        }
        let content = UnsafeRawBufferPointer(rebasing: bytes[(place + Size.prefix)...])
        switch opcode {
        case Opcode.chunk:
            if let head = try? ChunkHead(content, isCut: true) {
                endGap(at: place)
                try carryCut(head, at: place)
            } else if gap == nil {
                gap = Gap(start: place)
            }
        case Opcode.header, Opcode.messageIndex, Opcode.dataEnd, Opcode.footer:
            // Nothing is lost that isn't made anew.
            endGap(at: place)
        default:
            if gap == nil { gap = Gap(start: place) }
        }
        return bytes.count
    }

    private mutating func carryCut(_ head: ChunkHead, at place: Int) throws {
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

    private mutating func endGap(at place: Int) {
        guard let gap else { return }
        self.gap = nil
        guard place > gap.start else { return }
        report.add(
            .init(
                message: "The \(place - gap.start) bytes from byte \(gap.start) on could not be read and were left out.",
                offset: gap.start,
                bytes: place - gap.start,
                messages: gap.messages,
                firstTime: gap.times?.lowerBound,
                lastTime: gap.times?.upperBound
            )
        )
    }

    /// Says what of the file's end was made anew.
    private mutating func noteEnd(at place: Int, _ bytes: UnsafeRawBufferPointer) throws {
        guard isClosed else {
            report.repaired("The file was never closed, or its end is missing: the end of the data and the summary were written.")
            return
        }
        if let chunk = try RecordSearch(bytes: bytes).first(in: place..<bytes.count, onlyChunks: true, file.cancellation) {
            report.add(
                .init(
                    message: "Behind the end of the recording more records follow, from byte \(chunk) on; they were left out.",
                    offset: chunk,
                    bytes: bytes.count - chunk
                )
            )
        }
        if !file.countsAreDeclared || file.problems.contains(where: { $0.kind == .damagedSummary || $0.kind == .truncated }) {
            report.repaired("The summary was missing, incomplete or damaged and was written anew.")
        }
    }
}
