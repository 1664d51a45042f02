/// One segment's ticks met with the streams of its recording: which ticks stay, and which sample each stream gives them.
public struct Alignment: Sendable {
    /// Pieces shorter than this, from their first to their last tick, are dropped (strict matching only).
    public static let minimumPieceNanoseconds: Int64 = 500_000_000

    /// The segment's ticks.
    public let grid: TickGrid
    /// Runs of ticks that stay, in order: each becomes one episode.
    ///
    /// Without strict matching that is the whole segment.
    public let pieces: [Range<Int>]
    /// For each stream, in the order given, the sample of each tick.
    public let picks: [Picks]
    /// What was lost on the way.
    public let losses: Losses

    /// Ticks that did not make it into a piece.
    public struct Losses: Hashable, Sendable {
        /// Ticks before the first and after the last at which every stream had a sample.
        public var trimmed = 0
        /// Ticks in holes between pieces.
        public var inHoles = 0
        /// Ticks of pieces that were too short to keep.
        public var inShortPieces = 0
        /// Pieces that were too short to keep.
        public var shortPieces = 0

        /// Nothing lost.
        public init() {}

        /// All ticks that did not make it.
        public var total: Int { trimmed + inHoles + inShortPieces }
    }

    /// Meets ticks and streams.
    ///
    /// With `strict`, a tick stays only if every stream has a sample within its tolerance: the ends are trimmed, a hole
    /// inside splits the segment. Without it every tick stays and takes each stream's sample however far it is, as long
    /// as the stream has one at all.
    public init(grid: TickGrid, streams: [StreamTimes], strict: Bool) {
        self.grid = grid
        picks = streams.map { Picks(grid: grid, stream: $0) }
        if strict {
            (pieces, losses) = Alignment.strictPieces(grid: grid, picks: picks)
        } else {
            (pieces, losses) = Alignment.heldPieces(grid: grid, picks: picks)
        }
    }

    private static func strictPieces(grid: TickGrid, picks: [Picks]) -> ([Range<Int>], Losses) {
        let runs = runs(count: grid.count) { k in picks.allSatisfy { $0.withinTolerance[k] } }
        var losses = Losses()
        guard let first = runs.first, let last = runs.last else {
            losses.trimmed = grid.count
            return ([], losses)
        }
        losses.trimmed = first.lowerBound + (grid.count - last.upperBound)
        losses.inHoles = last.upperBound - first.lowerBound - runs.reduce(0) { $0 + $1.count }
        var pieces: [Range<Int>] = []
        for run in runs {
            if grid[run.upperBound - 1] - grid[run.lowerBound] < minimumPieceNanoseconds {
                losses.shortPieces += 1
                losses.inShortPieces += run.count
            } else {
                pieces.append(run)
            }
        }
        return (pieces, losses)
    }

    /// `previous` has nothing before a stream's first sample, so the first ticks may have to go even here.
    private static func heldPieces(grid: TickGrid, picks: [Picks]) -> ([Range<Int>], Losses) {
        let runs = runs(count: grid.count) { k in picks.allSatisfy { $0.samples[k] >= 0 } }
        var losses = Losses()
        losses.trimmed = grid.count - runs.reduce(0) { $0 + $1.count }
        return (runs, losses)
    }

    /// Maximal runs of numbers below `count` that satisfy a condition.
    private static func runs(count: Int, where condition: (Int) -> Bool) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        for k in 0..<count {
            if condition(k) {
                if start == nil { start = k }
            } else if let begun = start {
                runs.append(begun..<k)
                start = nil
            }
        }
        if let begun = start { runs.append(begun..<count) }
        return runs
    }
}
