import Compression
public import ExportCore
import Files

/// Writes an MCAP file: chunked, indexed, with statistics and all checksums.
///
/// Schemas and channels stand outside chunks, ahead of the first chunk that needs them, so that damage to a chunk costs no
/// other chunk its meaning. The same calls give the same bytes.
///
/// ```swift
/// let writer = try MCAPWriter(path: "new.mcap", profile: "ros2", settings: .init(), cancellation: cancellation)
/// try writer.add(schema)
/// try writer.add(channel)
/// try writer.write(head, data)
/// let written = try writer.finish()
/// ```
///
/// A file that isn't finished is cut off, and nobody's business: it is for the caller to write under a temporary name, to flush
/// and to rename. After an error nothing further can be written. Used from one thread at a time; times are nanoseconds.
public final class MCAPWriter {
    /// How chunks are compressed.
    public enum Compression: Hashable, Sendable, CaseIterable {
        case none
        case lz4
        case zstd
    }

    /// What a writer of files may choose.
    public struct Settings: Hashable, Sendable {
        /// How chunks are compressed; those that would not become smaller are stored as they are.
        public var compression: Compression
        /// The number of uncompressed bytes at which a chunk is closed; a message as large as that has a chunk to itself.
        public var chunkSize: Int
        /// What the header says of the program that wrote the file.
        public var library: String

        /// The defaults: zstd, 4 MiB.
        public init(compression: Compression = .zstd, chunkSize: Int = 4 << 20, library: String = "exportd") {
            self.compression = compression
            self.chunkSize = chunkSize
            self.library = library
        }
    }

    /// What a finished file holds.
    public struct Written: Sendable {
        /// All messages, those in copied chunks included.
        public var messageCount: UInt64
        /// How many messages each channel has; a channel without messages is missing.
        public var messageCounts: [UInt16: UInt64]
        /// All chunks.
        public var chunkCount: Int
        /// The first and last log time; `nil` where there is no message.
        public var timeRange: (first: UInt64, last: UInt64)?
        /// The file's size.
        public var bytes: Int
    }

    /// The file, as the caller named it.
    public let path: String
    /// The size of the file so far, without what the open chunk holds.
    public var bytesWritten: Int { output.position }
    /// The uncompressed size of the open chunk.
    public var openBytes: Int { chunk.count }

    let output: RecordingOutput
    let cancellation: Cancellation
    /// The header, until it is written; a copied data section brings its own.
    var header: Header?
    var definitions = WrittenDefinitions()
    var summary: SummaryBuilder
    /// The file of which the definitions were last found to agree with this one's.
    var agreedFile: MCAPFile?
    private let packer: ChunkPacker
    private let chunkSize: Int
    private var chunk = ChunkBuilder()

    /// So much is made room for before a chunk is filled.
    private static let largestReserve = 8 << 20

    /// Readers, this one included, take larger chunks for damaged.
    private static let maximumMessageSize = MCAPFile.maximumChunkSize - Size.message

    /// Creates a file, which must not exist.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - profile: the conventions that its channels follow: `ros1`, `ros2`, or empty.
    ///   - settings: compression and the size of chunks.
    ///   - cancellation: looked at whenever bytes go to the file.
    /// - Throws: `FileError` where the file can't be created, `CompressionError`.
    public init(path: String, profile: String, settings: Settings, cancellation: Cancellation) throws {
        self.path = path
        self.cancellation = cancellation
        summary = SummaryBuilder(scratch: FileSystem.parent(of: path))
        packer = try ChunkPacker(settings.compression)
        chunkSize = min(max(settings.chunkSize, 1), MCAPFile.maximumChunkSize / 2)
        header = Header(profile: profile, library: settings.library)
        output = try RecordingOutput(path: path)
        try output.put(magic)
    }

    // MARK: - Definitions

    /// Adds a schema under its id; the same schema again is nothing.
    ///
    /// - Throws: `MCAPError` where the id is 0 or stands for another schema.
    public func add(_ schema: Schema) throws {
        guard schema.id != 0 else {
            throw MCAPError(.conflictingDefinition, path, "The schema “\(schema.name)” has the id 0, which stands for no schema.")
        }
        if let known = definitions.schemas[schema.id] {
            guard known == schema else {
                throw MCAPError(
                    .conflictingDefinition,
                    path,
                    "Schema \(schema.id) stands for “\(known.name)” and can't be given another definition, of “\(schema.name)”."
                )
            }
            return
        }
        try encoding { () throws(OversizedField) in try definitions.add(schema) }
    }

