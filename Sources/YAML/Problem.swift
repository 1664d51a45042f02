/// One thing that is wrong with a file, for the person who wrote it.
public struct Problem: Hashable, Sendable {
    /// Where it is.
    public var position: Position
    /// The keys that lead there, such as `exports[0].rate_hz`; empty where the fault lies in the file's YAML itself.
    public var path: String
    /// A sentence: what was expected, and what was found.
    public var message: String
    /// A sentence: what to do about it.
    public var hint: String?

    /// One thing that is wrong.
    public init(at position: Position, path: String = "", _ message: String, hint: String? = nil) {
        self.position = position
        self.path = path
        self.message = message
        self.hint = hint
    }
}
