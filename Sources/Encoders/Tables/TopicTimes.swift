import ExportCore
import Recordings

/// What the log times of a topic's messages come to.
struct TopicTimes {
    /// Topics with more messages are gone through several times rather than held in memory.
    private static let mostInMemory = 1 << 20

    let count: Int
    let first: Int64?
    let last: Int64?
    /// Nil for fewer than two messages.
    let intervals: IntervalStatistics?
    /// How many messages are earlier than the one before them in the file.
    let regressions: Int

    init(_ topic: Topic, of recording: Recording) throws {
        if topic.messages > Self.mostInMemory, recording.isReadableInLogOrder {
            var (count, first, last) = (0, Int64?.none, Int64?.none)
            let isInOrder = try recording.forEachTime(of: topic) { time in
                count += 1
                first = first ?? time
                last = time
            }
            if isInOrder {
                (self.count, self.first, self.last, regressions) = (count, first, last, 0)
                intervals = try IntervalStatistics { take in _ = try recording.forEachTime(of: topic, take) }
                return
            }
        }
        let index = try recording.index(of: topic, clock: .logTime)
        (count, first, last, regressions) = (index.times.count, index.times.first, index.times.last, index.regressions)
        intervals = IntervalStatistics(index.times)
    }
}

/// How far apart the messages of a stream are.
struct IntervalStatistics: Equatable {
    /// Messages a second, of the whole span; nil where it has no length.
    let rate: Double?
    /// The lower of the two in the middle where their number is even, in nanoseconds.
    let median: Int64
    /// In nanoseconds.
    let longest: Int64

    /// - Parameter times: ascending, in nanoseconds.
    /// - Returns: nil where there are fewer than two.
    init?(_ times: [Int64]) {
        self.init { take in times.forEach(take) }
    }

    /// The same of times that are not held but replayed: the median is narrowed down to one of 65,536 ranges at a time.
    ///
    /// - Parameter replay: gives all times, ascending, and the same each time.
    init?<E: Error>(_ replay: ((Int64) -> Void) throws(E) -> Void) throws(E) {
        var (count, longest, first, last) = (0, Int64(0), Int64(0), Int64(0))
        var walk = IntervalWalk()
        try replay { time in
            if count == 0 { first = time }
            last = time
            count += 1
            longest = max(longest, walk.interval(to: time) ?? 0)
        }
        guard count > 1 else { return nil }
        var rank = (count - 2) / 2
        var (low, span) = (UInt64(0), UInt64(longest) + 1)
        while span > 1 {
            let width = (span + 65_535) / 65_536
            var counts = [Int](repeating: 0, count: 65_536)
            walk = IntervalWalk()
            try replay { time in
                guard let interval = walk.interval(to: time), interval >= 0 else { return }
                let offset = UInt64(interval) &- low
                if offset < span { counts[Int(offset / width)] += 1 }
            }
            var range = 0
            while range < 65_535, rank >= counts[range] {
                rank -= counts[range]
                range += 1
            }
            low += UInt64(range) * width
            span = width
        }
        median = Int64(clamping: low)
        self.longest = longest
        let whole = Double(last) - Double(first)
        rate = whole > 0 ? Double(count - 1) / (whole / 1e9) : nil
    }
}

/// The distance of each time from the one before it.
private struct IntervalWalk {
    private var last: Int64?

    mutating func interval(to time: Int64) -> Int64? {
        defer { last = time }
        guard let last else { return nil }
        let (difference, overflow) = time.subtractingReportingOverflow(last)
        return overflow ? .max : difference
    }
}
