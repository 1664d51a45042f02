import MCAP
import Recordings

/// Where the messages of one channel lie, over all volumes, by log time.
struct Timeline {
    /// One message, in 32 bytes.
    struct Entry {
        let logTime: UInt64
        let volume: Int32
        let location: MessageLocation
    }

    /// The channel, under its id in the file that is written.
    let channel: UInt16
    /// By log time; equal times in the order of the files.
    let entries: [Entry]

    /// Lists a channel's messages.
    ///
    /// - Throws: a failure to read a volume, `CancellationError`.
    init(_ channel: UInt16, of source: PlaybackSource) throws {
        var entries: [Entry] = []
        for volume in source.volumes {
            let own = volume.taken.filter { volume.ids.channels[$0] == channel }
            guard !own.isEmpty else { continue }
            for entry in try volume.volume.index(ofChannels: own) {
                entries.append(Entry(logTime: entry.logTime, volume: Int32(volume.position), location: entry.location))
            }
        }
        // The sort is stable, and each volume's entries are in order already.
        if source.volumes.count > 1 { entries.sort { $0.logTime < $1.logTime } }
        self.channel = channel
        self.entries = entries
    }

    /// The place of the first message at an instant or later.
    func place(of time: UInt64) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].logTime < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A message that stands in the output where it was not recorded, or outside the stretch that is taken.
struct ListedMessage: Encodable {
    var channel: UInt16
    var topic: String
    /// When it was recorded, in nanoseconds; a string, since readers of JSON numbers may go through a double.
    var log_time: String
    var sequence: UInt32
    /// The time that it stands at; absent where that is its own.
    var repeated_at: String?

    init(_ head: MessageHead, channel: Channel, at time: UInt64?) {
        self.channel = channel.id
        topic = channel.topic
        log_time = String(head.logTime)
        sequence = head.sequence
        repeated_at = time.map { String($0) }
    }
}
