public import ExportCore
public import Sampling

/// What a training format calls one piece of a segment after sampling.
public struct Episode: Hashable, Sendable {
    /// The annotated segment, or the whole recording where nothing is annotated.
    public let segment: Segment
    /// The segments inside it that are no episodes of their own, in order of start.
    public let nested: [Segment]
    /// All ticks of the segment.
    public let grid: TickGrid
    /// The ticks of `grid` that belong to this episode; never empty.
    public let ticks: Range<Int>

    /// How many ticks the episode has.
    public var count: Int { ticks.count }

    /// The time of the episode's tick `k`, counted from 0, in nanoseconds since the Unix epoch.
    public func time(_ k: Int) -> Int64 {
        grid[ticks.lowerBound + k]
    }
}
