import TestSupport

/// Times of a stream of which all is known.
struct SyntheticStream {
    static let start: Int64 = 1_772_445_600_123_456_789

    /// When its frames were taken, in nanoseconds.
    var times: [Int64] = []
    /// The gaps: the time of the last frame before each, and how many frames are missing.
    var drops: [Int64: Int] = [:]

    /// A stream.
    ///
    /// - Parameters:
    ///   - jitter: the most by which a frame is early or late, as a share of the interval.
    ///   - dropShare: which share of the frames is lost, each for itself.
    ///   - burst: so many frames in a row are lost once in the middle.
    ///   - lag: nanoseconds by which all frames are late.
    ///   - drift: how much faster its clock goes, in parts of one.
    init(
        hertz: Double,
        seconds: Double,
        jitter: Double = 0,
        dropShare: Double = 0,
        burst: Int = 0,
        lag: Double = 0,
        drift: Double = 0,
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        let interval = 1e9 / hertz
        let count = Int(seconds * hertz)
        var lastKept: Int?
        for frame in 0..<count {
            let deviation = jitter == 0 ? 0 : Double.random(in: -jitter...jitter, using: &random) * interval
            // Ends are kept: what is lost before the first and behind the last frame cannot be known.
            let isLost = frame > 0 && frame < count - 1 && Double.random(in: 0..<1, using: &random) < dropShare
            let isInBurst = frame >= count / 2 && frame < count / 2 + burst
            if isLost || isInBurst { continue }
            let moment = Double(frame) * interval * (1 + drift) + deviation + lag
            if let lastKept, frame - lastKept > 1, let before = times.last { drops[before] = frame - lastKept - 1 }
            times.append(Self.start + Int64(moment.rounded()))
            lastKept = frame
        }
    }
}
