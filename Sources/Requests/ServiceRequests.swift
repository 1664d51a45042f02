public import ExportCore
public import Formats

/// A request for what became of earlier jobs; answered with a file.
public struct HistoryRequest: Hashable, Codable, Sendable {
    /// How the answer is written.
    public enum Output: String, Codable, CaseIterable, Sendable {
        case json
        case csv
        case table
        /// No list of jobs, but what they came to, as JSON; for administrators.
        case statistics
    }

    /// A name for people.
    public var title: String?
    /// Which jobs.
    public var filter = HistoryConditions()
    /// How the answer is written.
    public var output: Output = .json

    /// The newest jobs, as JSON.
    public init() {}
}

/// Conditions on jobs.
///
/// All that are given must hold; a list is a choice of alternatives; an empty list is no condition.
public struct HistoryConditions: Hashable, Codable, Sendable {
    /// The most jobs that one answer lists.
    public static let mostJobs = 1_000_000

    /// Accepted at or after this instant.
    public var from: Timestamp?
    /// Accepted before this instant.
    public var to: Timestamp?
    /// Formats, of which the job must have at least one.
    public var formats: [FormatName] = []
    /// States.
    public var states: [JobState] = []
    /// Names of users.
    public var users: [String] = []
    /// Project names or globs.
    public var projects: [String] = []
    /// Dataset ids or globs.
    public var datasets: [String] = []
    /// Text in the request's name, the title or the error, of three characters at least.
    public var text: String?
    /// The most jobs to list, newest first.
    public var limit = 1_000

    /// No condition: every job.
    public init() {}
}

/// A request about usage and its limits.
public struct QuotaRequest: Hashable, Codable, Sendable {
    /// What is asked for.
    public enum Action: String, Codable, CaseIterable, Sendable {
        /// One user's usage, by default that of whoever asks.
        case show
        /// Every user's usage.
        case list
        /// New limits.
        case set
        /// An addition to what is used.
        case adjust
        /// What is used becomes nothing.
        case reset
    }

    /// A name for people.
    public var title: String?
    /// What is asked for.
    public var action: Action
    /// A user's name, `default` or `system`.
    public var user: String?
    /// The limit on exports, or what is added to those that are used.
    public var exports: LimitSetting?
    /// The limit on bytes, or what is added to those that are used.
    public var bytes: LimitSetting?
    /// How long usage counts.
    public var window: QuotaWindow?
    /// Why, for the record.
    public var reason: String?

    /// A request of which only the action is known yet.
    public init(_ action: Action) {
        self.action = action
    }
}

/// A request about the queue.
public struct QueueRequest: Hashable, Codable, Sendable {
    /// What is asked for.
    public enum Action: String, Codable, CaseIterable, Sendable {
        /// No more exports and previews are started.
        case pause
        /// They are started again.
        case resume
        /// All that wait are cancelled.
        case clear
        /// All that wait or run are cancelled.
        case purge
        /// All that failed are run again, as far as that may help.
        case retryFailed = "retry_failed"
    }

    /// A name for people.
    public var title: String?
    /// What is asked for.
    public var action: Action

    /// A request about the queue.
    public init(_ action: Action) {
        self.action = action
    }
}
