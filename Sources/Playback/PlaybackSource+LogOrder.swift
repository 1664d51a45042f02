import MCAP
import Recordings

extension PlaybackSource {
    /// Reads the taken messages of all volumes by log time, under the ids of the file that is written; equal times in the
    /// order of the volumes.
    ///
    /// - Throws: a failure to read a volume; what `body` throws.
    func forEachInLogOrder(in range: ClosedRange<UInt64>, _ body: (MessageHead, RawSpan) throws -> Void) throws {
        let active = volumes.filter { volume in
            guard let (first, last) = volume.volume.timeRange, !volume.taken.isEmpty else { return false }
            return (first...last).overlaps(range)
        }
        guard areApart(active) else {
            try forEachMerged(active, in: range, body)
            return
        }
        for volume in active.sorted(by: { start($0) < start($1) }) {
            try volume.forEachMessage(in: range) { head, data in
                guard let id = volume.ids.channels[head.channelID] else { return }
                var head = head
                head.channelID = id
                try body(head, data)
            }
        }
    }

    /// The first message of a channel in each volume that has some, the earliest first.
    ///
    /// - Parameter channel: its id in the file that is written.
    /// - Throws: a failure to read a volume, `CancellationError`.
    func firstMessages(of channel: UInt16) throws -> [(volume: Int, location: MessageLocation)] {
        var found: [(time: UInt64, volume: Int, location: MessageLocation)] = []
        for volume in volumes {
            let own = volume.taken.filter { volume.ids.channels[$0] == channel }
            guard !own.isEmpty, let first = try volume.volume.firstEntry(ofChannels: own) else { continue }
            found.append((first.logTime, volume.position, first.location))
        }
        // The sort is stable: equal times keep the order of the volumes.
        found.sort { $0.time < $1.time }
        return found.map { ($0.volume, $0.location) }
    }

    private func start(_ volume: Volume) -> UInt64 { volume.volume.timeRange?.first ?? 0 }

    /// Whether each volume ends before the next begins.
    private func areApart(_ volumes: [Volume]) -> Bool {
        let ranges = volumes.compactMap(\.volume.timeRange).sorted { $0.first < $1.first }
        return zip(ranges, ranges.dropFirst()).allSatisfy { $0.last < $1.first }
    }

    /// Volumes that were recorded side by side: their messages are put in order slice by slice, so that memory holds the
    /// places of a thousandth of them.
    private func forEachMerged(_ active: [Volume], in range: ClosedRange<UInt64>, _ body: (MessageHead, RawSpan) throws -> Void) throws {
        guard let recorded else { return }
        let range = range.clamped(to: recorded)
        let step = max((recorded.upperBound - recorded.lowerBound) / 1_000, 1_000_000_000)
        var start = range.lowerBound
        while true {
            let (sum, overflow) = start.addingReportingOverflow(step - 1)
            let end = overflow ? range.upperBound : min(sum, range.upperBound)
            var places: [(time: UInt64, volume: Int, location: MessageLocation)] = []
            for (index, volume) in active.enumerated() {
                try volume.volume.forEachInLogOrder(
                    ofChannels: volume.taken,
                    from: start,
                    to: end == .max ? nil : end + 1
                ) { location, head, _ in places.append((head.logTime, index, location)) }
            }
            // The sort is stable, and each volume's messages are in order already.
            places.sort { $0.time < $1.time }
            for place in places {
                let volume = active[place.volume]
                try volume.volume.withMessage(at: place.location) { head, data in
                    try volume.pass(head, data, at: place.location) { head, data in
                        guard let id = volume.ids.channels[head.channelID] else { return }
                        var head = head
                        head.channelID = id
                        try body(head, data)
                    }
                }
            }
            guard end < range.upperBound else { return }
            start = end + 1
        }
    }
}

/// Ends a loop over messages of which the first was wanted.
private struct Enough: Error {}

extension RecordingVolume {
    /// The first message of some channels, found in memory that does not grow with an MCAP file.
    fileprivate func firstEntry(ofChannels own: Set<UInt16>) throws -> MessageEntry? {
        guard let file = self as? MCAPFile else { return try index(ofChannels: own).first }
        var first: MessageEntry?
        do {
            try file.forEachEntryInLogOrder(ofChannels: own) { entry in
                first = entry
                throw Enough()
            }
        } catch is Enough {}
        return first
    }
}
