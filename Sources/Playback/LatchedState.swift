import ExportCore
import MCAP
import Recordings

/// What late subscribers of a recording's latched channels would have got: the last message of each channel, at any time.
///
/// A recorder writes the static transforms of all publishers to one channel, and each message holds some of the frames
/// only; so of these the last message for each set of frames counts.
final class LatchedState {
    private struct Latched {
        let timeline: Timeline
        let separatesFrames: Bool
        /// The next message that the state does not know of.
        var next = 0
        /// The place of the last message, for each set of frames.
        var last: [String: Int] = [:]
    }

    private let source: PlaybackSource
    private let cancellation: Cancellation
    private var channels: [Latched] = []

    /// Static transforms are few; where there are more messages than this, they are not taken apart.
    private static let maximumSeparated = 1_000

    /// - Throws: a failure to read a volume, `CancellationError`.
    init(_ source: PlaybackSource, cancellation: Cancellation) throws {
        self.source = source
        self.cancellation = cancellation
        for channel in source.takenChannels {
            try cancellation.check()
            var messages: UInt64 = 0
            var (isLatched, carriesMoments) = (false, false)
            for volume in source.volumes {
                for own in volume.taken where volume.ids.channels[own] == channel.id {
                    messages += volume.volume.messageCounts[own] ?? 0
                    isLatched = isLatched || source.recording.isLatched(channel: own, ofVolume: volume.position)
                    carriesMoments = carriesMoments || source.recording.carriesMoments(channel: own, ofVolume: volume.position)
                }
            }
            // A channel that was written to once is a state, too: a map, a calibration, a description.
            guard messages > 0, isLatched || (messages == 1 && !carriesMoments) else { continue }
            let isTransform = Topic.normalised(channel.topic).hasSuffix("/tf_static")
            channels.append(
                Latched(
                    timeline: try Timeline(channel.id, of: source),
                    separatesFrames: isTransform && messages <= Self.maximumSeparated
                )
            )
        }
    }

    /// The messages that hold just before an instant, by when they were recorded.
    ///
    /// - Parameter time: never earlier than in the call before.
    func messages(before time: UInt64) throws -> [(channel: UInt16, entry: Timeline.Entry)] {
        var found: [(channel: UInt16, entry: Timeline.Entry)] = []
        for index in channels.indices {
            let end = channels[index].timeline.place(of: time)
            if channels[index].separatesFrames {
                while channels[index].next < end {
                    try cancellation.check()
                    let place = channels[index].next
                    channels[index].last[frames(of: channels[index].timeline.entries[place])] = place
                    channels[index].next += 1
                }
            } else if end > 0 {
                channels[index].last[""] = end - 1
            }
            let timeline = channels[index].timeline
            for place in channels[index].last.values.sorted() { found.append((timeline.channel, timeline.entries[place])) }
        }
        return found.sorted { $0.entry.logTime < $1.entry.logTime }
    }

    private func frames(of entry: Timeline.Entry) -> String {
        let names = source.recording.strings(
            path: "transforms.child_frame_id",
            at: entry.location,
            ofVolume: Int(entry.volume)
        )
        return (names ?? []).sorted().joined(separator: "\n")
    }
}
