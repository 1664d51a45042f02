import Bytes
import ExportCore

/// One record with its fields by their names, for programs that show or compare what is in a file.
public struct RecordFields {
    /// A field's value.
    public enum Value {
        case number(UInt64)
        case text(String)
        /// Where the bytes lie in the record's content.
        case bytes(Range<Int>)
        case texts([String: String])
        /// Numbers by channel.
        case numbers([UInt16: UInt64])
    }

    /// The record's name in the specification, such as `ChunkIndex`.
    public let type: String
    /// The fields in the order of their names, which are those of the specification.
    public let fields: [(name: String, value: Value)]

    /// The fields of a record.
    ///
    /// - Returns: `nil` for an opcode that the specification doesn't define, and for those records whose fields matter to
    ///   readers only: chunks and message indexes.
    /// - Throws: `MalformedBytes` where the record ends within a field. Bytes behind the last field are passed over.
    init?(_ opcode: UInt8, _ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        guard let layout = Self.layouts[opcode] else { return nil }
        var cursor = Cursor(content)
        var fields: [(name: String, value: Value)] = []
        fields.reserveCapacity(layout.fields.count)
        for (name, type) in layout.fields { fields.append((name, try Self.read(type, &cursor))) }
        fields.sort { $0.name < $1.name }
        self.type = layout.type
        self.fields = fields
    }

    /// A record with these fields; they must be in the order of their names.
    private init(_ type: String, _ fields: [(name: String, value: Value)]) {
        self.type = type
        self.fields = fields
    }

    /// The fields of a schema; its bytes are all of its data.
    public init(_ schema: Schema) {
        self.init(
            "Schema",
            [
                ("data", .bytes(schema.data.indices)), ("encoding", .text(schema.encoding)), ("id", .number(UInt64(schema.id))),
                ("name", .text(schema.name)),
            ]
        )
    }

    /// The fields of a channel.
    public init(_ channel: Channel) {
        self.init(
            "Channel",
            [
                ("id", .number(UInt64(channel.id))), ("message_encoding", .text(channel.messageEncoding)),
                ("metadata", .texts(channel.metadata)), ("schema_id", .number(UInt64(channel.schemaID))), ("topic", .text(channel.topic)),
            ]
        )
    }

    /// The fields of a message; its bytes are all of its data.
    public init(_ head: MessageHead, dataSize: Int) {
        self.init(
            "Message",
            [
                ("channel_id", .number(UInt64(head.channelID))), ("data", .bytes(0..<dataSize)), ("log_time", .number(head.logTime)),
                ("publish_time", .number(head.publishTime)), ("sequence", .number(UInt64(head.sequence))),
            ]
        )
    }

    // MARK: Layouts

    private enum FieldType {
        case uint8
        case uint16
        case uint32
        case uint64
        case text
        case bytes32
        case bytes64
        case rest
        case texts
        case numbers
    }

    private static func read(_ type: FieldType, _ cursor: inout Cursor) throws(MalformedBytes) -> Value {
        switch type {
        case .uint8: return .number(UInt64(try cursor.read(UInt8.self)))
        case .uint16: return .number(UInt64(try cursor.read(UInt16.self)))
        case .uint32: return .number(UInt64(try cursor.read(UInt32.self)))
        case .uint64: return .number(try cursor.read(UInt64.self))
        case .text: return .text(try cursor.readText())
        case .bytes32:
            let count = try cursor.readCounted32().count
            return .bytes((cursor.offset - count)..<cursor.offset)
        case .bytes64:
            let count = try cursor.readCounted64().count
            return .bytes((cursor.offset - count)..<cursor.offset)
        case .rest:
            let start = cursor.offset
            try cursor.skip(cursor.remaining)
            return .bytes(start..<cursor.offset)
        case .texts: return .texts(try readTextMap(&cursor))
        case .numbers: return .numbers(try readNumberMap(&cursor))
        }
    }

