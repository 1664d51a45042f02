import Compression

/// What a writer may leave in or out, as in the format's own conformance files.
struct Features: OptionSet {
    let rawValue: Int
    static let chunks = Features(rawValue: 1)
    static let messageIndexes = Features(rawValue: 2)
    static let chunkIndexes = Features(rawValue: 4)
    static let repeatedSchemas = Features(rawValue: 8)
    static let repeatedChannels = Features(rawValue: 16)
    static let statistics = Features(rawValue: 32)
    static let attachmentIndexes = Features(rawValue: 64)
    static let metadataIndexes = Features(rawValue: 128)
    static let summaryOffsets = Features(rawValue: 256)
    /// Three bytes behind the fields of each record that may grow.
    static let padding = Features(rawValue: 512)
    static let count = 10

    /// Message and chunk indexes belong to chunks.
    var isSensible: Bool { contains(.chunks) || isDisjoint(with: [.messageIndexes, .chunkIndexes]) }
}

/// What a file holds.
enum Contents: CaseIterable {
    case nothing
    case oneMessage
    case oneMessageWithoutSchema
    case tenMessages
    case oneAttachment
    case oneMetadata
    case everything

    /// In the order of the file; the format's own example of times that go back and are equal.
    var times: [UInt64] {
        switch self {
        case .nothing, .oneAttachment, .oneMetadata: []
        case .oneMessage, .oneMessageWithoutSchema: [2]
        case .tenMessages, .everything: [0, 2, 1, 3, 3, 5, 4, 7, 8, 9]
        }
    }

    var hasAttachment: Bool { self == .oneAttachment || self == .everything }
    var hasMetadata: Bool { self == .oneMetadata || self == .everything }
}

/// A field as the tests write it down.
enum Field {
    case byte(UInt8)
    case short(UInt16)
    case int(UInt32)
    case long(UInt64)
    case text(String)
    case bytes32([UInt8])
    case bytes64([UInt8])
    case rest([UInt8])
    case texts([(String, String)])
    case numbers([(UInt16, UInt64)])

    var encoded: [UInt8] {
        switch self {
        case .byte(let value): [value]
        case .short(let value): number(value)
        case .int(let value): number(value)
        case .long(let value): number(value)
        case .text(let value): MCAPTests.text(value)
        case .bytes32(let value): counted(value)
        case .bytes64(let value): number(UInt64(value.count)) + value
        case .rest(let value): value
        case .texts(let value): counted(value.flatMap { MCAPTests.text($0) + MCAPTests.text($1) })
        case .numbers(let value): counted(value.flatMap { number($0) + number($1) })
        }
    }

    var written: String {
        switch self {
        case .byte(let value): String(value)
        case .short(let value): String(value)
        case .int(let value): String(value)
        case .long(let value): String(value)
        case .text(let value): value
        case .bytes32(let value), .bytes64(let value), .rest(let value): "\(value)"
        case .texts(let value): "\(value.sorted { $0.0 < $1.0 }.map { "\($0)=\($1)" })"
        case .numbers(let value): "\(value.sorted { $0.0 < $1.0 }.map { "\($0)=\($1)" })"
        }
    }
}

/// Writes a file with some features and contents, and remembers its records as a reader must give them.
struct VariantBuilder {
    private(set) var bytes = RecordingBuilder.magic
    private(set) var records: [String] = []
    private(set) var statistics: String?
    private let features: Features
    private let contents: Contents

    init(_ features: Features, _ contents: Contents) {
        self.features = features
        self.contents = contents
        build()
    }

    /// Indices of the messages by log time, ties in the order of the file.
    var order: [Int] { contents.times.indices.sorted { (contents.times[$0], $0) < (contents.times[$1], $1) } }

    static func data(_ index: Int) -> [UInt8] { Array(repeating: UInt8(index), count: index) }

    private var padding: [UInt8] { features.contains(.padding) ? [1, 0xFF, 0xFF] : [] }

