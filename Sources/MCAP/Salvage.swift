import Bytes
import Compression
import ExportCore

/// One pass over a damaged file that carries all that is sound into a new one.
///
/// It relies on nothing that only the summary says, but on the places of attachments and metadata that it gives.
struct Salvage {
    let file: MCAPFile
    let writer: MCAPWriter
    let unpacker: ChunkUnpacker
    /// Where attachments and metadata start, as far as opening the file has found them.
    private let knownPlaces: [Int]
    var definitions: RecoveredDefinitions
    var report: RecoveryReport
    private var gap: Gap?
    /// Whether the end of the data was met.
    private var isClosed = false

    /// Bytes that were given up, until the next sound record ends them, and what is known of the messages that were in them.
    struct Gap {
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
    mutating func skip(_ record: Record, _ bytes: UnsafeRawBufferPointer) throws -> Int {
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
    mutating func carryLast(from place: Int, _ bytes: UnsafeRawBufferPointer) throws -> Int {
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

    mutating func endGap(at place: Int) {
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
