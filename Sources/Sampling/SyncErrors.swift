/// How far the samples of one stream lay from the ticks that they stand for, over any number of segments.
public struct SyncErrors: Sendable {
    private var distances: [Int64] = []
    /// Ticks filled with a sample from beyond the tolerance.
    public private(set) var held = 0
    /// Ticks for which the stream had no sample within tolerance and which were therefore dropped.
    public private(set) var dropped = 0

    /// No tick yet.
    public init() {}

    /// Adds one segment's ticks of the stream at position `index` of the alignment.
    public mutating func add(_ alignment: Alignment, stream index: Int, times: [Int64], strict: Bool) {
        let picks = alignment.picks[index]
        for piece in alignment.pieces {
            for k in piece {
                distances.append(Picks.distance(times[picks.samples[k]], alignment.grid[k]))
                if !picks.withinTolerance[k] { held += 1 }
            }
        }
        if strict { dropped += picks.withinTolerance.reduce(0) { $0 + ($1 ? 0 : 1) } }
    }

    /// Ticks that were kept.
    public var ticks: Int { distances.count }

    /// Mean, 95th percentile (nearest rank) and maximum of the distances in milliseconds; zeros where there is no tick.
    public func milliseconds() -> (mean: Double, p95: Double, max: Double) {
        guard let largest = distances.max() else { return (0, 0, 0) }
        let sorted = distances.sorted()
        let rank = (sorted.count * 95 + 99) / 100 - 1
        let mean = distances.reduce(0.0) { $0 + Double($1) } / Double(distances.count)
        return (mean / 1e6, Double(sorted[rank]) / 1e6, Double(largest) / 1e6)
    }
}
