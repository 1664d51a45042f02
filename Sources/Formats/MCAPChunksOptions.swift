public import Fields
import YAML

/// What an `mcap_chunks` export can be asked for.
public struct MCAPChunksOptions: Hashable, Codable, Sendable {
    /// Where one part of a recording ends and the next begins.
    public enum Cut: Hashable, Codable, Sendable {
        /// After so many nanoseconds of log time, counted from the first message.
        case duration(Int64)
        /// Before the file of a part would exceed so many bytes.
        case size(Int64)
    }

    /// How long a part may be.
    public var maximumDuration: Duration?
    /// How many bytes the file of a part may take.
    public var maximumSize: Int64?
    /// Which messages are taken, and how they are stored.
    public var messages = MessageSelection()
    /// How faces in camera pictures are made unrecognisable; not at all if nil.
    public var faceBlur: FaceBlur?

    /// The defaults of the contract: parts of a minute.
    public init() {}

    /// Where parts end.
    public var cut: Cut {
        if let maximumSize { return .size(maximumSize) }
        return .duration((maximumDuration ?? Self.standardDuration).wholeNanoseconds)
    }

    private static let standardDuration = Duration.seconds(60)
}

extension MCAPChunksOptions: FaceBlurringFormat, PlaybackFormat {
    /// The format.
    public static let format = FormatName.mcapChunks

    /// What the format is, in one line.
    public static let summary = "MCAP files of limited length or size, each of which plays alone."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .mcapChunks(self) }

    /// The keys that stand beside `format: mcap_chunks` in a request.
    public static let fields = FieldSet(defaults: MCAPChunksOptions()) {
        Field(
            "max_duration",
            \.maximumDuration,
            .duration(.milliseconds(100)...(.seconds(86_400 * 366))),
            default: "60s where there is no max_size",
            "How long a part may be; a message exactly at the end belongs to the next part."
        )
        Field(
            "max_size",
            \.maximumSize,
            .size(1...(1 << 60)),
            default: "none",
            "How many bytes the file of a part may take; in place of max_duration."
        )
        messageFields
        faceBlurField
    } check: { options, node, path, problems in
        if options.maximumDuration != nil, options.maximumSize != nil {
            problems.add(
                at: node.position,
                path,
                "\(path) has max_duration as well as max_size.",
                hint: "Keep the one that parts should be cut by."
            )
        }
    }
}
