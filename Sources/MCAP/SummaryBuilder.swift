import Files

/// What a writer has written so far, as the summary at the end of the file lists it.
struct SummaryBuilder {
    private(set) var messageCount: UInt64 = 0
    private(set) var chunkCount: UInt32 = 0
    private(set) var attachmentCount: UInt32 = 0
    private(set) var metadataCount: UInt32 = 0
    private(set) var messageCounts: [UInt16: UInt64] = [:]
    /// The first and last log time of all messages; `nil` while there is none.
    private(set) var timeRange: (first: UInt64, last: UInt64)?

    /// The record of the chunk that was added last.
    private var chunkIndex = RecordEncoder()
    /// Those of all chunks before it: a long file has many.
    private let chunkIndexes: SpilledArrayWriter<UInt8>
    private var attachmentIndexes = RecordEncoder()
    private var metadataIndexes = RecordEncoder()

    /// - Parameter scratch: a directory for long lists.
    init(scratch: String) {
        chunkIndexes = SpilledArrayWriter(in: scratch)
    }

    /// A chunk as it was written.
    struct ChunkPlace {
        /// Where its record starts.
        var offset: Int
        /// The size of its record.
        var length: Int
        /// The size of the index records behind it.
        var indexLength: Int
        /// The first and last log time, as its record says.
        var times: (first: UInt64, last: UInt64)
        var compression: String
        var compressedSize: UInt64
        var uncompressedSize: UInt64
    }

    mutating func add(_ chunk: ChunkPlace, _ channels: [ChunkChannel]) throws(OversizedField) {
        chunkCount += 1
        for channel in channels {
            messageCount += channel.count
            messageCounts[channel.channel, default: 0] += channel.count
        }
        if !channels.isEmpty {
            timeRange = (min(timeRange?.first ?? .max, chunk.times.first), max(timeRange?.last ?? .min, chunk.times.last))
        }
        try chunkIndex.putRecord(Opcode.chunkIndex) { encoder throws(OversizedField) in
            encoder.put(chunk.times.first)
            encoder.put(chunk.times.last)
            encoder.put(UInt64(chunk.offset))
            encoder.put(UInt64(chunk.length))
            try encoder.putCounted32 { encoder in
                for channel in channels {
                    encoder.put(channel.channel)
                    encoder.put(UInt64(chunk.offset + chunk.length + channel.indexOffset))
                }
            }
            encoder.put(UInt64(chunk.indexLength))
            try encoder.putText(chunk.compression)
            encoder.put(chunk.compressedSize)
            encoder.put(chunk.uncompressedSize)
        }
    }

    /// Moves the record of the chunk that was added last to the others; to be called after each.
    mutating func spill() throws(FileError) {
        for byte in chunkIndex.bytes { try chunkIndexes.append(byte) }
        chunkIndex.removeAll()
    }

    /// The records of all chunks; there are none any more.
    func finishChunkIndexes() throws(FileError) -> SpilledArray<UInt8> { try chunkIndexes.finish() }

    mutating func addAttachment(
        at offset: Int,
        length: Int,
        name: String,
        mediaType: String,
        times: (log: UInt64, create: UInt64),
        size: Int
    ) throws(OversizedField) {
        attachmentCount += 1
        try attachmentIndexes.putRecord(Opcode.attachmentIndex) { encoder throws(OversizedField) in
            encoder.put(UInt64(offset))
            encoder.put(UInt64(length))
            encoder.put(times.log)
            encoder.put(times.create)
            encoder.put(UInt64(size))
            try encoder.putText(name)
            try encoder.putText(mediaType)
        }
    }

    mutating func addMetadata(at offset: Int, length: Int, name: String) throws(OversizedField) {
        metadataCount += 1
        try metadataIndexes.putRecord(Opcode.metadataIndex) { encoder throws(OversizedField) in
            encoder.put(UInt64(offset))
            encoder.put(UInt64(length))
            try encoder.putText(name)
        }
    }

    /// The summary's groups of records, each of one opcode, in the order in which they are written; some are empty, and so is that of the
    /// chunks, of which `finishChunkIndexes` gives the records.
    func groups(_ definitions: WrittenDefinitions) throws(OversizedField) -> [(opcode: UInt8, records: RecordEncoder)] {
        var schemas = RecordEncoder()
        for schema in definitions.schemas.values.sorted(by: { $0.id < $1.id }) { try schemas.put(schema) }
        var channels = RecordEncoder()
        for channel in definitions.channels.values.sorted(by: { $0.id < $1.id }) { try channels.put(channel) }
        let statistics = try statistics(schemas: definitions.schemas.count, channels: definitions.channels.count)
        return [
            (Opcode.schema, schemas), (Opcode.channel, channels), (Opcode.statistics, statistics), (Opcode.chunkIndex, RecordEncoder()),
            (Opcode.attachmentIndex, attachmentIndexes), (Opcode.metadataIndex, metadataIndexes),
        ]
    }

    private func statistics(schemas: Int, channels: Int) throws(OversizedField) -> RecordEncoder {
        var encoder = RecordEncoder()
        try encoder.putRecord(Opcode.statistics) { encoder throws(OversizedField) in
            encoder.put(messageCount)
            // There are at most 65,535 schemas: 0 is no id.
            encoder.put(UInt16(truncatingIfNeeded: schemas))
            encoder.put(UInt32(channels))
            encoder.put(attachmentCount)
            encoder.put(metadataCount)
            encoder.put(chunkCount)
            encoder.put(timeRange?.first ?? 0)
            encoder.put(timeRange?.last ?? 0)
            try encoder.putCounted32 { encoder in
                for (channel, count) in messageCounts.sorted(by: { $0.key < $1.key }) {
                    encoder.put(channel)
                    encoder.put(count)
                }
            }
        }
        return encoder
    }
}
