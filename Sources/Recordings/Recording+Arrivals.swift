public import ExportCore
public import Files
internal import MCAP

extension Recording {
    /// When the messages of a topic happened in the order of the file, in which a clock may go backwards, and where they lie.
    ///
    /// Of many messages the places lie in a file without a name: they take two thirds of the memory, and few of them are looked at.
    public typealias Arrivals = (times: [Int64], locations: SpilledArray<PayloadLocation>)

    /// The same while it is collected.
    private struct Collected {
        var times: [Int64] = []
        /// The places that the writer hasn't got yet: it takes many at once for less.
        private var held: [PayloadLocation] = []
        private let writer: SpilledArrayWriter<PayloadLocation>

        /// So many bytes of places are held of a topic before they go to a file.
        private static let heldPlaces = 1 << 20
        private static let most = 256

        init(in scratch: String) { writer = SpilledArrayWriter(in: scratch, heldBytes: Self.heldPlaces) }

        @inline(__always)
        mutating func append(_ time: Int64, at location: PayloadLocation) throws {
            times.append(time)
            held.append(location)
            if held.count >= Self.most { try flush() }
        }

        /// Appends what an index lists.
        mutating func append(_ entries: ArraySlice<MessageEntry>, volume: UInt16) throws {
            times.append(contentsOf: entries.lazy.map { nanoseconds($0.logTime) })
            try flush()
            try writer.append(contentsOf: entries.lazy.map { PayloadLocation(message: $0.location, volume: volume) })
        }

        mutating func finish() throws -> Arrivals {
            try flush()
            return (times, try writer.finish())
        }

        private mutating func flush() throws {
            guard !held.isEmpty else { return }
            try writer.append(contentsOf: held)
            held.removeAll(keepingCapacity: true)
        }
    }

    /// The times of some topics' messages, by one of their three clocks.
    ///
    /// The file is gone through once for all topics. By log time that is its own index where there is one, and no message is
    /// read; the other clocks read the head of every message. Those in chunks that cannot be read are left out then, which is
    /// a warning. A message without a header, or with a stamp of zero, counts by its log time; a warning tells how many did.
    ///
    /// - Returns: the times of each topic, in the order of `topics`.
    /// - Throws: `RecordingError` where the file cannot be read or the work was cancelled, or the scratch directory has no room.
    public func arrivals(of topics: [Topic], clock: MessageClock) throws(RecordingError) -> [Arrivals] {
        var all = topics.map { _ in Collected(in: scratch) }
        let stamps = clock == .headerStamp ? topics.map { StampReader(self, $0) } : []
        var missing = [Int](repeating: 0, count: topics.count)
        for (position, volume) in volumes.enumerated() {
            let members = members(of: topics, inVolume: position)
            guard !members.isEmpty else { continue }
            try wrappingErrors {
                let ids = Set(members.keys)
                if clock == .logTime { return try Self.append(volume, position, members, to: &all) }
                let places = (0...(ids.max() ?? 0)).map { members[$0] }
                try volume.forEachHead(ofChannels: ids) { location, head, front, isWhole in
                    guard let (index, channel) = places[Int(head.channelID)] else { return }
                    var time: Int64?
                    if clock == .headerStamp {
                        time = try stamps[index].stamp(in: front, head, isWhole: isWhole, channel: channel, of: self) {
                            try volume.withMessage(at: location) { head, data in
                                try self.read(data, head, channel: channel) { try stamps[index].stamp(in: $0) }
                            }
                        }
                        if time == nil { missing[index] += 1 }
                    }
                    let other = clock == .headerStamp ? head.logTime : head.publishTime
                    try all[index].append(
                        time ?? Self.nanoseconds(other),
                        at: PayloadLocation(message: location, volume: UInt16(position))
                    )
                }
            }
        }
        for (index, topic) in topics.enumerated() { warn(ofMissingStamps: missing[index], among: all[index].times.count, topic) }
        return try wrappingErrors { try all.indices.map { try all[$0].finish() } }
    }

    /// Appends what the index of a volume lists; runs of messages of one channel are appended at once.
    private static func append(
        _ volume: any RecordingVolume,
        _ position: Int,
        _ members: [UInt16: (topic: Int, channel: Int)],
        to all: inout [Collected]
    ) throws {
        let found = try volume.indexByChannel(Set(members.keys))
        // Several channels of one topic have their messages in the order of the file, too.
        let isShared = Set(members.values.map(\.topic)).count < members.count
        let entries = isShared ? volume.inFileOrder(found) : found
        for (id, member) in members where all[member.topic].times.isEmpty {
            // The counts are the writer's word, of which no more is believed than was found.
            let count = Int(clamping: min(volume.messageCounts[id] ?? 0, UInt64(entries.count)))
            all[member.topic].times.reserveCapacity(count)
        }
        var start = 0
        while start < entries.count {
            let id = entries[start].channel
            let end = entries[start...].firstIndex { $0.channel != id } ?? entries.count
            if let topic = members[id]?.topic { try all[topic].append(entries[start..<end], volume: UInt16(position)) }
            start = end
        }
    }

    /// The channels of some topics in a volume, by their numbers there: the topic's place, and the channel's in the recording.
    func members(of topics: [Topic], inVolume volume: Int) -> [UInt16: (topic: Int, channel: Int)] {
        var members: [UInt16: (topic: Int, channel: Int)] = [:]
        for (index, topic) in topics.enumerated() {
            for channel in topic.channels where channels[channel].volume == volume { members[channels[channel].id] = (index, channel) }
        }
        return members
    }
}

extension RecordingVolume {
    /// Reads the heads of the messages of some channels in the order of the file, and what their data begin with.
    fileprivate func forEachHead(
        ofChannels wanted: Set<UInt16>,
        _ body: (MessageLocation, MessageHead, _ front: RawSpan, _ isWhole: Bool) throws -> Void
    ) throws {
        if let file = self as? MCAPFile { return try file.forEachHead(ofChannels: wanted, body) }
        for entry in inFileOrder(try index(ofChannels: wanted)) {
            try withMessage(at: entry.location) { head, data in try body(entry.location, head, data, true) }
        }
    }
}
