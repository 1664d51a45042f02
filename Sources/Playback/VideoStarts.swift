import ExportCore
import MCAP
import Recordings

/// Where decoding of a recording's inter-coded video must begin, so that a stretch of it can be seen.
final class VideoStarts {
    private struct Video {
        let timeline: Timeline
        /// The channel in each volume that carries it.
        let readers: [Int32: VideoChannel]
    }

    private let source: PlaybackSource
    private let cancellation: Cancellation
    private let videos: [Video]
    /// What the user should know.
    private(set) var warnings = WarningCollection()

    /// The channels of the source that carry such video, by id.
    ///
    /// - Throws: a failure to read a volume, `CancellationError`.
    init(_ source: PlaybackSource, cancellation: Cancellation) throws {
        self.source = source
        self.cancellation = cancellation
        let pictures = Set(
            source.recording.topics.filter { $0.isDecodable && $0.content == .image(.compressed) }.map(\.name)
        )
        var videos: [Video] = []
        for channel in source.takenChannels where pictures.contains(Topic.normalised(channel.topic)) {
            try cancellation.check()
            let timeline = try Timeline(channel.id, of: source)
            var readers: [Int32: VideoChannel] = [:]
            for entry in timeline.entries where readers[entry.volume] == nil {
                // A channel is what its first message is; where that is no video, the others need not be looked at.
                guard let reader = VideoChannel(source.recording, volume: Int(entry.volume), message: entry.location) else { break }
                readers[entry.volume] = reader
                if readers.count == source.volumes.count { break }
            }
            if !readers.isEmpty { videos.append(Video(timeline: timeline, readers: readers)) }
        }
        self.videos = videos
    }

    /// Messages that a decoder needs before it can show a channel from an instant on.
    struct Lead {
        /// The channel, under its id in the file that is written.
        let channel: UInt16
        /// The messages from the key frame on, in order, all before the instant.
        let entries: ArraySlice<Timeline.Entry>
    }

    /// What must precede each channel's first picture of a stretch, where that is no key frame.
    ///
    /// - Parameter known: the last instant up to which everything is there already.
    func leads(into range: ClosedRange<UInt64>, known: UInt64?) throws -> [Lead] {
        var leads: [Lead] = []
        for video in videos {
            let entries = video.timeline.entries
            let first = video.timeline.place(of: range.lowerBound)
            guard first > 0, first < entries.count, entries[first].logTime <= range.upperBound else { continue }
            if try isKeyFrame(video, first) { continue }
            var start = first
            var isFound = false
            while start > 0, !isFound {
                try cancellation.check()
                if let known, entries[start - 1].logTime <= known { break }
                start -= 1
                isFound = try isKeyFrame(video, start)
            }
            if !isFound, start == 0 {
                let topic = source.definitions.channels[video.timeline.channel]?.topic ?? ""
                warnings.add(
                    Warning(
                        "video_key_frame_missing",
                        "\(topic) has no key frame before \(range.lowerBound) ns, so that its pictures cannot be decoded from there on."
                    )
                )
                continue
            }
            if start < first { leads.append(Lead(channel: video.timeline.channel, entries: entries[start..<first])) }
        }
        return leads
    }

    private func isKeyFrame(_ video: Video, _ place: Int) throws -> Bool {
        let entry = video.timeline.entries[place]
        return try video.readers[entry.volume]?.isKeyFrame(at: entry.location) ?? false
    }
}

/// Warnings in the order in which they came, each once, and so many only that they stay readable.
struct WarningCollection {
    private(set) var all: [Warning] = []

    mutating func add(_ warning: Warning) {
        if all.count < 100, !all.contains(warning) { all.append(warning) }
    }
}
