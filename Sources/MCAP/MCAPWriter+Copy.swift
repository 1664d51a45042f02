import Bytes
import ExportCore

extension MCAPWriter {
    /// Copies a whole chunk as it is, without decompressing it, and its message indexes; the channels of its messages are
    /// defined first where they aren't yet.
    ///
    /// The chunk brings all its messages and definitions along, so it is for the caller to see that all of them are wanted.
    ///
    /// - Throws: `MCAPError` where the chunk is damaged or has no usable index, or where one of the file's schemas or channels
    ///   has an id that stands for another here; `FileError`, `CompressionError`, `CancellationError`.
    public func copy(_ chunk: StoredChunk, of file: MCAPFile) throws {
        guard file.chunks.indices.contains(chunk.number), let indexed = IndexedChunk(file.chunks[chunk.number], of: file) else {
            throw MCAPError(
                .notCopyable,
                file.path,
                "The chunk at byte \(chunk.place.lowerBound) can't be copied: it is damaged or has no index."
            )
        }
        try checkAgreement(with: file)
        for channel in indexed.channels { try define(channel.channel, as: file) }
        try copy(indexed, of: file)
    }

    /// Copies a chunk and its indexes; what they need is defined.
    func copy(_ chunk: IndexedChunk, of file: MCAPFile) throws {
        try closeChunk()
        try writeDefinitions()
        let start = output.position
        try copy(chunk.chunk.offset..<chunk.chunk.indexEnd, of: file)
        try list(chunk.place(at: start), chunk.channels)
    }

    /// Copies a chunk and writes new indexes; what they need is defined.
    func copy(_ chunk: IndexedChunk, listing messages: ChunkBuilder, of file: MCAPFile) throws {
        try closeChunk()
        try writeDefinitions()
        let (indexes, channels) = try encoding { () throws(OversizedField) in try messages.indexes() }
        var place = chunk.place(at: output.position)
        place.indexLength = indexes.count
        try copy(chunk.chunk.offset..<chunk.chunk.end, of: file)
        try output.put(indexes.bytes)
        try list(place, channels)
    }

    /// Copies a whole attachment record.
    func copy(_ fields: AttachmentFields, record: UnsafeRawBufferPointer) throws {
        try writeHeader()
        let start = output.position
        try output.put(record)
        try encoding { () throws(OversizedField) in
            try summary.addAttachment(
                at: start,
                length: record.count,
                name: fields.name,
                mediaType: fields.mediaType,
                times: (fields.logTime, fields.createTime),
                size: fields.data.count
            )
        }
    }

    /// Copies a whole metadata record.
    func copyMetadata(name: String, record: UnsafeRawBufferPointer) throws {
        try writeHeader()
        let start = output.position
        try output.put(record)
        try encoding { () throws(OversizedField) in try summary.addMetadata(at: start, length: record.count, name: name) }
    }

    /// Copies a whole record that the summary doesn't list.
    func copyRecord(_ record: UnsafeRawBufferPointer) throws {
        try writeHeader()
        try output.put(record)
    }

    /// Copies everything between the magic and the end of the data, header included, byte for byte; chunks, statistics,
    /// attachments and metadata are taken into the summary.
    ///
    /// Only as the first thing that is put into a file. What is copied is checked: each chunk as by `MCAPFile.check(chunk:)`,
    /// attachments by theirs, and all together by the checksum that the file has of its data. What turns out to be damaged, but can be read, is copied as
    /// it is, and is a problem of the file listed.
    ///
    /// - Throws: `MCAPError` where the file isn't `isCopyable`, where something was written already, and, as `.unreadableChunk`,
    ///   where a chunk can't be read, which is a problem of the file listed; then what was written is of no use. `FileError`,
    ///   `CancellationError`.
    public func copyDataSection(of file: MCAPFile) throws {
        guard header != nil, definitions.schemas.isEmpty, definitions.channels.isEmpty, openBytes == 0 else {
            throw MCAPError(.notCopyable, path, "The data of \(file.path) can be copied to the start of a file only.")
        }
        guard let section = CopyableData(of: file) else { throw Self.notCopyable(file) }
        try encoding { () throws(OversizedField) in
            for schema in file.schemas.values { try definitions.add(schema, isWritten: true) }
            for channel in file.channels.values { try definitions.add(channel, isWritten: true) }
            for entry in file.attachments {
                try summary.addAttachment(
                    at: entry.content.lowerBound - Size.prefix,
                    length: entry.content.count + Size.prefix,
                    name: entry.name,
                    mediaType: entry.mediaType,
                    times: (entry.logTime, entry.createTime),
                    size: entry.size
                )
            }
            for entry in file.metadata {
                try summary.addMetadata(
                    at: entry.content.lowerBound - Size.prefix,
                    length: entry.content.count + Size.prefix,
                    name: entry.name
                )
            }
        }
        header = nil
        var place = section.bytes.lowerBound
        for (number, chunk) in file.chunks.enumerated() {
            try copy(place..<chunk.offset, of: file)
            // Before it is copied, so that its bytes are at hand then.
            try check(number, of: file)
            guard let indexed = IndexedChunk(file.chunks[number], of: file) else { throw Self.notCopyable(file) }
            try list(indexed.place(at: chunk.offset), indexed.channels)
            try copy(chunk.offset..<chunk.indexEnd, of: file)
            place = chunk.indexEnd
        }
        try copy(place..<section.bytes.upperBound, of: file)
        for entry in file.attachments {
            try cancellation.check()
            // Looks at its checksum.
            try file.withAttachment(entry) { _ in }
        }
        guard let declared = section.checksum, try output.currentChecksum() != declared else { return }
        file.report(.crcMismatch, "The checksum of the file's data is wrong: some of it may be damaged. It was copied as it is.")
    }

