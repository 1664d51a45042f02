import ExportCore
import Files
import Formats
import MCAP
import Plans
import Recordings

/// One dataset's recording as it is to be played back: its volumes under the ids of one file, and what is taken of them.
struct PlaybackSource {
    /// One file of the recording.
    struct Volume {
        /// Its position in the recording.
        let position: Int
        /// The file.
        let volume: any RecordingVolume
        /// The same where it is an MCAP file all of whose messages lie in chunks, which can then be copied whole.
        let chunked: MCAPFile?
        /// How its channels are called in the file that is written.
        let ids: Definitions.IDs
        /// Its own ids of the channels that are taken.
        let taken: Set<UInt16>
        /// What changes its messages; nil where nothing does.
        let transform: (any MessageTransform)?
        /// Its own ids of the channels whose messages may change.
        let changing: Set<UInt16>
    }

    /// The recording.
    let recording: Recording
    /// Its files in order.
    let volumes: [Volume]
    /// All schemas and channels, also those that are not taken.
    private(set) var definitions: Definitions
    /// The ids, in the file that is written, of the channels that are taken.
    let taken: Set<UInt16>
    /// The first and the last log time; nil where there are no messages.
    let recorded: ClosedRange<UInt64>?
    /// What stretch is taken.
    let windows: TimeWindows
    /// What is asked for.
    let selection: MessageSelection

    /// Opens a dataset's recording.
    ///
    /// - Throws: `topic_missing` where the recording lacks a topic that is asked for, or none is left; a failure to read it.
    init(
        _ dataset: PlannedDataset,
        _ selection: MessageSelection,
        transform: (any MessageTransform)?,
        cancellation: Cancellation
    ) throws {
        let recording = try Recording(volumes: dataset.volumePaths, cancellation: cancellation)
        try TopicCheck.check(selection.topics, topics: recording.topics.map(\.name), of: dataset.id)
        var definitions = Definitions()
        var volumes: [Volume] = []
        var taken: Set<UInt16> = []
        var recorded: ClosedRange<UInt64>?
        for (position, volume) in recording.volumes.enumerated() {
            let ids = try definitions.add(schemas: volume.schemas, channels: volume.channels)
            let own = Set(volume.channels.values.filter { selection.topics.takes($0.topic) }.map(\.id))
            taken.formUnion(own.compactMap { ids.channels[$0] })
            let file = volume as? MCAPFile
            volumes.append(
                Volume(
                    position: position,
                    volume: volume,
                    chunked: file?.hasMessagesOutsideChunks == false ? file : nil,
                    ids: ids,
                    taken: own,
                    transform: transform,
                    changing: transform?.channels(ofVolume: position) ?? []
                )
            )
            if let (first, last) = volume.timeRange {
                recorded = min(first, recorded?.lowerBound ?? first)...max(last, recorded?.upperBound ?? last)
            }
        }
        self.recording = recording
        self.volumes = volumes
        self.definitions = definitions
        self.taken = taken
        self.recorded = recorded
        self.selection = selection
        windows = TimeWindows(selection.time, segments: dataset.segments, recorded: recorded)
    }

    /// The schemas that the taken channels name, by id.
    var takenSchemas: [Schema] {
        let ids = Set(takenChannels.map(\.schemaID))
        return definitions.schemas.values.filter { ids.contains($0.id) }.sorted { $0.id < $1.id }
    }

    /// The taken channels, by id.
    var takenChannels: [Channel] {
        definitions.channels.values.filter { taken.contains($0.id) }.sorted { $0.id < $1.id }
    }

    /// The conventions that all volumes follow; empty where they differ.
    var profile: String {
        let profiles = Set(volumes.map(\.volume.profile))
        return profiles.count == 1 ? profiles.first ?? "" : ""
    }

    /// Calls `body` with one message, changed where it has to be; with none where it is to be left out.
    ///
    /// - Returns: whether the message could be read: what holds it may be damaged.
    /// - Throws: a failure of the storage, what `body` throws.
    func withMessage(_ entry: Timeline.Entry, _ body: (MessageHead, RawSpan) throws -> Void) throws -> Bool {
        let volume = volumes[Int(entry.volume)]
        var isRead = false
        do {
            try volume.volume.withMessage(at: entry.location) { head, data in
                isRead = true
                try volume.pass(head, data, at: entry.location, to: body)
            }
            return true
        } catch let error where !isRead && !(error is FileError || error is CancellationError) {
            return false
        }
    }

    /// Adds a channel of exportd's own.
    mutating func addChannel(schema name: String, definition: [UInt8], topic: String) throws(ExportError) -> (Schema, Channel) {
        let channel = try definitions.add(
            schema: name,
            encoding: "jsonschema",
            data: definition,
            topic: topic,
            messageEncoding: "json"
        )
        guard let schema = definitions.schemas[channel.schemaID] else {
            throw ExportError(.internal, "The schema of \(topic) was not kept.")
        }
        return (schema, channel)
    }

    /// How chunks that are written anew are compressed.
    var writtenCompression: MCAPWriter.Compression {
        switch selection.compression {
        case .zstd: return .zstd
        case .lz4: return .lz4
        case .none: return .none
        case .keep:
            for volume in volumes {
                guard let file = volume.volume as? MCAPFile else { continue }
                guard file.storedChunkCount > 0 else { return .none }
                // Writers store chunks that would not become smaller as they are, so one of them says nothing.
                for chunk in file.storedChunks.prefix(64) where chunk.isReadable {
                    switch chunk.compression {
                    case "lz4": return .lz4
                    case "zstd": return .zstd
                    default: continue
                    }
                }
                return .none
            }
            return .zstd
        }
    }

    /// Whether a chunk's compression is the one that is asked for.
    func fits(compression: String) -> Bool {
        switch selection.compression {
        case .keep: true
        case .zstd: compression == "zstd"
        case .lz4: compression == "lz4"
        case .none: compression.isEmpty
        }
    }
}

/// Whether a recording has the topics that are asked for.
enum TopicCheck {
    /// - Parameter topics: the recording's topics.
    /// - Throws: `topic_missing` where a topic is named that is not there, or where none is taken of those that are.
    static func check(_ filter: TopicFilter, topics: [String], of dataset: DatasetID) throws(ExportError) {
        let present = topics.isEmpty ? "It has no topics." : "It has: \(topics.sorted().prefix(50).joined(separator: ", "))."
        let missing = filter.missing(among: topics)
        if !missing.isEmpty {
            throw ExportError(
                .topicMissing,
                "\(dataset) has no topic \(missing.joined(separator: ", ")).",
                hint: "\(present) Write a glob where a topic need not be in every recording.",
                location: .init(dataset: dataset)
            )
        }
        if !filter.takesAll, !topics.isEmpty, !topics.contains(where: filter.takes) {
            throw ExportError(
                .topicMissing,
                "The topics: of the request take none of the \(topics.count) topics of \(dataset).",
                hint: present,
                location: .init(dataset: dataset)
            )
        }
    }
}
