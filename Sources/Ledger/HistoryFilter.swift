public import ExportCore

/// Which jobs someone may see.
public enum JobVisibility: Hashable, Sendable {
    /// All.
    case all
    /// None.
    case none
    /// One's own, and those that one has submitted for others.
    case own(uid: UInt32)
    /// The same, and those about data of the projects that one manages, unless they are also about that of other projects
    /// which are closed.
    case managed(uid: UInt32, projects: [String], closed: [String])
}

/// Which jobs a search of the history takes.
///
/// All conditions that are given must hold; an empty list is no condition.
public struct HistoryFilter: Hashable, Sendable {
    /// Accepted at or after this instant.
    public var from: Timestamp?
    /// Accepted before this instant.
    public var to: Timestamp?
    /// Names of formats, of which the job has at least one.
    public var formats: [String] = []
    /// States.
    public var states: [JobState] = []
    /// Names of users.
    public var users: [String] = []
    /// Project names or globs.
    public var projects: [String] = []
    /// Dataset ids or globs.
    public var datasets: [String] = []
    /// Text in the request's name, the title or the error, in capitals or not; at least three characters.
    public var text: String?
    /// The most jobs, newest first.
    public var limit = 50
    /// Which of them the asker may see.
    public var visibility = JobVisibility.all

    /// No condition: the newest jobs.
    public init() {}
}
