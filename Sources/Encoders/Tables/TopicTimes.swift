import ExportCore
import Files
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
            var span: (first: Int64, last: Int64)?
            var count = 0
            var isInOrder = true
            let intervals = try IntervalStatistics { take in
                count = 0
                let isKept = try recording.forEachTime(of: topic) { time in
                    count += 1
                    span = (span?.first ?? time, time)
                    take(time)
                }
                isInOrder = isInOrder && isKept
            }
            if isInOrder {
                (self.count, first, last, regressions, self.intervals) = (count, span?.first, span?.last, 0, intervals)
                return
            }
        }
        let index = try recording.index(of: topic, clock: .logTime)
        (count, first, last, regressions) = (index.times.count, index.times.first, index.times.last, index.regressions)
        intervals = IntervalStatistics { take in index.times.forEach(take) }
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

    /// The same of times that are not held but replayed: the median's range is narrowed down from one time to the next.
    ///
    /// Most often twice are enough: the first tells the median to a thousandth.
    ///
    /// - Parameter replay: gives all times, ascending, and the same each time.
    init?<E: Error>(_ replay: ((Int64) -> Void) throws(E) -> Void) throws(E) {
        var (count, longest, first, last) = (0, Int64(0), Int64(0), Int64(0))
        var ranges = [Int](repeating: 0, count: IntervalRange.count)
        var walk = IntervalWalk()
        try replay { time in
            if count == 0 { first = time }
            last = time
            count += 1
            guard let interval = walk.interval(to: time), interval >= 0 else { return }
            longest = max(longest, interval)
            ranges[IntervalRange.number(of: UInt64(interval))] += 1
        }
        guard count > 1 else { return nil }
        var rank = (count - 2) / 2
        var (low, span) = IntervalRange.bounds(of: Self.place(of: &rank, in: ranges))
        while span > 1 {
            let width = (span + 65_535) / 65_536
            var counts = [Int](repeating: 0, count: 65_536)
            walk = IntervalWalk()
            try replay { time in
                guard let interval = walk.interval(to: time), interval >= 0 else { return }
                let offset = UInt64(interval) &- low
                if offset < span { counts[Int(offset / width)] += 1 }
            }
            low += UInt64(Self.place(of: &rank, in: counts)) * width
            span = width
        }
        median = Int64(clamping: low)
        self.longest = longest
        // Taken apart as integers: a double holds the nanoseconds of today to 256 of them only.
        rate = last > first ? Double(count - 1) * 1e9 / Double(UInt64(bitPattern: last &- first)) : nil
    }

    /// In which of some ranges the interval of a rank lies; the rank within that one is left.
    private static func place(of rank: inout Int, in counts: [Int]) -> Int {
        var place = 0
        while place < counts.count - 1, rank >= counts[place] {
            rank -= counts[place]
            place += 1
        }
        return place
    }
}

/// Ranges of intervals of any length that are a thousandth of their lengths wide: 1,024 for each power of two.
private enum IntervalRange {
    private static let bits = 10
    static let count = (65 - bits) << bits

    static func number(of interval: UInt64) -> Int {
        guard interval >> bits > 0 else { return Int(interval) }
        let shift = 63 - interval.leadingZeroBitCount - bits
        return (shift + 1) << bits + Int(interval >> UInt64(shift)) & (1 << bits - 1)
    }

    /// Where a range begins and how wide it is.
    static func bounds(of number: Int) -> (low: UInt64, span: UInt64) {
        guard number >> bits > 0 else { return (UInt64(number), 1) }
        let shift = UInt64(number >> bits - 1)
        return (UInt64(number & (1 << bits - 1) | 1 << bits) << shift, 1 << shift)
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