    /// Adds a channel under its id; the same channel again is nothing.
    ///
    /// - Throws: `MCAPError` where the id stands for another channel, or where the schema was not added.
    public func add(_ channel: Channel) throws {
        if let known = definitions.channels[channel.id] {
            guard known == channel else {
                throw MCAPError(
                    .conflictingDefinition,
                    path,
                    "Channel \(channel.id) stands for “\(known.topic)” and can't be given another description, of “\(channel.topic)”."
                )
            }
            return
        }
        guard channel.schemaID == 0 || definitions.schemas[channel.schemaID] != nil else {
            throw MCAPError(
                .missingDefinition,
                path,
                "Channel \(channel.id), “\(channel.topic)”, names the schema \(channel.schemaID), which isn't defined."
            )
        }
        try encoding { () throws(OversizedField) in try definitions.add(channel) }
    }

    // MARK: - Content

    /// Writes a message, whatever its time.
    ///
    /// - Throws: `MCAPError` where its channel was not added, or where it is larger than a gigabyte; `FileError`,
    ///   `CompressionError`, `CancellationError` where a chunk is closed.
    public func write(_ head: MessageHead, _ data: RawSpan) throws {
        guard definitions.hasChannel(head.channelID) else {
            throw MCAPError(.missingDefinition, path, "A message belongs to channel \(head.channelID), which isn't defined.")
        }
        let size = data.byteCount
        guard size <= Self.maximumMessageSize else {
            throw MCAPError(.tooLarge, path, "A message of channel \(head.channelID) has \(size) bytes, more than a chunk may hold.")
        }
        if size >= chunkSize - Size.message { try closeChunk() }
        // Memory that is not written to costs nothing; the last message of a chunk may reach beyond its size.
        if chunk.messageCount == 0 { chunk.reserve(min(chunkSize, Self.largestReserve) + min(size, chunkSize) + Size.message) }
        data.withUnsafeBytes { chunk.add(head, $0) }
        if chunk.count >= chunkSize { try closeChunk() }
    }

    /// Writes an attachment.
    ///
    /// - Throws: `FileError`, `CancellationError`; `MCAPError` where a text is longer than the format can say.
    public func attach(name: String, mediaType: String, logTime: UInt64, createTime: UInt64, _ data: RawSpan) throws {
        var fields = RecordEncoder()
        try encoding { () throws(OversizedField) in
            fields.put(logTime)
            fields.put(createTime)
            try fields.putText(name)
            try fields.putText(mediaType)
            fields.put(UInt64(data.byteCount))
        }
        var checksum = CRC32()
        checksum.update(fields.bytes)
        let contentSize = fields.count + data.byteCount + MemoryLayout<UInt32>.size
        try writeHeader()
        let start = output.position
        var prefix = RecordEncoder()
        prefix.put(Opcode.attachment)
        prefix.put(UInt64(contentSize))
        try output.put(prefix.bytes)
        try output.put(fields.bytes)
        try data.withUnsafeBytes { data in
            // In pieces, so that a large attachment can be cancelled.
            for start in stride(from: 0, to: data.count, by: 1 << 20) {
                try cancellation.check()
                let piece = UnsafeRawBufferPointer(rebasing: data[start...].prefix(1 << 20))
                checksum.update(piece)
                try output.put(piece)
            }
        }
        var suffix = RecordEncoder()
        suffix.put(checksum.value)
        try output.put(suffix.bytes)
        try encoding { () throws(OversizedField) in
            try summary.addAttachment(
                at: start,
                length: Size.prefix + contentSize,
                name: name,
                mediaType: mediaType,
                times: (logTime, createTime),
                size: data.byteCount
            )
        }
    }

    /// Writes a map of texts, by key.
    ///
    /// - Throws: `FileError`; `MCAPError` where a text is longer than the format can say.
    public func addMetadata(name: String, _ values: [String: String]) throws {
        var record = RecordEncoder()
        try encoding { () throws(OversizedField) in
            try record.putRecord(Opcode.metadata) { encoder throws(OversizedField) in
                try encoder.putText(name)
                try encoder.putTextMap(values)
            }
        }
        try writeHeader()
        let start = output.position
        try output.put(record.bytes)
        try encoding { () throws(OversizedField) in try summary.addMetadata(at: start, length: record.count, name: name) }
    }

    // MARK: - Chunks

