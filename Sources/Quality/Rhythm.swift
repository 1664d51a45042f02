/// The beat that a stream was meant to keep, found from its times alone.
///
/// The interval is the largest one of which the distances between neighbouring frames are whole multiples, as nearly as the
/// jitter lets them be. So a stream that lost a third of its frames, each up to a third of the beat early or late, still
/// shows its true rate.
public struct Rhythm: Hashable, Sendable {
    /// The time between two frames in nanoseconds; above zero.
    public let interval: Double
    /// How much of a frame's deviation the beat follows, 0 to 1: little where each frame deviates from a steady beat for
    /// itself, all where each is timed from the one before it.
    let gain: Double

    /// Frames in a second.
    public var rate: Double { 1e9 / interval }

    /// Distances that say nothing about the beat: clock steps and silences.
    public static let longestInterval: Int64 = 600_000_000_000

    /// Finds the beat.
    ///
    /// - Parameter times: nanoseconds in the order of the stream; where they go backwards, the beat starts anew.
    /// - Returns: nil for fewer than three frames, and where the distances have no beat in common.
    public init?(times: [Int64]) {
        guard let found = Self.find(in: times) else { return nil }
        self = found.rhythm
    }

    /// The beat of a stream, and which of its beats each frame belongs to.
    static func find(in times: [Int64]) -> (rhythm: Rhythm, slots: StreamSlots)? {
        guard times.count >= 3, var found = RhythmSearch(times)?.run() else { return nil }
        var slots = StreamSlots(times: times, rhythm: found)
        // The slots of all frames together know the interval far better than any few distances do.
        for _ in 0..<2 {
            guard let refined = slots.meanInterval(of: times), abs(refined - found.interval) < found.interval * 0.05,
                refined != found.interval
            else { break }
            found = Rhythm(interval: refined, gain: found.gain)
            slots = StreamSlots(times: times, rhythm: found)
        }
        return (found, slots)
    }

    init(interval: Double, gain: Double) {
        self.interval = interval
        self.gain = gain
    }
}

/// Looks for the interval that a stream's distances are multiples of.
private struct RhythmSearch {
    private let times: [Int64]
    private let sorted: [Double]

    /// So many distances show the beat well enough.
    private static let sampleSize = 1024
    /// How well a beat must fit the distances of neighbours that is not kept over many frames: better than any fits distances at random.
    private static let leastUnconfirmed = 0.3

    init?(_ times: [Int64]) {
        // Of a long stream a stretch from the middle: what happens while recorders start and stop is not typical.
        let first = max(0, (times.count - Self.sampleSize) / 2)
        self.times = Array(times[first..<min(times.count, first + Self.sampleSize)])
        let distances = RhythmSearch.distances(in: self.times, lag: 1)
        guard distances.count >= 2, let largest = distances.max(), largest > 0 else { return nil }
        sorted = distances.sorted()
    }

    func run() -> Rhythm? {
        guard var interval = coarse() else { return nil }
        let close = score(interval, lag: 1)
        // A beat that also fits the distances over many frames is kept over many frames, and they show it more exactly.
        var gain = 1.0
        for lag in [4, 8, 24, 64] {
            let found = best(around: interval, lag: lag)
            // Few distances tell their score less exactly.
            let doubt = 1 / Double(times.count).squareRoot()
            // Of a beat that neighbours hardly show, the first lags must show more than the best of some intervals does by chance.
            let least = close < Self.leastUnconfirmed && lag <= 8 ? 2 * doubt : close * 0.7 - doubt
            guard let found, found.score >= least else { break }
            interval = found.interval
            if lag >= 8 { gain = 0.1 }
        }
        // Distances at random have an interval that fits them a little, too.
        guard gain < 1 || close >= Self.leastUnconfirmed else { return nil }
        return Rhythm(interval: interval, gain: gain)
    }