    private static func notCopyable(_ file: MCAPFile) -> MCAPError {
        MCAPError(.notCopyable, file.path, "The file's data can't be copied as it is: the file is damaged, or parts have no index.")
    }

    private func check(_ number: Int, of file: MCAPFile) throws {
        guard try !file.check(chunk: number) else { return }
        throw MCAPError(
            .unreadableChunk,
            file.path,
            "The chunk at byte \(file.chunks[number].offset) can't be copied, because it can't be read."
        )
    }

    /// Copies a stretch of a file from its mapping, in pieces that are in the processor's cache when the kernel copies what was just
    /// summed up.
    private func copy(_ range: Range<Int>, of file: MCAPFile) throws {
        try file.mapped.withBytes { bytes in
            var place = range.lowerBound
            while place < range.upperBound {
                try cancellation.check()
                // Pieces end where the file's pages do.
                let end = min(range.upperBound, (place / Self.copySize + 1) * Self.copySize)
                file.touched.touch(place..<end, of: file.mapped)
                try output.put(UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
                place = end
            }
        }
    }

    private static let copySize = 256 << 10

    /// The ids of a file's chunks can't be changed without decompressing them, so they must mean the same here.
    private func checkAgreement(with file: MCAPFile) throws {
        guard agreedFile !== file else { return }
        for schema in file.schemas.values.sorted(by: { $0.id < $1.id }) where definitions.schemas[schema.id] != nil { try add(schema) }
        for channel in file.channels.values.sorted(by: { $0.id < $1.id }) where definitions.channels[channel.id] != nil {
            try add(channel)
        }
        agreedFile = file
    }

    private func define(_ id: UInt16, as file: MCAPFile) throws {
        guard !definitions.hasChannel(id) else { return }
        guard let channel = file.channels[id] else {
            throw MCAPError(.missingDefinition, file.path, "Messages belong to channel \(id), which the file doesn't describe.")
        }
        if let schema = file.schemas[channel.schemaID] { try add(schema) }
        try add(channel)
    }
}

extension MCAPFile {
    /// Whether all the file's data can be copied as it is: nothing is wrong with it, and all its messages are in indexed chunks.
    public var isCopyable: Bool { CopyableData(of: self) != nil }
}

/// A chunk whose messages are known by its indexes.
struct IndexedChunk {
    let chunk: Chunk
    let channels: [ChunkChannel]
    private let place: SummaryBuilder.ChunkPlace

    /// `nil` where the chunk is cut or damaged, or where what follows it isn't an index of each of its channels.
    init?(_ chunk: Chunk, of file: MCAPFile) {
        // Looked at for every chunk of a file, so that what was read must not stay mapped.
        file.touched.touch(chunk.offset..<min(chunk.offset + Size.prefix + Size.chunkHead, chunk.end), of: file.mapped)
        file.touched.touch(chunk.end..<chunk.indexEnd, of: file.mapped)
        let found = file.mapped.withBytes { Self.read(chunk, $0) }
        guard let found else { return nil }
        self.chunk = chunk
        (channels, place) = found
    }

    /// The chunk as it is listed in the summary of a file in which it starts at `offset`.
    func place(at offset: Int) -> SummaryBuilder.ChunkPlace {
        var place = place
        place.offset = offset
        return place
    }

    private static func read(_ chunk: Chunk, _ bytes: UnsafeRawBufferPointer) -> ([ChunkChannel], SummaryBuilder.ChunkPlace)? {
        guard !chunk.isCut, !chunk.isUnreadable, !chunk.hasWrongIndex, let head = chunk.head(in: bytes) else { return nil }
        var channels: [ChunkChannel] = []
        var walker = RecordWalker(bytes, from: chunk.end, to: chunk.indexEnd)
        while let record = walker.next() {
            guard let index = MessageIndex(walker, record) else { return nil }
            guard index.count > 0 else { continue }
            channels.append(ChunkChannel(channel: index.channel, count: UInt64(index.count), indexOffset: record.start - chunk.end))
        }
        guard case .atEnd = walker.stop, Set(channels.map(\.channel)).count == channels.count else { return nil }
        guard head.compression.isKnown else { return nil }
        let place = SummaryBuilder.ChunkPlace(
            offset: chunk.offset,
            length: chunk.end - chunk.offset,
            indexLength: chunk.indexEnd - chunk.end,
            times: (head.start, head.end),
            compression: head.compression.name,
            compressedSize: UInt64(head.records.count),
            uncompressedSize: head.uncompressedSize
        )
        return (channels, place)
    }
}

/// The part of a sound file that holds its records.
private struct CopyableData {
    /// From behind the magic to the DataEnd record.
    let bytes: Range<Int>
    /// What the DataEnd record says of them; `nil` where it says nothing.
    let checksum: UInt32?

    /// `nil` where anything is wrong with the file, or where its messages aren't all in indexed chunks.
    init?(of file: MCAPFile) {
        let section = file.dataSection
        guard section.isSound else { return nil }
        var counts: [UInt16: UInt64] = [:]
        for chunk in file.chunks {
            guard let indexed = IndexedChunk(chunk, of: file) else { return nil }
            for channel in indexed.channels { counts[channel.channel, default: 0] += channel.count }
        }
        guard counts == file.messageCounts.filter({ $0.value > 0 }) else { return nil }
        bytes = section.place
        checksum = file.mapped.withBytes { bytes in
            // A sound section ends at a DataEnd record, whose content is the checksum.
            var cursor = Cursor(UnsafeRawBufferPointer(rebasing: bytes[section.place.upperBound...]))
            guard (try? cursor.skip(Size.prefix)) != nil, let checksum = try? cursor.read(UInt32.self) else { return nil }
            return checksum == 0 ? nil : checksum
        }
    }
}
