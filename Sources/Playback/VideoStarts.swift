import ExportCore
import Files
import MCAP
import Recordings

/// Where decoding of a recording's inter-coded video must begin, so that a stretch of it can be seen.
final class VideoStarts {
    private struct Video {
        let timeline: Timeline
        /// The channel in each volume that carries it.
        let readers: [Int32: VideoChannel]
        /// Among how many of the first messages key frames were looked for, and the last one that is there.
        var searched: (count: Int, key: Int?) = (0, nil)
    }

    private let source: PlaybackSource
    private let cancellation: Cancellation
    private var videos: [Video]
    /// What the user should know.
    private(set) var warnings = WarningList()

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
            var readers: [Int32: VideoChannel] = [:]
            // A channel is what its first message is; where that is no video, the others need not be looked at.
            for (volume, location) in try source.firstMessages(of: channel.id) {
                guard let reader = VideoChannel(source.recording, volume: volume, message: location) else { break }
                readers[Int32(volume)] = reader
            }
            // Still pictures are the most of a recording: where they lie is not kept.
            if !readers.isEmpty { videos.append(Video(timeline: try Timeline(channel.id, of: source), readers: readers)) }
        }
        self.videos = videos
    }

    /// Messages that a decoder needs before it can show a channel from an instant on.
    struct Lead {
        /// The channel, under its id in the file that is written.
        let channel: UInt16
        /// The message with the parameter sets, where the key frame comes without.
        var parameterSets: [Timeline.Entry] = []
        /// The messages from the key frame on, in order, all before the instant.
        var pictures: ArraySlice<Timeline.Entry>

        /// All of them, in order.
        var entries: [Timeline.Entry] { parameterSets + pictures }
    }

    /// What must precede each channel's first picture of a stretch, where that is no key frame.
    ///
    /// - Parameter known: the last instant up to which everything is there already.
    func leads(into range: ClosedRange<UInt64>, known: UInt64?) throws -> [Lead] {
        var leads: [Lead] = []
        for index in videos.indices {
            let entries = videos[index].timeline.entries
            let first = videos[index].timeline.place(of: range.lowerBound)
            guard first > 0, first < entries.count, entries[first].logTime <= range.upperBound else { continue }
            if let lead = try lead(index, to: first, known: known, at: range.lowerBound), !lead.entries.isEmpty { leads.append(lead) }
        }
        return leads
    }

    private func lead(_ video: Int, to first: Int, known: UInt64?, at time: UInt64) throws -> Lead? {
        let timeline = videos[video].timeline
        // Stretches come in order: what was looked at for an earlier one needn't be again, however far away the key frame is.
        let isFurther = known == nil && first + 1 >= videos[video].searched.count
        let searched = isFurther ? videos[video].searched : (count: 0, key: nil)
        var start = first
        var unit = try accessUnit(video, start)
        while !unit.isKeyFrame {
            try cancellation.check()
            // From here on the pictures are there already, and with them what they need.
            if let known, start > 0, timeline.entries[start - 1].logTime <= known {
                return Lead(channel: timeline.channel, pictures: timeline.entries[start..<first])
            }
            if start <= searched.count, let key = searched.key {
                start = key
                unit = try accessUnit(video, start)
                break
            }
            guard start > searched.count else {
                note(nil, before: first, of: video)
                let topic = source.definitions.channels[timeline.channel]?.topic ?? ""
                warnings.add(
                    "video_key_frame_missing",
                    "\(topic) has no key frame before \(time) ns, so that its pictures cannot be decoded from there on."
                )
                return nil
            }
            start -= 1
            unit = try accessUnit(video, start)
        }
        note(start, before: first, of: video)
        var lead = Lead(channel: timeline.channel, pictures: timeline.entries[start..<first])
        if !unit.hasParameterSets, known == nil { lead.parameterSets = parameterSets(video, before: start) }
        return lead
    }

    /// Keeps where the last key frame up to a message is.
    private func note(_ key: Int?, before first: Int, of video: Int) {
        guard first + 1 >= videos[video].searched.count else { return }
        videos[video].searched = (first + 1, key)
    }

    /// The message that brings the parameter sets for a key frame which comes without: the one right before it, else the
    /// first of the channel.
    private func parameterSets(_ video: Int, before key: Int) -> [Timeline.Entry] {
        let entries = videos[video].timeline.entries
        let last = entries[max(0, key - Self.searched)..<key].indices.last { place in
            (try? accessUnit(video, place))?.hasParameterSets == true
        }
        if let last { return [entries[last]] }
        let first = entries.prefix(min(key, Self.searched)).indices.first { place in
            (try? accessUnit(video, place))?.hasParameterSets == true
        }
        return first.map { [entries[$0]] } ?? []
    }

    /// So many messages are looked at for parameter sets, before a key frame and at a channel's start.
    private static let searched = 32

    private func accessUnit(_ video: Int, _ place: Int) throws -> VideoAccessUnit {
        let entry = videos[video].timeline.entries[place]
        guard let reader = videos[video].readers[entry.volume] else { return VideoAccessUnit() }
        do {
            return try reader.accessUnit(at: entry.location)
        } catch let error where !(error is FileError || error is CancellationError) {
            // Decoding can't begin with a message that can't be read.
            return VideoAccessUnit()
        }
    }
}