    /// The records of the specification (version 0) and their fields in the order in which they are stored.
    ///
    /// An attachment's checksum is not among its fields: it is about the bytes and not about what they say.
    private static let layouts: [UInt8: (type: String, fields: [(String, FieldType)])] = [
        Opcode.header: ("Header", [("profile", .text), ("library", .text)]),
        Opcode.footer: ("Footer", [("summary_start", .uint64), ("summary_offset_start", .uint64), ("summary_crc", .uint32)]),
        Opcode.schema: ("Schema", [("id", .uint16), ("name", .text), ("encoding", .text), ("data", .bytes32)]),
        Opcode.channel: (
            "Channel", [("id", .uint16), ("schema_id", .uint16), ("topic", .text), ("message_encoding", .text), ("metadata", .texts)]
        ),
        Opcode.message: (
            "Message", [("channel_id", .uint16), ("sequence", .uint32), ("log_time", .uint64), ("publish_time", .uint64), ("data", .rest)]
        ),
        Opcode.chunkIndex: (
            "ChunkIndex",
            [
                ("message_start_time", .uint64), ("message_end_time", .uint64), ("chunk_start_offset", .uint64), ("chunk_length", .uint64),
                ("message_index_offsets", .numbers), ("message_index_length", .uint64), ("compression", .text),
                ("compressed_size", .uint64), ("uncompressed_size", .uint64),
            ]
        ),
        Opcode.attachment: (
            "Attachment", [("log_time", .uint64), ("create_time", .uint64), ("name", .text), ("media_type", .text), ("data", .bytes64)]
        ),
        Opcode.attachmentIndex: (
            "AttachmentIndex",
            [
                ("offset", .uint64), ("length", .uint64), ("log_time", .uint64), ("create_time", .uint64), ("data_size", .uint64),
                ("name", .text), ("media_type", .text),
            ]
        ),
        Opcode.statistics: (
            "Statistics",
            [
                ("message_count", .uint64), ("schema_count", .uint16), ("channel_count", .uint32), ("attachment_count", .uint32),
                ("metadata_count", .uint32), ("chunk_count", .uint32), ("message_start_time", .uint64), ("message_end_time", .uint64),
                ("channel_message_counts", .numbers),
            ]
        ),
        Opcode.metadata: ("Metadata", [("name", .text), ("metadata", .texts)]),
        Opcode.metadataIndex: ("MetadataIndex", [("offset", .uint64), ("length", .uint64), ("name", .text)]),
        Opcode.summaryOffset: ("SummaryOffset", [("group_opcode", .uint8), ("group_start", .uint64), ("group_length", .uint64)]),
        Opcode.dataEnd: ("DataEnd", [("data_section_crc", .uint32)]),
    ]
}

extension MCAPFile {
    /// Calls `body` with each record from Header to Footer in the order of the file, those in chunks in place of their chunk.
    ///
    /// Chunks, message indexes and records of opcodes that the specification doesn't define are left out; so are damaged ones
    /// and chunks that can't be read, which are problems listed.
    ///
    /// - Parameter body: takes the record's fields and its content, which is valid during the call only.
    /// - Throws: `CancellationError`; what `body` throws.
    public func forEachRecord(_ body: (RecordFields, RawSpan) throws -> Void) throws {
        try mapped.withBytes { bytes in
            var walker = RecordWalker(bytes, from: min(Size.magic, bytes.count))
            var nextChunk = 0
            while true {
                while let record = walker.next() {
                    try cancellation.check()
                    if record.opcode == Opcode.chunk {
                        while nextChunk < chunks.count, chunks[nextChunk].offset < record.start { nextChunk += 1 }
                        if nextChunk < chunks.count, chunks[nextChunk].offset == record.start {
                            try giveRecords(inChunk: nextChunk, bytes, body)
                        }
                        continue
                    }
                    touched.touch(record.start..<record.end, of: mapped)
                    try give(record, in: walker, body)
                    if record.opcode == Opcode.footer { return }
                }
                // A record that isn't whole: the next chunk that the summary lists, or the last of a file that is cut, comes next.
                guard let next = chunks[nextChunk...].firstIndex(where: { $0.offset >= walker.offset }) else { return }
                if chunks[next].isCut { return try giveRecords(inChunk: next, bytes, body) }
                guard chunks[next].offset > walker.offset else { return }
                nextChunk = next
                walker.offset = chunks[next].offset
            }
        }
    }

    private func giveRecords(inChunk number: Int, _ bytes: UnsafeRawBufferPointer, _ body: (RecordFields, RawSpan) throws -> Void) throws {
        try withRecords(ofChunk: number, bytes) { records in
            var walker = RecordWalker(records)
            while let record = walker.next() { try give(record, in: walker, body) }
            reportRest(of: walker, inChunk: number)
        }
    }

    private func give(_ record: Record, in walker: RecordWalker, _ body: (RecordFields, RawSpan) throws -> Void) throws {
        let content = walker.content(of: record)
        let fields: RecordFields
        do throws(MalformedBytes) {
            guard let known = try RecordFields(record.opcode, content) else { return }
            fields = known
        } catch {
            return report(.damagedRecord, "A record with opcode \(record.opcode) is damaged, and was left out: \(error).")
        }
        try body(fields, content.bytes)
    }

    /// The fields of the statistics record in the summary; `nil` where there is none.
    public var statistics: RecordFields? {
        mapped.withBytes { bytes in
            guard let statisticsPlace = summary?.statisticsPlace else { return nil }
            return try? RecordFields(Opcode.statistics, UnsafeRawBufferPointer(rebasing: bytes[statisticsPlace]))
        }
    }
}