    /// Writes the open chunk, if it holds anything, so that the next message starts another.
    ///
    /// - Throws: `FileError`, `CompressionError`, `CancellationError`.
    public func closeChunk() throws {
        guard chunk.messageCount > 0 else { return }
        try cancellation.check()
        try writeDefinitions()
        let start = output.position
        let (indexes, channels) = try encoding { () throws(OversizedField) in try chunk.indexes() }
        let times = chunk.times
        let size = chunk.count
        try chunk.bytes.withUnsafeBytes { records in
            try packer.withPacked(records) { compression, packed in
                var head = RecordEncoder()
                head.put(Opcode.chunk)
                head.put(UInt64(Size.chunkHead + compression.utf8.count + packed.count))
                head.put(times.first)
                head.put(times.last)
                head.put(UInt64(size))
                head.put(CRC32.of(records))
                try encoding { () throws(OversizedField) in try head.putText(compression) }
                head.put(UInt64(packed.count))
                try output.put(head.bytes)
                try output.put(packed)
                let place = SummaryBuilder.ChunkPlace(
                    offset: start,
                    length: output.position - start,
                    indexLength: indexes.count,
                    times: times,
                    compression: compression,
                    compressedSize: UInt64(packed.count),
                    uncompressedSize: UInt64(size)
                )
                try list(place, channels)
            }
        }
        try output.put(indexes.bytes)
        chunk.removeAll(keeping: chunkSize)
    }

    /// Takes a chunk into the summary.
    func list(_ place: SummaryBuilder.ChunkPlace, _ channels: [ChunkChannel]) throws {
        try encoding { () throws(OversizedField) in try summary.add(place, channels) }
        try summary.spill()
    }

    // MARK: - The end

    /// Writes the open chunk and the summary, and closes the file; flushing it to its storage is left to the caller.
    ///
    /// Nothing can be written afterwards.
    ///
    /// - Throws: `FileError`, `CompressionError`, `CancellationError`.
    public func finish() throws -> Written {
        try closeChunk()
        // Channels without messages are in the file all the same.
        try writeDefinitions()
        var record = RecordEncoder()
        let dataChecksum = try output.takeChecksum()
        try encoding { () throws(OversizedField) in
            try record.putRecord(Opcode.dataEnd) { $0.put(dataChecksum) }
        }
        try output.put(record.bytes)
        // The summary's checksum starts behind the DataEnd record.
        _ = try output.takeChecksum()
        try writeSummary()
        try output.put(magic)
        try output.close()
        return Written(
            messageCount: summary.messageCount,
            messageCounts: summary.messageCounts,
            chunkCount: Int(summary.chunkCount),
            timeRange: summary.timeRange,
            bytes: output.position
        )
    }

    private func writeSummary() throws {
        let start = output.position
        var offsets = RecordEncoder()
        let chunkIndexes = try summary.finishChunkIndexes()
        for (opcode, records) in try encoding({ () throws(OversizedField) in try summary.groups(definitions) }) {
            let isChunkIndex = opcode == Opcode.chunkIndex
            let count = isChunkIndex ? chunkIndexes.count : records.count
            guard count > 0 else { continue }
            try encoding { () throws(OversizedField) in
                try offsets.putRecord(Opcode.summaryOffset) { encoder in
                    encoder.put(opcode)
                    encoder.put(UInt64(output.position))
                    encoder.put(UInt64(count))
                }
            }
            if isChunkIndex {
                try chunkIndexes.withContiguousStorageIfAvailable { try output.put(UnsafeRawBufferPointer($0)) }
            } else {
                try output.put(records.bytes)
            }
        }
        let offsetStart = output.position
        try output.put(offsets.bytes)
        var footer = RecordEncoder()
        footer.put(Opcode.footer)
        footer.put(UInt64(20))
        footer.put(UInt64(start))
        footer.put(UInt64(offsetStart))
        try output.put(footer.bytes)
        var checksum = RecordEncoder()
        checksum.put(try output.takeChecksum())
        try output.put(checksum.bytes)
    }

    // MARK: - Parts of the file

    func writeHeader() throws {
        guard let header else { return }
        self.header = nil
        var record = RecordEncoder()
        try encoding { () throws(OversizedField) in try record.put(header) }
        try output.put(record.bytes)
    }

    /// Writes the header and the definitions that aren't in the file yet.
    func writeDefinitions() throws {
        try writeHeader()
        guard !definitions.pending.isEmpty else { return }
        try output.put(definitions.pending.bytes)
        definitions.removePending()
    }

    /// Says in words what can't be encoded.
    func encoding<R>(_ body: () throws(OversizedField) -> R) throws(MCAPError) -> R {
        do throws(OversizedField) {
            return try body()
        } catch {
            throw MCAPError(.tooLarge, path, "A text, map or index of the file is larger than the format can say.")
        }
    }
}
