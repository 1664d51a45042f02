public import ExportCore
public import Files

/// When the samples of one stream were taken, over the whole recording.
public struct StreamTimes: Sendable {
    /// Nanoseconds since the Unix epoch, ascending; equal times stay in the order of the file.
    public let times: SpilledArray<Int64>
    /// How the stream's value at a tick is found.
    public let method: SamplingMethod
    /// How far a sample may lie from its tick, in nanoseconds.
    public let tolerance: Int64

    /// The samples of one stream, whose times must ascend.
    public init(times: SpilledArray<Int64>, method: SamplingMethod, tolerance: SyncTolerance, rate: Hertz) {
        self.times = times
        self.method = method
        self.tolerance =
            switch tolerance {
            case .nanoseconds(let nanoseconds): nanoseconds
            case .auto: StreamTimes.automaticTolerance(times: times, rate: rate)
            }
    }

    /// The larger of half a tick and three quarters of the stream's own median interval, in nanoseconds.
    static func automaticTolerance(times: SpilledArray<Int64>, rate: Hertz) -> Int64 {
        let halfTick = Int64(Int128(1_000_000_000_000_000) / (2 * Int128(rate.microhertz)))
        guard let median = medianInterval(of: times) else { return halfTick }
        return max(halfTick, Int64(Int128(median) * 3 / 4))
    }

    /// The median distance between neighbouring samples in nanoseconds, of an even number the mean of the middle two
    /// rounded down; nil for fewer than two samples.
    public static func medianInterval(of times: SpilledArray<Int64>) -> Int64? {
        let count = times.count - 1
        guard count > 0 else { return nil }
        defer { times.giveBack() }
        let middle = Ranks.values(at: count % 2 == 1 ? [count / 2] : [count / 2 - 1, count / 2], among: count) { take in
            var before = times[0]
            for time in times.dropFirst() {
                let (interval, overflow) = time.subtractingReportingOverflow(before)
                take(overflow ? .max : interval)
                before = time
            }
        }
        return middle.count == 1 ? middle[0] : Int64((Int128(middle[0]) + Int128(middle[1])) / 2)
    }
}
