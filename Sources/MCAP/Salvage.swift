import Bytes
import Compression
import ExportCore

/// One pass over a damaged file that carries all that is sound into a new one.
struct Salvage {
    private let file: MCAPFile
    private let writer: MCAPWriter
    private let zstd: ZstdDecompressor
    private let lz4: LZ4Decompressor
    private var definitions: RecoveredDefinitions
    private var report: RecoveryReport
    /// Bytes that were given up, until it is known where the next sound record starts.
    private var gap: Gap?
    /// Whether a DataEnd or Footer record was met.
    private var isClosed = false

    /// Bytes between sound records, and what the message indexes behind them tell of what was there.
    private struct Gap {
        var start: Int
        var messages: UInt64?
        var times: (first: UInt64, last: UInt64)?
    }

    init(of file: MCAPFile, into writer: MCAPWriter) throws {
        self.file = file
        self.writer = writer
        zstd = try ZstdDecompressor()
        lz4 = try LZ4Decompressor()
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
        closeGap(at: min(place, bytes.count))
        noteEnd(bytes)
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
        // Given back below, so that a long file doesn't fill memory.
        defer { file.mapped.release(record.start..<record.end) }
        switch record.opcode {
        case Opcode.chunk:
            guard let head = try? ChunkHead(content, isCut: false) else { return try skip(from: place, bytes) }
            return try carry(head, record, bytes)
        case Opcode.messageIndex:
            // Behind a chunk that was carried over it was dealt with; here it tells what is lost.
            guard let index = MessageIndex(walker, record) else { return try skip(from: place, bytes) }
            note(index, bytes)
            return record.end
        case Opcode.header where place == Size.magic:
            return record.end
        case Opcode.schema, Opcode.channel:
            guard isWhole(record, content) else { return try skip(from: place, bytes) }
            closeGap(at: place)
            _ = try definitions.define(record, bytes)
            return record.end
        case Opcode.message:
            guard record.count >= Size.messageHead, try carryMessage(record, bytes) else { return try skip(from: place, bytes) }
            closeGap(at: place)
            return record.end
        case Opcode.attachment:
            guard let fields = try? AttachmentFields(content) else { return try skip(from: place, bytes) }
            closeGap(at: place)
            try carry(fields, record, bytes)
            return record.end
        case Opcode.metadata:
            guard isWhole(record, content) else { return try skip(from: place, bytes) }
            closeGap(at: place)
            try writer.copyMetadata(UnsafeRawBufferPointer(rebasing: bytes[record.start..<record.end]))
            report.metadata += 1
            return record.end
        case Opcode.dataEnd where record.count == 4, Opcode.footer where record.count == 20:
            closeGap(at: place)
            isClosed = true
            return place
        case Opcode.header, Opcode.dataEnd, Opcode.footer, 0:
            return try skip(from: place, bytes)
        case Opcode.chunkIndex, Opcode.attachmentIndex, Opcode.statistics, Opcode.metadataIndex, Opcode.summaryOffset:
            // A summary without a DataEnd record before it.
            return record.end
        default:
            // A later version's record or somebody's own; nothing says what it holds, so it is believed only where another follows.
            guard RecordSearch(bytes: bytes).isFollowed(record.end) else { return try skip(from: place, bytes) }
            closeGap(at: place)
            try writer.copyRecord(UnsafeRawBufferPointer(rebasing: bytes[record.start..<record.end]))
            return record.end
        }
    }

    private func isWhole(_ record: Record, _ content: UnsafeRawBufferPointer) -> Bool {
        switch record.opcode {
        case Opcode.schema: return (try? Schema(content)) != nil
        case Opcode.channel: return (try? Channel(content)) != nil
        default:
            var cursor = Cursor(content)
            return (try? cursor.readCounted32()) != nil && (try? readTextMap(&cursor)) != nil
        }
    }

    // MARK: - Chunks

    private mutating func carry(_ head: ChunkHead, _ record: Record, _ bytes: UnsafeRawBufferPointer) throws -> Int {
        let unpacked = unpack(head)
        guard case .success(let records) = unpacked else {
            if case .failure(let problem) = unpacked {
                // Where the length is what is damaged, other chunks may lie within it.
                if !RecordSearch.isPlausible(head, recordSize: record.count) { return try skip(from: record.start, bytes) }
                return lose(head, record, problem.words, bytes)
            }
            return record.end
        }
        closeGap(at: record.start)
        return try records.withBytes { records in
            let isIntact = head.uncompressedCRC == 0 || CRC32.of(records) == head.uncompressedCRC
            return try carry(records, of: head, record, isIntact: isIntact, bytes)
        }
    }

    /// Carries a chunk's records over: as they are where chunk and index are right, else message by message.
    private mutating func carry(
        _ records: UnsafeRawBufferPointer,
        of head: ChunkHead,
        _ record: Record,
        isIntact: Bool,
        _ bytes: UnsafeRawBufferPointer
    ) throws -> Int {
        let indexEnd = Self.indexEnd(record.end, bytes)
        var survey = ChunkSurvey()
        var mayCopy = isIntact
        var walker = RecordWalker(records)
        while let inner = walker.next() {
            switch inner.opcode {
            case Opcode.message where inner.count >= Size.messageHead:
                let message = MessageHead(unchecked: records, at: inner.content)
                survey.add(message, at: inner.start)
                if try definitions.newID(of: message.channelID) != message.channelID { mayCopy = false }
            case Opcode.schema, Opcode.channel:
                if try !definitions.define(inner, records) { mayCopy = false }
            case Opcode.message:
                mayCopy = false
            default:
                break
            }
            // A definition within the chunk may change what its earlier messages were found to be.
        }
        if case .atEnd = walker.stop {} else { mayCopy = false }
        if mayCopy, survey.times(orElse: (0, 0)) == (head.start, head.end) || survey.messageCount == 0 {
            if survey.agrees(with: bytes, record.end..<indexEnd) {
                try writer.copyVerified(record.start..<record.end, indexes: record.end..<indexEnd, head, of: file)
            } else {
                report.repaired("Message indexes that were missing or wrong were made anew.")
                try writer.copyVerified(record.start..<record.end, listing: survey.builder, head, of: file)
            }
            report.copiedChunks += 1
            return indexEnd
        }
        try rewrite(records, record, isIntact: isIntact, bytes)
        return indexEnd
    }
}