    /// A record, padded where it may be, and noted where readers give it.
    private mutating func make(_ opcode: UInt8, _ type: String, _ fields: [(String, Field)], crc: Bool = false, isFixed: Bool = false)
        -> [UInt8]
    {
        records.append(Self.line(type, fields.map { ($0, $1.written) }))
        var content = fields.flatMap(\.1.encoded)
        if crc { content += number(CRC32.of(content)) }
        if !isFixed { content += padding }
        return record(opcode, content)
    }

    static func line(_ type: String, _ fields: [(String, String)]) -> String {
        "\(type) " + fields.sorted { $0.0 < $1.0 }.map { "\($0)=\($1)" }.joined(separator: " ")
    }

    private mutating func build() {
        bytes += make(1, "Header", [("profile", .text("")), ("library", .text("tests"))])
        let schema: [(String, Field)] = [
            ("id", .short(1)), ("name", .text("Example")), ("encoding", .text("c")), ("data", .bytes32([4, 5, 6])),
        ]
        let schemaID: UInt16 = contents == .oneMessageWithoutSchema ? 0 : 1
        let channel: [(String, Field)] = [
            ("id", .short(0)), ("schema_id", .short(schemaID)), ("topic", .text("example")), ("message_encoding", .text("a")),
            ("metadata", .texts([("foo", "bar"), ("alpha", "beta")])),
        ]
        let hasMessages = !contents.times.isEmpty
        var data: [UInt8] = []
        var entries: [(UInt64, Int)] = []
        if hasMessages, schemaID != 0 { data += make(3, "Schema", schema) }
        if hasMessages { data += make(4, "Channel", channel) }
        for (index, time) in contents.times.enumerated() {
            entries.append((time, data.count))
            data += make(
                5,
                "Message",
                [
                    ("channel_id", .short(0)), ("sequence", .int(UInt32(index))), ("log_time", .long(time)),
                    ("publish_time", .long(time / 2)),
                    ("data", .rest(Self.data(index))),
                ],
                isFixed: true
            )
        }
        var chunkIndex: [(String, Field)] = []
        if features.contains(.chunks), hasMessages {
            chunkIndex = addChunk(data, entries)
        } else {
            bytes += data
        }
        var attachmentIndex: [(String, Field)] = []
        if contents.hasAttachment { attachmentIndex = addAttachment() }
        var metadataIndex: [(String, Field)] = []
        if contents.hasMetadata {
            let start = bytes.count
            bytes += make(0x0C, "Metadata", [("name", .text("notes")), ("metadata", .texts([("weather", "rain")]))])
            metadataIndex = [("offset", .long(UInt64(start))), ("length", .long(UInt64(bytes.count - start))), ("name", .text("notes"))]
        }
        let checksum = CRC32.of(bytes)
        bytes += make(0x0F, "DataEnd", [("data_section_crc", .int(checksum))], isFixed: true)
        addSummary(
            schema: hasMessages && schemaID != 0 ? schema : [],
            channel: hasMessages ? channel : [],
            chunkIndex,
            attachmentIndex,
            metadataIndex
        )
    }

    private mutating func addChunk(_ data: [UInt8], _ entries: [(UInt64, Int)]) -> [(String, Field)] {
        let start = bytes.count
        let (first, last) = (contents.times.min() ?? 0, contents.times.max() ?? 0)
        bytes += record(
            6,
            number(first) + number(last) + number(UInt64(data.count)) + number(CRC32.of(data)) + text("") + number(UInt64(data.count))
                + data
        )
        let end = bytes.count
        var offsets: [(UInt16, UInt64)] = []
        if features.contains(.messageIndexes) {
            offsets = [(0, UInt64(end))]
            let list = counted(entries.flatMap { number($0.0) + number(UInt64($0.1)) })
            bytes += record(7, number(UInt16(0)) + list + padding)
        }
        return [
            ("message_start_time", .long(first)), ("message_end_time", .long(last)), ("chunk_start_offset", .long(UInt64(start))),
            ("chunk_length", .long(UInt64(end - start))), ("message_index_offsets", .numbers(offsets)),
            ("message_index_length", .long(UInt64(bytes.count - end))), ("compression", .text("")),
            ("compressed_size", .long(UInt64(data.count))), ("uncompressed_size", .long(UInt64(data.count))),
        ]
    }

