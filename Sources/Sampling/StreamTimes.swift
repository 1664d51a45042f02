public import ExportCore

/// When the samples of one stream were taken, over the whole recording.
public struct StreamTimes: Sendable {
    /// Nanoseconds since the Unix epoch, ascending; equal times stay in the order of the file.
    public let times: [Int64]
    /// How the stream's value at a tick is found.
    public let method: SamplingMethod
    /// How far a sample may lie from its tick, in nanoseconds.
    public let tolerance: Int64

    /// The samples of one stream, whose times must ascend.
    public init(times: [Int64], method: SamplingMethod, tolerance: SyncTolerance, rate: Hertz) {
        self.times = times
        self.method = method
        self.tolerance =
            switch tolerance {
            case .nanoseconds(let nanoseconds): nanoseconds
            case .auto: StreamTimes.automaticTolerance(times: times, rate: rate)
            }
    }

    /// The larger of half a tick and three quarters of the stream's own median interval, in nanoseconds.
    static func automaticTolerance(times: [Int64], rate: Hertz) -> Int64 {
        let halfTick = Int64(Int128(1_000_000_000_000_000) / (2 * Int128(rate.microhertz)))
        guard let median = medianInterval(of: times) else { return halfTick }
        return max(halfTick, Int64(Int128(median) * 3 / 4))
    }

    /// The median distance between neighbouring samples in nanoseconds, of an even number the mean of the middle two
    /// rounded down; nil for fewer than two samples.
    public static func medianInterval(of times: [Int64]) -> Int64? {
        guard times.count > 1 else { return nil }
        var intervals = [Int64]()
        intervals.reserveCapacity(times.count - 1)
        for index in 1..<times.count {
            let (interval, overflow) = times[index].subtractingReportingOverflow(times[index - 1])
            intervals.append(overflow ? .max : interval)
        }
        intervals.sort()
        let middle = intervals.count / 2
        if intervals.count % 2 == 1 { return intervals[middle] }
        return Int64((Int128(intervals[middle - 1]) + Int128(intervals[middle])) / 2)
    }
}
