public import Files

/// How far the samples of one stream lay from the ticks that they stand for, over any number of segments.
public struct SyncErrors {
    private let distances: SpilledArrayWriter<Int64>
    /// Ticks filled with a sample from beyond the tolerance.
    public private(set) var held = 0
    /// Ticks for which the stream had no sample within tolerance and which were therefore dropped.
    public private(set) var dropped = 0

    /// What the distances come to.
    public struct Summary: Hashable, Sendable {
        /// Ticks that were kept.
        public var ticks = 0
        /// In milliseconds; 0 where there is no tick.
        public var mean = 0.0
        /// The 95th percentile by nearest rank, in milliseconds; 0 where there is no tick.
        public var p95 = 0.0
        /// In milliseconds; 0 where there is no tick.
        public var max = 0.0
    }

    /// No tick yet.
    ///
    /// - Parameter scratch: a directory for the distances of many ticks.
    public init(scratch: String) {
        distances = SpilledArrayWriter(in: scratch)
    }

    /// Adds one segment's ticks of the stream at position `index` of the alignment.
    ///
    /// - Throws: `FileError` where the scratch directory has no room.
    public mutating func add(_ alignment: Alignment, stream index: Int, times: SpilledArray<Int64>, strict: Bool) throws(FileError) {
        let picks = alignment.picks[index]
        for piece in alignment.pieces {
            for k in piece {
                try distances.append(Picks.distance(times[picks.samples[k]], alignment.grid[k]))
                if !picks.withinTolerance[k] { held += 1 }
            }
        }
        if strict { dropped += picks.withinTolerance.reduce(0) { $0 + ($1 ? 0 : 1) } }
    }

    /// What all distances come to; none can be added any more.
    ///
    /// - Throws: `FileError` where the scratch directory has no room.
    public mutating func summary() throws(FileError) -> Summary {
        let all = try distances.finish()
        guard !all.isEmpty else { return Summary() }
        let (sum, largest) = all.reduce((0.0, Int64(0))) { ($0.0 + Double($1), Swift.max($0.1, $1)) }
        let p95 = Ranks.values(at: [(all.count * 95 + 99) / 100 - 1], among: all.count) { all.forEach($0) }
        return Summary(ticks: all.count, mean: sum / Double(all.count) / 1e6, p95: Double(p95[0]) / 1e6, max: Double(largest) / 1e6)
    }
}
