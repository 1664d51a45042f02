public import ExportCore

/// The ticks of one segment: `start + k / rate` for k = 0, 1, … while that is not after the end of the closed interval.
///
/// Whether a tick belongs to the grid is decided on the exact fraction; its time is that fraction rounded to the nearest
/// nanosecond, halves up.
public struct TickGrid: Hashable, Sendable {
    /// More ticks than this in one segment are refused: at 30 Hz it is nineteen days.
    public static let maximumCount = 50_000_000

    /// The segment, both ends included.
    public let range: TimeRange
    /// Ticks a second.
    public let rate: Hertz
    /// How many ticks there are; at least one.
    public let count: Int

    /// The ticks of a segment, or nil where there would be more than `maximumCount`.
    public init?(range: TimeRange, rate: Hertz) {
        let last = Int128(range.nanoseconds) * Int128(rate.microhertz) / TickGrid.nanosecondsTimesMicrohertz
        guard last < Int128(TickGrid.maximumCount) else { return nil }
        self.range = range
        self.rate = rate
        count = Int(last) + 1
    }

    /// The time of tick `k`, in nanoseconds since the Unix epoch.
    public subscript(k: Int) -> Int64 {
        let twice = 2 * Int128(k) * TickGrid.nanosecondsTimesMicrohertz + Int128(rate.microhertz)
        return range.start.nanoseconds + Int64(twice / (2 * Int128(rate.microhertz)))
    }

    /// Half the distance between two ticks, in nanoseconds, rounded down.
    public var halfTick: Int64 {
        Int64(TickGrid.nanosecondsTimesMicrohertz / (2 * Int128(rate.microhertz)))
    }

    private static let nanosecondsTimesMicrohertz: Int128 = 1_000_000_000_000_000
}
