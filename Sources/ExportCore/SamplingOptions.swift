/// How the value of a stream at a tick is found.
public enum SamplingMethod: String, Codable, CaseIterable, Sendable {
    /// The sample closest in time, the earlier one where two are equally close.
    case nearest
    /// The latest sample at or before the tick: causal.
    case previous
    /// Between the neighbours in proportion to time; numbers only, images take the nearest.
    case linear
}

/// Which of a message's three times counts.
public enum MessageClock: String, Codable, CaseIterable, Sendable {
    /// When the recorder received the message.
    case logTime = "log_time"
    /// When it was published.
    case publishTime = "publish_time"
    /// The sensor's own stamp, from the message's header.
    case headerStamp = "header_stamp"
}

/// How far from a tick a sample may lie and still stand for it.
public enum SyncTolerance: Hashable, Codable, Sendable {
    /// The larger of half a tick and three quarters of the stream's own median interval.
    case auto
    /// A fixed distance in nanoseconds.
    case nanoseconds(Int64)
}

/// What every format that samples streams onto a tick grid can be asked for.
public struct SamplingOptions: Hashable, Codable, Sendable {
    /// Ticks a second; tick k lies at `start + k / rate`.
    public var rate: Hertz = .thirty
    /// Whether only ticks stay for which every mapped stream has a sample within tolerance.
    public var strictMatch = true
    /// How a stream's value at a tick is found.
    public var method: SamplingMethod = .nearest
    /// Which of a message's times counts.
    public var clock: MessageClock = .logTime
    /// How far a sample may lie from its tick.
    public var tolerance: SyncTolerance = .auto

    /// The defaults of the contract: 30 Hz, strict, nearest, by log time.
    public init() {}
}

extension Hertz {
    /// The default rate of exports.
    public static let thirty = Hertz(microhertz: 30_000_000) ?? preconditionUnreachable()

    /// Thirty million is positive and far below the limit, so the initialiser cannot return nil.
    private static func preconditionUnreachable() -> Hertz { preconditionFailure("30 Hz is a valid rate") }
}
