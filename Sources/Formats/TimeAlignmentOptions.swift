public import ExportCore
public import Fields

/// What a `time_alignment` export can be asked for.
public struct TimeAlignmentOptions: FormatOptions {
    /// The stream that the others are measured against; the first camera by name where nil.
    public var reference: String?
    /// Which of a message's times counts.
    public var clock: MessageClock = .logTime
    /// How far a message may lie from a reference frame and still match it.
    public var tolerance: SyncTolerance = .auto

    /// The defaults of the contract.
    public init() {}

    /// The format.
    public static let format = FormatName.timeAlignment

    /// What the format is, in one line.
    public static let summary =
        "How far each stream lies from a reference stream: a table of matches, statistics, lag and drift, and a report."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .timeAlignment(self) }

    /// The keys that stand beside `format: time_alignment` in a request.
    public static let fields = FieldSet(defaults: TimeAlignmentOptions()) {
        Field(
            "reference",
            \.reference,
            .text("a topic", upTo: 500),
            default: "the first camera by name, else the topic with the most messages",
            "The stream that the others are measured against."
        )
        Field("clock", \.clock, .choice(), "Which of a message's times counts.")
        Field(
            "tolerance",
            \.tolerance,
            .tolerance,
            "How far a message may lie from a reference frame, in milliseconds; auto is half the reference's interval or three quarters of the stream's."
        )
    }
}
