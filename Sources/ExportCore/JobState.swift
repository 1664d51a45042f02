/// Where a job stands.
///
/// It moves `pending → processing → completed | failed | cancelled`, and back to `pending` when the daemon stops or a
/// retry is asked for.
public enum JobState: String, Codable, CaseIterable, Sendable {
    /// Accepted, and waiting for its turn.
    case pending
    /// Being worked on.
    case processing
    /// Done; its packages are in the outbox.
    case completed
    /// Ended by an error.
    case failed
    /// Ended by someone who may.
    case cancelled

    /// Whether the job has ended.
    public var isTerminal: Bool {
        switch self {
        case .pending, .processing: false
        case .completed, .failed, .cancelled: true
        }
    }
}
