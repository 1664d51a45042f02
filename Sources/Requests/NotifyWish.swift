/// Who is told by e-mail when a job ends, and of which ends.
public struct NotifyWish: Hashable, Codable, Sendable {
    /// An end of a job that can be told of.
    public enum Event: String, Codable, CaseIterable, Sendable {
        /// Its packages are there.
        case completed
        /// It failed, or was refused.
        case failed
    }

    /// E-mail addresses; never empty.
    public var email: [String]
    /// The ends to tell of; never empty.
    public var on: [Event] = Event.allCases

    /// A wish to be told of every end.
    public init(email: [String]) {
        self.email = email
    }
}
