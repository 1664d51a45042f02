public import ExportCore
public import Fields

/// What a `frame_drops` export can be asked for.
public struct FrameDropsOptions: FormatOptions {
    /// What a stream and a recording must keep; the defaults are the example limits of the platform's quality control.
    public struct Limits: Hashable, Codable, Sendable {
        /// The least mean rate of a stream, in Hz.
        public var minRate: Double? = 10
        /// The longest distance of two neighbouring frames, in milliseconds.
        public var maxGap: Double? = 500
        /// The most gaps with missing frames in a stream.
        public var maxDrops: Int? = 10
        /// The largest share of a stream's frames that may be missing.
        public var maxDropRatio: Double?
        /// How often a stream's clock may go backwards.
        public var maxRegressions: Int? = 0
        /// The most frames of a stream that repeat the one before (with `verify: true`).
        public var maxDuplicates: Int?
        /// The most frames of a stream that cannot be decoded (with `verify: true`).
        public var maxUndecodable: Int? = 0
        /// The least duration of a recording, in seconds.
        public var minDuration: Double? = 5

        /// The platform's example limits.
        public init() {}

        static let fields = FieldSet(defaults: Limits()) {
            Field("min_rate_hz", \.minRate, .decimal(0...1_000_000), "The least mean rate of a stream, in Hz.")
            Field("max_gap_ms", \.maxGap, .decimal(0...1e12), "The longest distance of two neighbouring frames, in milliseconds.")
            Field("max_drops", \.maxDrops, .integer(0...1_000_000_000), "The most gaps with missing frames in a stream.")
            Field(
                "max_drop_ratio",
                \.maxDropRatio,
                .decimal(0...1),
                default: "none",
                "The largest share of a stream's frames that may be missing."
            )
            Field("max_regressions", \.maxRegressions, .integer(0...1_000_000_000), "How often a stream's clock may go backwards.")
            Field(
                "max_duplicates",
                \.maxDuplicates,
                .integer(0...1_000_000_000),
                default: "none",
                "The most frames of a stream that repeat the one before; needs verify."
            )
            Field(
                "max_undecodable",
                \.maxUndecodable,
                .integer(0...1_000_000_000),
                "The most frames of a stream that cannot be decoded; looked at with verify only."
            )
            Field("min_duration_s", \.minDuration, .decimal(0...1e9), "The least duration of a recording, in seconds.")
        }
    }

    /// Which of a message's times counts.
    public var clock: MessageClock = .logTime
    /// Whether every frame is read and decoded, to find duplicates and damage.
    public var verify = false
    /// What a stream and a recording must keep.
    public var limits = Limits()
    /// Whether a recording that breaks a limit fails the job.
    public var failOnLimits = false

    /// The defaults of the contract.
    public init() {}

    /// The format.
    public static let format = FormatName.frameDrops

    /// What the format is, in one line.
    public static let summary =
        "Missing frames of every camera and video file: where, how many, against limits, with statistics and a report."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .frameDrops(self) }

    /// The keys that stand beside `format: frame_drops` in a request.
    public static let fields = FieldSet(
        defaults: FrameDropsOptions(),
        fields: {
            Field("clock", \.clock, .choice(), "Which of a message's times counts; video files have their own.")
            Field(
                "verify",
                \.verify,
                .boolean,
                "Read and decode every frame, to count frames that repeat the one before and frames that cannot be decoded."
            )
            Field(
                "limits",
                \.limits,
                .set(Limits.fields),
                "What every stream and recording must keep; what breaks one gets the verdict failed."
            )
            Field(
                "fail_on_limits",
                \.failOnLimits,
                .boolean,
                "Fail the job where a recording breaks a limit; the error lists each such recording."
            )
        },
        check: { options, node, path, problems in
            if options.limits.maxDuplicates != nil, !options.verify {
                problems.add(
                    node,
                    path.key("limits").key("max_duplicates"),
                    expected: "together with verify: true, since duplicates are not looked for without",
                    hint: "Add verify: true."
                )
            }
        }
    )
}
