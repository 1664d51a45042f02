import Synchronization

/// Why the task of a running job was cancelled.
///
/// The first reason counts.
enum StopReason: Sendable {
    /// Someone who may has asked for the job's end.
    case cancelled
    /// The daemon stops; the job is continued later.
    case draining
    /// It ran longer than a job may.
    case timedOut
}

/// The reason for which one job is stopped, if it is.
final class StopFlag: Sendable {
    private let state = Mutex<StopReason?>(nil)

    /// Why the job is stopped, or nil while it is not.
    var reason: StopReason? { state.withLock { $0 } }

    /// Notes a reason unless there is one.
    func set(_ reason: StopReason) {
        state.withLock { $0 = $0 ?? reason }
    }
}
