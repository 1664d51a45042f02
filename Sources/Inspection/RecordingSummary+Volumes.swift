import ExportCore
import Files
import MCAP
import Recordings

extension RecordingSummary {
    /// Looks at a recording of any format, and of any number of files, by way of its index.
    ///
    /// - Parameters:
    ///   - recording: the recording, opened.
    ///   - path: as a person named it.
    /// - Throws: `CancellationError`; the format's own error where a file can't be read.
    init(_ recording: Recording, path: String, cancellation: Cancellation) throws {
        let volumes = recording.volumes
        var tallies = TopicTallies(volumes)
        try Self.forEachEntryInLogOrder(of: volumes, cancellation) { volume, entry in
            tallies.add(volume, entry.channel, entry.logTime, bytes: 0)
        }
        let files = try volumes.map { volume in
            Volume(
                file: volume.path,
                format: volume.format,
                bytes: Int(try FileSystem.status(of: volume.path).bytes),
                messages: volume.messageCounts.values.reduce(0, &+),
                startNs: volume.timeRange.map { String($0.first) },
                endNs: volume.timeRange.map { String($0.last) }
            )
        }
        self.init(path, files[0].format, bytes: files.reduce(0) { $0 + $1.bytes }, profile: volumes[0].profile, tallies)
        self.volumes = files
        topics = tallies.topics(withBytes: false)
        problems = recording.warnings.map { Problem(kind: Self.word($0.code), message: $0.message) }
    }

    /// The word that the problems of MCAP files have too.
    private static func word(_ code: String) -> String {
        code.hasPrefix("recording_") ? String(code.dropFirst("recording_".count)) : code
    }

    /// Volumes follow one another in nearly every recording: then only one's index is held at a time.
    private static func forEachEntryInLogOrder(
        of volumes: [any RecordingVolume],
        _ cancellation: Cancellation,
        _ body: (Int, MessageEntry) -> Void
    ) throws {
        func index(_ volume: Int) throws -> [MessageEntry] {
            try cancellation.check()
            return try volumes[volume].index(ofChannels: Set(volumes[volume].channels.keys))
        }
        let spans = volumes.indices.compactMap { volume in
            volumes[volume].timeRange.map { (volume: volume, first: $0.first, last: $0.last) }
        }
        .sorted { ($0.first, $0.volume) < ($1.first, $1.volume) }
        if zip(spans, spans.dropFirst()).allSatisfy({ $0.last <= $1.first }) {
            for span in spans {
                for entry in try index(span.volume) { body(span.volume, entry) }
            }
            return
        }
        var entries: [(volume: Int, entry: MessageEntry)] = []
        for volume in volumes.indices { entries += try index(volume).map { (volume, $0) } }
        entries.sort { ($0.entry.logTime, $0.volume) < ($1.entry.logTime, $1.volume) }
        for entry in entries { body(entry.volume, entry.entry) }
    }
}
