public import ExportCore

/// Which stretch of a recording an export takes, by log time.
public enum TimeSelection: Hashable, Codable, Sendable {
    /// An instant of a recording.
    public enum Point: Hashable, Codable, Sendable {
        /// Nanoseconds after the recording's first message.
        case offset(Int64)
        /// An instant on the recording's clock.
        case instant(Timestamp)
    }

    /// All of it.
    case recording
    /// What any annotated segment covers; both ends of a segment belong to it.
    case segments
    /// From an instant on, inclusive, to another one, exclusive; open where nil.
    case window(from: Point?, to: Point?)
}
