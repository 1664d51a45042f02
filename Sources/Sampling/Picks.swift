import ExportCore
import Files

/// Which sample of a stream stands for each tick.
public struct Picks: Sendable {
    /// For each tick the index of its sample; -1 where the stream has none that its method allows.
    public let samples: [Int]
    /// For each tick whether that sample lies within the stream's tolerance.
    public let withinTolerance: [Bool]

    /// Finds the sample of each tick in one pass over both.
    ///
    /// `nearest` and `linear` take the closest sample, the earlier of two that are equally close; `previous` takes the
    /// latest at or before the tick.
    public init(grid: TickGrid, stream: StreamTimes) {
        let times = stream.times
        var samples = [Int]()
        var within = [Bool]()
        samples.reserveCapacity(grid.count)
        within.reserveCapacity(grid.count)
        var following = 0  // the first sample after the tick
        for k in 0..<grid.count {
            let tick = grid[k]
            if following == 0, let first = times.first, first <= tick {
                following = Picks.firstIndex(after: tick, in: times, from: 0)
            }
            while following < times.count, times[following] <= tick { following += 1 }
            let pick =
                switch stream.method {
                case .previous: following - 1
                case .nearest, .linear: Picks.nearest(to: tick, following: following, in: times)
                }
            samples.append(pick)
            within.append(pick >= 0 && Picks.distance(times[pick], tick) <= stream.tolerance)
        }
        self.samples = samples
        self.withinTolerance = within
    }

    /// The distance of two instants in nanoseconds; saturates.
    public static func distance(_ left: Int64, _ right: Int64) -> Int64 {
        let (difference, overflow) = max(left, right).subtractingReportingOverflow(min(left, right))
        return overflow ? .max : difference
    }

    private static func nearest(to tick: Int64, following: Int, in times: SpilledArray<Int64>) -> Int {
        guard following > 0 else { return times.isEmpty ? -1 : 0 }
        var before = following - 1
        let isNextCloser = following < times.count && distance(times[following], tick) < distance(times[before], tick)
        if isNextCloser { return following }
        // Of several samples at one instant the first in the file stands for it.
        while before > 0, times[before - 1] == times[before] { before -= 1 }
        return before
    }

    /// The first index whose time is after an instant, by bisection: a segment may begin late in a long recording.
    private static func firstIndex(after instant: Int64, in times: SpilledArray<Int64>, from start: Int) -> Int {
        var low = start
        var high = times.count
        while low < high {
            let middle = low + (high - low) / 2
            if times[middle] <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Two neighbouring samples and how far a tick lies between them.
public struct Interpolation: Hashable, Sendable {
    /// The index of the earlier sample.
    public let lower: Int
    /// The index of the later sample.
    public let upper: Int
    /// 0 at the earlier sample, 1 at the later.
    public let weight: Double

    /// The neighbours of a tick, or nil where it has not two of them or a hole lies between them: farther apart than
    /// twice the stream's tolerance, a line between them would be an invention, and the nearest sample stands.
    public init?(tick: Int64, nearest: Int, stream: StreamTimes) {
        let times = stream.times
        guard times.indices.contains(nearest) else { return nil }
        let lower = times[nearest] <= tick ? nearest : nearest - 1
        let upper = lower + 1
        guard lower >= 0, upper < times.count, times[lower] < times[upper], times[lower] <= tick, tick <= times[upper] else { return nil }
        let gap = Picks.distance(times[lower], times[upper])
        guard gap / 2 <= stream.tolerance else { return nil }
        self.lower = lower
        self.upper = upper
        weight = Double(Picks.distance(times[lower], tick)) / Double(gap)
    }
}
