/// By how much one stream runs behind another, and how much faster its clock goes.
///
/// Frames are paired by the beats of both streams and not by nearness, so neither lost frames nor jitter nor a drift of many
/// beats pair the wrong ones. That takes two streams whose rates are equal or whole multiples, to three thousandths; of
/// others nothing is said. A lag is known but for whole beats of the faster stream: the one nearest to zero is told.
public struct StreamLag: Hashable, Sendable {
    /// The stream's time less the reference's at the reference's first frame of the stretch, in nanoseconds.
    public let lag: Double
    /// The growth of that difference: positive where the stream's clock goes faster.
    ///
    /// Nil for fewer than three pairs.
    public let drift: Double?

    /// How far the ratio of two rates may lie from a whole number.
    static let ratioTolerance = 0.003

    /// Compares two streams, each over its longest stretch without a step of the clock.
    ///
    /// - Parameters:
    ///   - stream: nanoseconds in the order of the stream.
    ///   - reference: the same of the reference.
    /// - Returns: nil where one of them has no beat, their rates don't go together, or they never ran at the same time.
    public init?(of stream: [Int64], against reference: [Int64]) {
        guard let own = BeatenStretch(stream), let other = BeatenStretch(reference) else { return nil }
        self.init(of: own, against: other)
    }

    /// Compares two streams as `init(of:against:)` does, each by the stretch that was found in it.
    public init?(of own: BeatenStretch, against other: BeatenStretch) {
        let pairs: [(stream: Int64, reference: Int64)]
        if own.interval >= other.interval {
            guard let found = own.pairs(withFaster: other) else { return nil }
            pairs = found.map { (stream: $0.slow, reference: $0.fast) }
        } else {
            guard let found = other.pairs(withFaster: own) else { return nil }
            pairs = found.map { (stream: $0.fast, reference: $0.slow) }
        }
        guard let start = other.times.first, !pairs.isEmpty else { return nil }
        let points = pairs.map { (x: Double($0.reference - start), y: Double($0.stream - $0.reference)) }
        if let line = RobustLine(points) {
            (lag, drift) = (line.intercept, line.slope)
        } else {
            var offsets = points.map(\.y)
            guard let median = RobustLine.median(&offsets) else { return nil }
            (lag, drift) = (median, nil)
        }
    }
}

/// The longest stretch of a stream without a step of its clock, with the beats of its frames.
public struct BeatenStretch: Sendable {
    let times: [Int64]
    /// Ascending; two frames may share one.
    let slots: [Int]
    let interval: Double

    /// - Parameter all: nanoseconds in the order of the stream.
    /// - Returns: nil where the stream has no beat.
    init?(_ all: [Int64]) {
        self.init(all, FrameGaps(times: all))
    }

    /// The stretch of a stream whose beats are known.
    ///
    /// - Parameters:
    ///   - all: nanoseconds in the order of the stream.
    ///   - gaps: what was found of it.
    public init?(_ all: [Int64], _ gaps: FrameGaps) {
        guard let rhythm = gaps.rhythm, let slots = gaps.slots else { return nil }
        guard let longest = slots.stretches.max(by: { $0.frames.count < $1.frames.count }), !longest.frames.isEmpty else { return nil }
        times = Array(all[longest.frames])
        self.slots = Array(slots.slots[longest.frames])
        interval = rhythm.interval
    }

    /// Frames that belong together; nil where the beats have no whole ratio or the streams no time in common.
    func pairs(withFaster fast: BeatenStretch) -> [(slow: Int64, fast: Int64)]? {
        let ratio = (interval / fast.interval).rounded()
        guard ratio >= 1, abs(interval / fast.interval / ratio - 1) <= StreamLag.ratioTolerance else { return nil }
        guard let slowStart = times.first, let fastStart = fast.times.first else { return nil }
        let start = max(slowStart, fastStart)
        guard let slowBeat = anchor(near: start), let fastBeat = fast.anchor(near: start) else { return nil }
        // The number that takes a beat of the slow stream to the nearest beat of the fast one.
        let distance = Double(slowBeat.time - fastBeat.time) + slowBeat.fraction - fastBeat.fraction
        let shift = (distance / fast.interval).rounded()
        guard abs(shift) < 1e12 else { return nil }
        let step = Int(ratio)
        var pairs: [(slow: Int64, fast: Int64)] = []
        var position = 0
        for index in times.indices {
            if index > 0, slots[index] == slots[index - 1] { continue }
            let wanted = (slots[index] - slowBeat.slot) * step + fastBeat.slot + Int(shift)
            while position < fast.slots.count, fast.slots[position] < wanted { position += 1 }
            guard position < fast.slots.count else { break }
            if fast.slots[position] == wanted { pairs.append((times[index], fast.times[position])) }
        }
        return pairs
    }

    /// A beat near an instant and its time, from up to 64 frames: a whole number of nanoseconds and a small rest.
    private func anchor(near instant: Int64) -> (slot: Int, time: Int64, fraction: Double)? {
        guard let index = times.firstIndex(where: { $0 >= instant }) else { return nil }
        let frames = index..<min(index + 64, times.count)
        var deviations = frames.map { Double(times[$0] - times[index]) - Double(slots[$0] - slots[index]) * interval }
        guard let median = RobustLine.median(&deviations) else { return nil }
        return (slots[index], times[index], median)
    }
}
