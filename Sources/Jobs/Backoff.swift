/// How long to wait before a job that met a transient error is tried again: twice as long each time, and never for all jobs
/// alike, so that they do not come back together.
public struct Backoff: Sendable {
    /// The wait after the first error.
    public var first: Duration = .seconds(10)
    /// The longest wait.
    public var longest: Duration = .seconds(600)

    /// What no wait is longer than, whatever chance adds.
    var limit: Duration { longest * 1.25 }

    /// The daemon's rule.
    public init() {}

    /// The wait after so many errors before this one.
    /// - Parameter random: From 0 to 1.
    public func delay(after failures: Int, random: Double = .random(in: 0...1)) -> Duration {
        let doubled = first * (1 << min(max(failures, 0), 20))
        return min(doubled, longest) * (0.75 + 0.5 * random)
    }
}
