public import Fields

/// Which messages of a recording a format takes, and how it stores them.
public struct MessageSelection: Hashable, Codable, Sendable {
    /// How the chunks of messages are compressed.
    public enum ChunkCompression: String, Codable, CaseIterable, Sendable {
        /// As the recording's own chunks are, so that chunks can be copied as they lie there.
        case keep
        case zstd
        case lz4
        case none
    }

    /// Which topics.
    public var topics = TopicFilter()
    /// Which stretch of time.
    public var time: TimeSelection = .recording
    /// How they are stored.
    public var compression: ChunkCompression = .keep

    /// All messages as they are.
    public init() {}
}

/// A format that passes messages on as they were recorded, and so has the keys that choose among them.
public protocol PlaybackFormat: FormatOptions {
    /// Which messages are taken.
    var messages: MessageSelection { get set }
}

extension PlaybackFormat {
    /// The keys that choose messages; they are the same in all formats that have them.
    public static var messageFields: [Field<Self>] {
        [
            Field("topics", \.messages.topics, .set(TopicFilter.fields), default: "all", "Which topics are taken."),
            Field(
                "time",
                \.messages.time,
                TimeSelection.shape,
                "Which stretch is taken: recording, segments (all that is annotated), or from (inclusive) and to (exclusive)."
            ),
            Field(
                "compression",
                \.messages.compression,
                .choice(),
                "How chunks of messages are compressed; keep copies the recording's own chunks wherever they can stay whole."
            ),
        ]
    }
}

extension TopicFilter {
    /// The keys of `topics:`.
    static let fields = FieldSet(defaults: TopicFilter()) {
        Field(
            "include",
            \.include,
            .list(of: topic, upTo: 1_000),
            default: "all",
            "Topics or globs that are taken; a topic without a glob must exist."
        )
        Field("exclude", \.exclude, .list(of: topic, upTo: 1_000), default: "none", "Topics or globs that are left out of these.")
    }

    private static let topic = Shape<String>.text("a topic or glob", upTo: 255)
}
