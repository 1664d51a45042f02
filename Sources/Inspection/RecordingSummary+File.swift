import MCAP
import Recordings

extension RecordingSummary {
    /// Looks at a file.
    ///
    /// - Parameter verifying: whether to read every message and check every checksum.
    /// - Throws: `CancellationError`.
    init(_ file: MCAPFile, verifying: Bool) throws {
        var tallies = TopicTallies([file])
        if verifying {
            try file.verify { _, head, data in tallies.add(0, head.channelID, head.logTime, bytes: data.byteCount) }
        } else {
            try file.forEachEntryInLogOrder(ofChannels: nil) { tallies.add(0, $0.channel, $0.logTime, bytes: 0) }
        }
        self.init(file.path, file.format, bytes: file.byteCount, profile: file.header.profile, tallies)
        library = file.header.library
        isIndexed = file.isIndexed
        chunks = Chunks(file)
        topics = tallies.topics(withBytes: verifying)
        attachments = file.attachments.map {
            Attachment(
                name: $0.name,
                mediaType: $0.mediaType,
                bytes: $0.size,
                logTimeNs: String($0.logTime),
                createTimeNs: String($0.createTime)
            )
        }
        metadata = file.metadata.map { Metadata(name: $0.name, values: try? file.values(of: $0)) }
        isVerified = verifying
        problems = file.problems.map { Problem(kind: $0.kind.word, message: $0.message, offset: $0.offset) }
    }
}

extension RecordingSummary.Chunks {
    fileprivate init(_ file: MCAPFile) {
        var byName: [String: Compression] = [:]
        var edges: [(time: UInt64, step: Int)] = []
        count = file.storedChunkCount
        largestBytes = 0
        unreadable = 0
        for number in 0..<file.storedChunkCount {
            let chunk = file.storedChunk(number, countingMessages: false)
            byName[chunk.compression, default: Compression(name: chunk.compression)].add(chunk)
            largestBytes = max(largestBytes, chunk.uncompressedSize)
            if !chunk.isReadable { unreadable += 1 }
            if (chunk.startTime, chunk.endTime) != (0, 0), chunk.startTime <= chunk.endTime {
                edges.append((chunk.startTime, 1))
                edges.append((chunk.endTime, -1))
            }
        }
        // One that ends at the moment at which another begins doesn't overlap with it in a way that costs anything.
        edges.sort { ($0.time, $0.step) < ($1.time, $1.step) }
        overlapping = count > 0 ? 1 : 0
        var open = 0
        for edge in edges {
            open += edge.step
            overlapping = max(overlapping, open)
        }
        compression = byName.values.sorted { $0.name < $1.name }
    }
}

extension RecordingSummary.Chunks.Compression {
    fileprivate mutating func add(_ chunk: StoredChunk) {
        chunks += 1
        bytes &+= UInt64(chunk.storedSize)
        uncompressedBytes &+= chunk.uncompressedSize
    }
}

extension MCAPProblem.Kind {
    /// The stable word for scripts.
    var word: String {
        switch self {
        case .truncated: "truncated"
        case .crcMismatch: "crc_mismatch"
        case .conflictingSchema: "conflicting_schema"
        case .conflictingChannel: "conflicting_channel"
        case .unknownCompression: "unknown_compression"
        case .damagedChunk: "damaged_chunk"
        case .damagedRecord: "damaged_record"
        case .damagedSummary: "damaged_summary"
        case .wrongIndex: "wrong_index"
        case .wrongTimes: "wrong_times"
        case .wrongSummary: "wrong_summary"
        case .more: "more_problems"
        }
    }
}
