public import ExportCore
internal import MCAP

extension Recording {
    /// When the messages of a topic happened in the order of the file, in which a clock may go backwards, and where they lie.
    public typealias Arrivals = (times: [Int64], locations: [PayloadLocation])

    /// The times of some topics' messages, by one of their three clocks.
    ///
    /// The file is gone through once for all topics. By log time that is its own index where there is one, and no message is
    /// read; the other clocks read the head of every message. Those in chunks that cannot be read are left out then, which is
    /// a warning. A message without a header, or with a stamp of zero, counts by its log time; a warning tells how many did.
    ///
    /// - Returns: the times of each topic, in the order of `topics`.
    /// - Throws: `RecordingError` where the file cannot be read or the work was cancelled.
    public func arrivals(of topics: [Topic], clock: MessageClock) throws(RecordingError) -> [Arrivals] {
        var all = [Arrivals](repeating: ([], []), count: topics.count)
        let stamps = clock == .headerStamp ? topics.map { StampReader(self, $0) } : []
        var missing = [Int](repeating: 0, count: topics.count)
        for (position, volume) in volumes.enumerated() {
            let members = members(of: topics, inVolume: position)
            guard !members.isEmpty else { continue }
            func add(_ index: Int, _ time: Int64, _ location: MessageLocation) {
                all[index].times.append(time)
                all[index].locations.append(PayloadLocation(message: location, volume: UInt16(position)))
            }
            try wrappingErrors {
                let ids = Set(members.keys)
                if clock == .logTime {
                    var last: (id: UInt16, topic: Int)?
                    for entry in volume.inFileOrder(try volume.index(ofChannels: ids)) {
                        if last?.id != entry.channel { last = members[entry.channel].map { (entry.channel, $0.topic) } }
                        if let last { add(last.topic, Self.nanoseconds(entry.logTime), entry.location) }
                    }
                    return
                }
                try volume.forEachInFileOrder(ofChannels: ids) { location, head, data in
                    guard let (index, channel) = members[head.channelID] else { return }
                    guard clock == .headerStamp else { return add(index, Self.nanoseconds(head.publishTime), location) }
                    let stamp = try self.read(data, head, channel: channel) { try stamps[index].stamp(in: $0) }
                    if stamp == nil { missing[index] += 1 }
                    add(index, stamp ?? Self.nanoseconds(head.logTime), location)
                }
            }
        }
        for (index, topic) in topics.enumerated() { warn(ofMissingStamps: missing[index], among: all[index].times.count, topic) }
        return all
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
    /// Reads the messages of some channels in the order of the file.
    fileprivate func forEachInFileOrder(
        ofChannels wanted: Set<UInt16>,
        _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void
    ) throws {
        if let file = self as? MCAPFile { return try file.forEachMessage(ofChannels: wanted, body) }
        for entry in inFileOrder(try index(ofChannels: wanted)) {
            try withMessage(at: entry.location) { head, data in try body(entry.location, head, data) }
        }
    }
}