    /// The interval from neighbouring frames, to a few hundredths.
    private func coarse() -> Double? {
        let positive = sorted.drop { $0 <= 0 }
        guard positive.count >= 2 else { return nil }
        let values = Array(positive)
        let median = values[values.count / 2]
        if values[values.count * 3 / 4] - values[values.count / 4] < median * 0.1 { return median }
        // The beat is the interval that distances over several frames are multiples of, too: one frame's jitter hides it.
        let overLags = (1...8).map { RhythmSearch.distances(in: Array(times.prefix(512)), lag: $0) }.filter { $0.count >= 8 } + [values]
        var candidates: [(interval: Double, score: Double)] = []
        var candidate = max(values[values.count / 10] * 0.6, median / 8)
        while candidate < median * 1.5 {
            candidates.append((candidate, overLags.reduce(0) { $0 + RhythmSearch.score(candidate, $1) } / Double(overLags.count)))
            candidate *= 1.01
        }
        guard var best = candidates.max(by: { $0.score < $1.score }) else { return nil }
        // Every fraction of the beat fits as well where there is little jitter.
        for multiple in [4.0, 3, 2] {
            let around = candidates.filter { abs($0.interval / (best.interval * multiple) - 1) < 0.03 }.max { $0.score < $1.score }
            if let around, around.score >= best.score * 0.9 {
                best = around
                break
            }
        }
        let isClear = score(best.interval, lag: 1) >= max(0.12, 1.2 / Double(values.count).squareRoot())
        return isClear ? best.interval : nil
    }

    /// The interval that fits best among those that give a frame so far ahead the same number of beats, more or less.
    private func best(around interval: Double, lag: Int) -> (interval: Double, score: Double)? {
        let distances = RhythmSearch.distances(in: times, lag: lag)
        guard distances.count >= 8 else { return nil }
        let steps = 20
        let step = 0.32 / Double(lag * steps)
        var best = (interval: interval, score: RhythmSearch.score(interval, distances))
        for offset in -steps...steps where offset != 0 {
            let candidate = interval * (1 + Double(offset) * step)
            let score = RhythmSearch.score(candidate, distances, atLeast: best.score)
            // Of those that fit as well the smallest.
            if score > best.score || (score == best.score && candidate < best.interval) { best = (candidate, score) }
        }
        return best
    }

    private func score(_ interval: Double, lag: Int) -> Double {
        RhythmSearch.score(interval, lag == 1 ? sorted : RhythmSearch.distances(in: times, lag: lag))
    }

    /// 1 where all distances are whole multiples of the interval, about 0 where they have nothing to do with it.
    ///
    /// - Parameter least: a score that counts; one that is found to be smaller may come out as anything below it.
    private static func score(_ interval: Double, _ distances: [Double], atLeast least: Double = -.infinity) -> Double {
        let rate = 1 / interval
        // What the deviations may add up to at most, and a hair more, so that rounding decides nothing.
        let most = ((1 - least) / 4 + 1e-9) * Double(distances.count)
        // Four sums, which don't wait for each other.
        var sums = SIMD4<Double>()
        let even = distances.count & ~3
        distances.withUnsafeBytes { bytes in
            var place = 0
            while place < even {
                let stop = min(place + 128, even)
                while place < stop {
                    sums += deviations(bytes.loadUnaligned(fromByteOffset: place * 8, as: SIMD4<Double>.self) * rate)
                    place += 4
                }
                if sums.sum() > most { break }
            }
        }
        for distance in distances[even...] { sums[0] += deviations(SIMD4(repeating: distance * rate))[0] }
        return 1 - 4 * (sums[0] + sums[1] + sums[2] + sums[3]) / Double(distances.count)
    }

    /// How far numbers lie from the nearest whole ones.
    ///
    /// Rounds by a sum with the number from which on doubles are whole; a call of `rounded` costs more than all the rest, and what is
    /// halfway deviates by as much either way.
    @inline(__always)
    private static func deviations(_ turns: SIMD4<Double>) -> SIMD4<Double> {
        let signed = turns - ((turns + 0x1.8p52) - 0x1.8p52)
        return unsafeBitCast(unsafeBitCast(signed, to: SIMD4<UInt64>.self) & (UInt64.max / 2), to: SIMD4<Double>.self)
    }

    private static func distances(in times: [Int64], lag: Int) -> [Double] {
        guard times.count > lag else { return [] }
        return (lag..<times.count).compactMap { index in
            let (distance, overflow) = times[index].subtractingReportingOverflow(times[index - lag])
            guard !overflow, distance >= 0, distance < Rhythm.longestInterval else { return nil }
            return Double(distance)
        }
    }
}
