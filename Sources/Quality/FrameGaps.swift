/// What a stream lacks, by its times.
public struct FrameGaps: Sendable {
    /// A gap in which at least one frame is missing.
    public struct Drop: Hashable, Sendable {
        /// The position of the last frame before it; the first behind it is the next.
        public var frame: Int
        /// The last frame before it, in nanoseconds.
        public var before: Int64
        /// The first frame behind it, in nanoseconds.
        public var after: Int64
        /// How many frames are missing; at least one.
        public var missing: Int

        /// From the one frame to the other, in nanoseconds.
        public var gap: Int64 { after - before }
    }

    /// The beat; nil where the stream has none, and then nothing can be said to be missing.
    public let rhythm: Rhythm?
    /// Which beat each frame belongs to; nil where there is no beat.
    let slots: StreamSlots?
    /// The gaps in order.
    public let drops: [Drop]
    /// How often the clock goes backwards.
    public let regressions: Int
    /// How often the clock jumps ahead by more than ten minutes.
    public let steps: Int
    /// Distances between neighbouring frames, without those across steps and regressions, in nanoseconds.
    public let intervals: [Int64]
    /// How `intervals` are distributed; nil where there are none.
    public let spread: IntervalSpread?
    /// For each of `intervals` the position of its later frame.
    public let intervalFrames: [Int]
    /// The largest distance ahead, steps of the clock included; nil below two frames.
    public let largestGap: Int64?
    /// Standard deviation of the distances in which nothing is missing, in nanoseconds; nil where there are none.
    public let jitter: Double?

    /// Finds what a stream lacks.
    ///
    /// - Parameter times: nanoseconds in the order of the stream.
    public init(times: [Int64]) {
        let beat = Rhythm.find(in: times)
        let beats = beat?.slots.slots
        var drops: [Drop] = []
        var intervals: [Int64] = []
        var frames: [Int] = []
        var regressions = 0
        var steps = 0
        var largest: Int64?
        var regular = Moments()
        intervals.reserveCapacity(times.count)
        frames.reserveCapacity(times.count)
        for index in times.indices.dropFirst() {
            let (distance, overflow) = times[index].subtractingReportingOverflow(times[index - 1])
            if times[index] < times[index - 1] {
                regressions += 1
                continue
            }
            largest = max(largest ?? 0, overflow ? .max : distance)
            if overflow || distance > Rhythm.longestInterval {
                steps += 1
                continue
            }
            intervals.append(distance)
            frames.append(index)
            guard let beats else { continue }
            let missing = beats[index] - beats[index - 1] - 1
            if missing > 0 {
                drops.append(Drop(frame: index - 1, before: times[index - 1], after: times[index], missing: missing))
            } else {
                regular.add(Double(distance))
            }
        }
        rhythm = beat?.rhythm
        slots = beat?.slots
        self.drops = drops
        self.regressions = regressions
        self.steps = steps
        self.intervals = intervals
        spread = IntervalSpread(intervals)
        intervalFrames = frames
        largestGap = largest
        jitter = regular.standardDeviation
    }

    /// The usual distance between neighbours of the stream's times once they ascend; 0 below two.
    ///
    /// - Parameter ascending: the times in ascending order.
    public func medianInterval(of ascending: [Int64]) -> Int64 {
        guard regressions == 0, steps == 0, let spread else { return NearestMatches.medianInterval(of: ascending) }
        return spread.median
    }

    /// Frames missing in all gaps.
    public var missing: Int { drops.reduce(0) { $0 + $1.missing } }

    /// Frames less one over the time that they took, in Hz; steps and regressions take no time.
    ///
    /// Nil where they took none.
    public var meanRate: Double? {
        let span = intervals.reduce(0.0) { $0 + Double($1) }
        return span > 0 ? Double(intervals.count) * 1e9 / span : nil
    }

    /// The gaps in numbers.
    ///
    /// - Parameter frames: how many frames the stream has.
    public func summary(frames: Int) -> DropSummary {
        let missing = missing
        return DropSummary(
            events: drops.count,
            missing: missing,
            ratio: missing == 0 ? 0 : Double(missing) / Double(missing + frames),
            bursts: drops.count { $0.missing > 1 },
            longestBurst: drops.map(\.missing).max() ?? 0
        )
    }
}

/// Mean and variance in one pass (Welford).
private struct Moments {
    private var count = 0.0
    private var mean = 0.0
    private var squares = 0.0

    mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / count
        squares += distance * (value - mean)
    }

    var standardDeviation: Double? { count > 0 ? (squares / count).squareRoot() : nil }
}
