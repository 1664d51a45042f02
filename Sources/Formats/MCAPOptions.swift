public import Fields

/// What an `mcap` export can be asked for.
public struct MCAPOptions: Hashable, Codable, Sendable {
    /// Which messages are taken, and how they are stored.
    public var messages = MessageSelection()
    /// How faces in camera pictures are made unrecognisable; not at all if nil.
    public var faceBlur: FaceBlur?

    /// The defaults of the contract.
    public init() {}
}

extension MCAPOptions: FaceBlurringFormat, PlaybackFormat {
    /// The format.
    public static let format = FormatName.mcap

    /// What the format is, in one line.
    public static let summary = "One MCAP file for each dataset, for playback: every message as it was recorded, and the annotation."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .mcap(self) }

    /// The keys that stand beside `format: mcap` in a request.
    public static let fields = FieldSet(defaults: MCAPOptions()) {
        messageFields
        faceBlurField
    }
}
