public import ExportCore
internal import Files
internal import MCAP

extension Recording {
    /// When a topic's messages happened, by one of their three times.
    ///
    /// The log time comes from the file's own index where there is one. The other clocks read every message of the topic
    /// once. A message without a header, or with a stamp of zero, counts by its log time; a warning tells how many did.
    ///
    /// - Throws: `RecordingError` where the file cannot be read, the scratch directory has no room or the work was cancelled.
    public func index(of topic: Topic, clock: MessageClock) throws(RecordingError) -> MessageTimes {
        try wrappingErrors {
            let (logged, locations) = try entries(of: topic)
            let times =
                switch clock {
                case .logTime: logged
                case .publishTime: try publishTimes(of: topic, at: locations)
                case .headerStamp: try stamps(of: topic, at: locations, logged)
                }
            let regressions = times.indices.dropFirst().count { times[$0] < times[$0 - 1] }
            defer {
                times.giveBack()
                locations.giveBack()
            }
            guard regressions > 0 else { return MessageTimes(times: times, locations: locations, regressions: 0) }
            return try inOrder(times, locations, regressions: regressions)
        }
    }

    /// The log times of a topic's messages in the order of the file, and where they lie.
    private func entries(of topic: Topic) throws -> (times: SpilledArray<Int64>, locations: SpilledArray<PayloadLocation>) {
        let times = SpilledArrayWriter<Int64>(in: scratch)
        let locations = SpilledArrayWriter<PayloadLocation>(in: scratch)
        for (position, volume) in volumes.enumerated() {
            let ids = Set(topic.channels.map { channels[$0] }.filter { $0.volume == position }.map(\.id))
            guard !ids.isEmpty else { continue }
            let before = times.count
            try volume.forEachEntryInFileOrder(ofChannels: ids) {
                times.truncate(to: before)
                locations.truncate(to: before)
            } _: { entry in
                try times.append(Self.nanoseconds(entry.logTime))
                try locations.append(PayloadLocation(message: entry.location, volume: UInt16(position)))
            }
        }
        return (try times.finish(), try locations.finish())
    }

    /// Read in the order of the file, so that each chunk is read once.
    private func publishTimes(of topic: Topic, at locations: SpilledArray<PayloadLocation>) throws -> SpilledArray<Int64> {
        let times = SpilledArrayWriter<Int64>(in: scratch)
        for location in locations {
            try check()
            try times.append(try withPayload(of: topic, at: location) { $0.publishTime })
        }
        return try times.finish()
    }

    private func stamps(
        of topic: Topic,
        at locations: SpilledArray<PayloadLocation>,
        _ logged: SpilledArray<Int64>
    ) throws -> SpilledArray<Int64> {
        let reader = StampReader(self, topic)
        let times = SpilledArrayWriter<Int64>(in: scratch)
        var missing = 0
        for (location, time) in zip(locations, logged) {
            try check()
            let stamp = try withPayload(of: topic, at: location) { try reader.stamp(in: $0) }
            if stamp == nil { missing += 1 }
            try times.append(stamp ?? time)
        }
        warn(ofMissingStamps: missing, among: locations.count, topic)
        return try times.finish()
    }

    /// A message's time and place.
    private struct Entry: BitwiseCopyable {
        var time: Int64
        var location: PayloadLocation
    }

    /// By time; equal times keep the order of the file.
    private func inOrder(
        _ times: SpilledArray<Int64>,
        _ locations: SpilledArray<PayloadLocation>,
        regressions: Int
    ) throws -> MessageTimes {
        let entries = SpilledArrayWriter<Entry>(in: scratch)
        for (time, location) in zip(times, locations) { try entries.append(Entry(time: time, location: location)) }
        let sorted = try entries.finish().sorted(in: scratch, by: { $0.time < $1.time }, check: check)
        let sortedTimes = SpilledArrayWriter<Int64>(in: scratch)
        let sortedLocations = SpilledArrayWriter<PayloadLocation>(in: scratch)
        for entry in sorted {
            try sortedTimes.append(entry.time)
            try sortedLocations.append(entry.location)
        }
        return MessageTimes(times: try sortedTimes.finish(), locations: try sortedLocations.finish(), regressions: regressions)
    }
}
