public import ExportCore
public import Fields

/// What exports of tables can be asked for, whatever the tables are written as.
public struct TableContents: Hashable, Codable, Sendable {
    /// What becomes of arrays of bytes, such as the data of pictures.
    public enum Binary: String, Codable, CaseIterable, Sendable {
        /// Only how many bytes there are.
        case length
        /// The bytes themselves, as base64.
        case base64
    }

    /// Whether the sampled numbers are a table.
    public var hasSamples = true
    /// Rate, clock, tolerance and strictness of the sampling.
    public var sampling = SamplingOptions()
    /// Topics to features, in place of the rule by names and of the robot's profile.
    public var mapping: FeatureMapping?
    /// What stands in for a missing action.
    public var action: ActionSource = .topics
    /// The instruction for recordings without annotated segments and without a task in `dataset.yaml`.
    public var defaultTask: String?
    /// Names and patterns of the topics of which every message is a row; none where empty.
    public var messages: [String] = []
    /// The most elements of an array that are columns of their own.
    public var arrayColumns = 1_000
    /// What becomes of arrays of bytes.
    public var binary: Binary = .length

    /// The defaults of the contract.
    public init() {}

    /// Which topics' messages are asked for; nil where none are.
    public var topics: TopicFilter? {
        guard !messages.isEmpty else { return nil }
        var filter = TopicFilter()
        filter.include = messages
        return filter
    }
}

/// A format that writes tables of datasets, segments, samples and messages, and so has the keys that choose among them.
public protocol TableFormat: SampledFormat {
    /// What is written.
    var contents: TableContents { get set }
}

extension TableFormat {
    /// Rate, clock, tolerance and strictness.
    public var sampling: SamplingOptions {
        get { contents.sampling }
        set { contents.sampling = newValue }
    }
    /// Topics to features, in place of the rule by names and of the robot's profile.
    public var mapping: FeatureMapping? {
        get { contents.mapping }
        set { contents.mapping = newValue }
    }
    /// What stands in for a missing action.
    public var action: ActionSource {
        get { contents.action }
        set { contents.action = newValue }
    }
    /// The instruction for recordings without annotated segments and without a task in `dataset.yaml`.
    public var defaultTask: String? {
        get { contents.defaultTask }
        set { contents.defaultTask = newValue }
    }

    /// The keys that choose tables; they are the same in all formats that have them.
    public static var tableFields: [Field<Self>] {
        [
            Field("samples", \.contents.hasSamples, .boolean, "Writes the numbers of all features at every tick of the segments.")
        ] + samplingFields + featureFields + [
            Field(
                "messages",
                \.contents.messages,
                .list(of: .text("a topic or glob", upTo: 255), upTo: 1_000),
                default: "none",
                "Topics or globs of which every message becomes a row, its fields flattened into columns."
            ),
            Field(
                "array_columns",
                \.contents.arrayColumns,
                .integer(0...10_000),
                "Arrays of up to so many elements are a column for each; longer ones are JSON in one cell."
            ),
            Field("binary", \.contents.binary, .choice(), "Arrays of bytes, such as pictures, by their length or as base64."),
        ]
    }
}
