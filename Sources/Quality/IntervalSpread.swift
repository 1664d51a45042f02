/// How a stream's distances are distributed: one search of their order gives all that is asked of it.
public struct IntervalSpread: Sendable {
    /// In milliseconds.
    public let distribution: Distribution
    /// In milliseconds.
    public let histogram: Histogram
    /// The upper median, in nanoseconds.
    let median: Int64

    /// - Parameter intervals: nanoseconds, not negative.
    /// - Returns: nil where there are none.
    init?(_ intervals: [Int64]) {
        guard !intervals.isEmpty else { return nil }
        var ordered = intervals
        var ranks = [1, 50, 95, 99, 100].map { Distribution.rank($0, of: intervals.count) }
        ranks.append(intervals.count / 2)
        // The upper median is never in front of the lower, but behind the higher percentiles of a few values.
        let places = ranks.sorted()
        let found = ordered.select(places)
        let values = ranks.map { rank in zip(places, found).first { $0.0 == rank }.map(\.1) ?? 0 }
        let milliseconds = values.map { Double($0) / 1e6 }
        let (mean, deviation) = Distribution.moments(intervals)
        distribution = Distribution(
            mean: mean,
            standardDeviation: deviation,
            p50: milliseconds[1],
            p95: milliseconds[2],
            p99: milliseconds[3],
            maximum: milliseconds[4]
        )
        histogram = Histogram(intervals, from: milliseconds[0], to: milliseconds[3])
        median = values[5]
    }
}
