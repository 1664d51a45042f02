public import ExportCore

/// Jobs whose sidecars could not be written, in turns: one that can't be helped, in a folder where the daemon may not write, keeps
/// nobody else waiting.
public struct Laggards: Sendable {
    private var jobs: Set<JobID> = []
    /// Who was tried last.
    private var last: JobID?

    /// Nobody lags behind.
    public init() {}

    /// Whether a job lags behind.
    public func contains(_ job: JobID) -> Bool { jobs.contains(job) }

    /// Notes that a job lags behind.
    /// - Returns: Whether that is news.
    @discardableResult
    public mutating func add(_ job: JobID) -> Bool { jobs.insert(job).inserted }

    /// Notes that a job has caught up.
    public mutating func remove(_ job: JobID) { jobs.remove(job) }

    /// Those whose turn it is: up to so many behind the ones that were given last, and then from the first again.
    public mutating func next(_ count: Int) -> [JobID] {
        let sorted = jobs.sorted()
        let start = last.flatMap { last in sorted.firstIndex { $0 > last } } ?? 0
        let turn = (sorted[start...] + sorted[..<start]).prefix(count)
        last = turn.last ?? last
        return Array(turn)
    }
}
