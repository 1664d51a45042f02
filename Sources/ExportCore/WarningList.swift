/// Warnings as they are met, each once, and so many only that a file full of faults can't fill memory.
public struct WarningList: Sendable {
    /// The warnings in the order in which they were met.
    public private(set) var all: [Warning] = []
    private var known: Set<Warning> = []

    /// Enough for a person to see what is wrong.
    public static let limit = 1000

    /// An empty list.
    public init() {}

    /// Adds a warning unless it is there already or the list is full, which its last entry then says.
    public mutating func add(_ code: String, _ message: String) {
        let warning = Warning(code, message)
        guard all.count < Self.limit, known.insert(warning).inserted else { return }
        all.append(warning)
        if all.count == Self.limit - 1 {
            all.append(Warning("recording_more_problems", "There are more problems than the \(Self.limit - 1) listed here."))
        }
    }
}
