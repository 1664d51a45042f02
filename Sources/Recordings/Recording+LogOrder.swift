internal import MCAP

extension Recording {
    /// Whether messages can be read by log time in one go: every volume is an MCAP file, and each ends before the next begins.
    public var isReadableInLogOrder: Bool {
        guard volumes.allSatisfy({ $0.format == .mcap }) else { return false }
        let ranges = volumes.compactMap(\.timeRange)
        return zip(ranges, ranges.dropFirst()).allSatisfy { $0.last < $1.first }
    }

    /// Lists the log times of a topic's messages, ascending, in memory that does not grow with the recording.
    ///
    /// The recording must be readable in log order.
    ///
    /// - Returns: whether the messages lie in the file in the order of their times; where not, how many go back cannot be told so.
    /// - Throws: `RecordingError` where the file cannot be read or the work was cancelled; whatever `body` throws.
    public func forEachTime(of topic: Topic, _ body: (Int64) throws -> Void) throws -> Bool {
        var isInOrder = true
        for (position, volume) in volumes.enumerated() {
            guard let file = volume as? MCAPFile else { return false }
            let ids = Set(members(of: [topic], inVolume: position).keys)
            guard !ids.isEmpty else { continue }
            var last: MessageLocation?
            do {
                try file.forEachEntryInLogOrder(ofChannels: ids) { entry in
                    let location = entry.location
                    if let last, (last.chunk, last.offset) > (location.chunk, location.offset) { isInOrder = false }
                    last = location
                    try body(Self.nanoseconds(entry.logTime))
                }
            } catch let error as any VolumeError {
                throw RecordingError(error)
            }
        }
        return isInOrder
    }

    /// Reads all messages of some topics by log time, each chunk once and in memory that does not grow with the recording.
    ///
    /// The recording must be readable in log order. Messages in chunks that cannot be read are left out, which is a warning.
    ///
    /// - Parameters:
    ///   - topics: topics of this recording.
    ///   - body: takes a message's place in `topics`, and what hands its payload out; reading throws where the message cannot be
    ///     decompressed.
    /// - Throws: `RecordingError` where the file cannot be read or the work was cancelled; whatever `body` throws.
    public func forEachInLogOrder(
        of topics: [Topic],
        _ body: (_ topic: Int, _ read: ((Payload) throws -> Void) throws -> Void) throws -> Void
    ) throws {
        for (position, volume) in volumes.enumerated() {
            let members = members(of: topics, inVolume: position)
            guard !members.isEmpty else { continue }
            var last: (id: UInt16, topic: Int, channel: Int)?
            do {
                try volume.forEachInLogOrder(ofChannels: Set(members.keys), from: nil, to: nil) { _, head, data in
                    if last?.id != head.channelID { last = members[head.channelID].map { (head.channelID, $0.topic, $0.channel) } }
                    guard let last else { return }
                    try body(last.topic) { use in
                        try read(data, head, channel: last.channel, use)
                    }
                }
            } catch let error as any VolumeError {
                throw RecordingError(error)
            }
        }
    }
}