    private mutating func addAttachment() -> [(String, Field)] {
        let start = bytes.count
        bytes += make(
            9,
            "Attachment",
            [
                ("log_time", .long(2)), ("create_time", .long(1)), ("name", .text("myFile")),
                ("media_type", .text("application/octet-stream")), ("data", .bytes64([1, 2, 3])),
            ],
            crc: true
        )
        return [
            ("offset", .long(UInt64(start))), ("length", .long(UInt64(bytes.count - start))), ("log_time", .long(2)),
            ("create_time", .long(1)), ("data_size", .long(3)), ("name", .text("myFile")),
            ("media_type", .text("application/octet-stream")),
        ]
    }

    private mutating func addSummary(
        schema: [(String, Field)],
        channel: [(String, Field)],
        _ chunkIndex: [(String, Field)],
        _ attachmentIndex: [(String, Field)],
        _ metadataIndex: [(String, Field)]
    ) {
        let start = bytes.count
        var groups: [(opcode: UInt8, start: Int, end: Int)] = []
        func add(_ opcode: UInt8, _ type: String, _ fields: [(String, Field)], to builder: inout VariantBuilder) {
            guard !fields.isEmpty else { return }
            let start = builder.bytes.count
            builder.bytes += builder.make(opcode, type, fields)
            groups.append((opcode, start, builder.bytes.count))
        }
        if features.contains(.repeatedSchemas) { add(3, "Schema", schema, to: &self) }
        if features.contains(.repeatedChannels) { add(4, "Channel", channel, to: &self) }
        if features.contains(.statistics) {
            let times = contents.times
            let counts: [(UInt16, UInt64)] = times.isEmpty ? [] : [(UInt16(0), UInt64(times.count))]
            add(
                0x0B,
                "Statistics",
                [
                    ("message_count", .long(UInt64(times.count))), ("schema_count", .short(schema.isEmpty ? 0 : 1)),
                    ("channel_count", .int(channel.isEmpty ? 0 : 1)), ("attachment_count", .int(contents.hasAttachment ? 1 : 0)),
                    ("metadata_count", .int(contents.hasMetadata ? 1 : 0)), ("chunk_count", .int(chunkIndex.isEmpty ? 0 : 1)),
                    ("message_start_time", .long(times.min() ?? 0)), ("message_end_time", .long(times.max() ?? 0)),
                    ("channel_message_counts", .numbers(counts)),
                ],
                to: &self
            )
            statistics = records.last
        }
        if features.contains(.chunkIndexes) { add(8, "ChunkIndex", chunkIndex, to: &self) }
        if features.contains(.attachmentIndexes) { add(0x0A, "AttachmentIndex", attachmentIndex, to: &self) }
        if features.contains(.metadataIndexes) { add(0x0D, "MetadataIndex", metadataIndex, to: &self) }
        let offsetStart = bytes.count
        let hasSummary = offsetStart > start
        var hasOffsets = false
        if features.contains(.summaryOffsets) {
            for group in groups {
                hasOffsets = true
                bytes += make(
                    0x0E,
                    "SummaryOffset",
                    [
                        ("group_opcode", .byte(group.opcode)), ("group_start", .long(UInt64(group.start))),
                        ("group_length", .long(UInt64(group.end - group.start))),
                    ]
                )
            }
        }
        let summaryStart = UInt64(hasSummary ? start : 0)
        let summaryOffsetStart = UInt64(hasOffsets ? offsetStart : 0)
        let prefix = [UInt8(2)] + number(UInt64(20)) + number(summaryStart) + number(summaryOffsetStart)
        let checksum = CRC32.of(Array(bytes[start...]) + prefix)
        bytes += make(
            2,
            "Footer",
            [("summary_start", .long(summaryStart)), ("summary_offset_start", .long(summaryOffsetStart)), ("summary_crc", .int(checksum))],
            isFixed: true
        )
        bytes += RecordingBuilder.magic
    }
}
