/// What a data-quality export found in all its recordings: what `report.json` holds and `report.html` is made from.
public struct QualityReport: Codable, Hashable, Sendable {
    /// Which export found it.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        case timeAlignment = "time_alignment"
        case frameDrops = "frame_drops"
    }

    /// One thing that was asked for, in words: a limit, the clock, the tolerance.
    public struct Setting: Codable, Hashable, Sendable {
        /// The key of the request, such as `limits.max_gap_ms`.
        public var name: String
        /// Its value as a person would write it, such as `500`.
        public var value: String

        /// One thing that was asked for.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Which export found it.
    public var kind: Kind
    /// What was asked for.
    public var settings: [Setting]
    /// The recordings in the order of their names.
    public var recordings: [QualityRecording]

    /// A report.
    public init(kind: Kind, settings: [Setting], recordings: [QualityRecording]) {
        self.kind = kind
        self.settings = settings
        self.recordings = recordings
    }
}

/// Whether something keeps the limits that were asked for.
public enum QualityVerdict: String, Codable, CaseIterable, Sendable {
    /// There is no limit that it could break: alignment has none, and a stream without frames has no rate.
    case unjudged
    case passed
    case failed
}

/// One limit that a stream or a recording breaks.
public struct LimitBreach: Codable, Hashable, Sendable {
    /// The limit's key, such as `max_gap_ms`.
    public var limit: String
    /// What was allowed, in the limit's unit.
    public var allowed: Double
    /// What was found, in the limit's unit.
    public var found: Double

    /// One broken limit.
    public init(limit: String, allowed: Double, found: Double) {
        self.limit = limit
        self.allowed = allowed
        self.found = found
    }
}

/// One recording (a dataset) with its streams.
public struct QualityRecording: Codable, Hashable, Sendable {
    /// The dataset.
    public var dataset: String
    /// When it begins, in nanoseconds since the Unix epoch by the clock that was asked for; nil where it has no messages.
    public var startNanoseconds: Int64?
    /// Seconds from its first to its last message.
    public var durationSeconds: Double
    /// The stream that the others are measured against (time_alignment only).
    public var reference: String?
    /// The verdict on the whole: `failed` where it or one of its streams breaks a limit.
    public var verdict: QualityVerdict
    /// The limits that the recording as a whole breaks.
    public var breaches: [LimitBreach]
    /// Its streams in the order of their names.
    public var streams: [QualityStream]
    /// Sentences: what could not be read, and where an `align_result.csv` disagrees with the data.
    public var notes: [String]

    /// A recording.
    public init(
        dataset: String,
        startNanoseconds: Int64? = nil,
        durationSeconds: Double = 0,
        reference: String? = nil,
        verdict: QualityVerdict = .unjudged,
        breaches: [LimitBreach] = [],
        streams: [QualityStream] = [],
        notes: [String] = []
    ) {
        self.dataset = dataset
        self.startNanoseconds = startNanoseconds
        self.durationSeconds = durationSeconds
        self.reference = reference
        self.verdict = verdict
        self.breaches = breaches
        self.streams = streams
        self.notes = notes
    }
}

/// What was found in one stream: a topic, or a video file.
public struct QualityStream: Codable, Hashable, Sendable {
    /// The topic with its leading slash, or the video file's path within the dataset.
    public var name: String
    /// Messages, or frames of a video file.
    public var messages: Int
    /// The rate that the stream is meant to have, in Hz, found from the usual distance of its frames; nil below three frames.
    public var nominalRate: Double?
    /// The rate that it has: frames less one over its span, in Hz; nil where it has no span.
    public var meanRate: Double?
    /// How often its clock goes backwards.
    public var regressions: Int
    /// How far its frames lie apart, in milliseconds; nil below two frames.
    public var intervals: Distribution?
    /// Standard deviation of the intervals that are no gaps, in milliseconds.
    public var jitterMilliseconds: Double?
    /// What is missing (frame_drops only).
    public var drops: DropSummary?
    /// How far it lies from the reference (time_alignment only); nil for the reference itself and where nothing met.
    public var offsets: OffsetSummary?
    /// Log time less the stamp in the header, in milliseconds; nil where no message has a stamp.
    public var latency: Distribution?
    /// Whether it keeps the limits.
    public var verdict: QualityVerdict
    /// The limits that it breaks.
    public var breaches: [LimitBreach]
    /// What to draw; nil where a report holds so many streams that only the worst are drawn.
    public var plots: QualityPlots?

    /// Whether there are messages enough to say how it lies beside the reference: one or two, such as latched ones, are no stream.
    public var isAlignable: Bool { messages == 0 || messages > 2 }

    /// A stream of which nothing is known yet.
    public init(name: String, messages: Int) {
        self.name = name
        self.messages = messages
        regressions = 0
        verdict = .unjudged
        breaches = []
    }
}

/// How values in milliseconds are distributed; percentiles by nearest rank.
public struct Distribution: Codable, Hashable, Sendable {
    /// Arithmetic mean.
    public var mean: Double
    /// Standard deviation of the population.
    public var standardDeviation: Double
    /// Median.
    public var p50: Double
    /// 95th percentile.
    public var p95: Double
    /// 99th percentile.
    public var p99: Double
    /// The largest value.
    public var maximum: Double

    /// A distribution.
    public init(mean: Double, standardDeviation: Double, p50: Double, p95: Double, p99: Double, maximum: Double) {
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
        self.maximum = maximum
    }
}

/// What a stream lacks.
public struct DropSummary: Codable, Hashable, Sendable {
    /// Gaps in which at least one frame is missing.
    public var events: Int
    /// Frames missing in all of them.
    public var missing: Int
    /// Frames missing of those that there should be, 0 to 1.
    public var ratio: Double
    /// Gaps in which several frames in a row are missing.
    public var bursts: Int
    /// The most frames missing in one gap.
    public var longestBurst: Int
    /// Frames that repeat the one before them, byte for byte; nil where frames were not read (`verify: false`).
    public var duplicates: Int?
    /// Frames that cannot be decoded; nil where frames were not read (`verify: false`).
    public var undecodable: Int?

    /// What a stream lacks.
    public init(events: Int, missing: Int, ratio: Double, bursts: Int, longestBurst: Int, duplicates: Int? = nil, undecodable: Int? = nil) {
        self.events = events
        self.missing = missing
        self.ratio = ratio
        self.bursts = bursts
        self.longestBurst = longestBurst
        self.duplicates = duplicates
        self.undecodable = undecodable
    }
}

/// How a stream lies beside the reference.
public struct OffsetSummary: Codable, Hashable, Sendable {
    /// Reference frames for which it has a message within tolerance.
    public var matched: Int
    /// Reference frames for which it has none.
    public var missing: Int
    /// The stream's time less the reference's over the matched frames, in milliseconds, signed.
    ///
    /// `p50` to `maximum` are of the absolute values. Nil where nothing matched.
    public var distribution: Distribution?
    /// By how much the stream's time lies behind the reference's all along, in milliseconds; nil where it cannot be told.
    public var lagMilliseconds: Double?
    /// How much faster the stream's clock runs than the reference's, in parts per million; nil where it cannot be told.
    public var driftPPM: Double?

    /// How a stream lies beside the reference.
    public init(matched: Int, missing: Int, distribution: Distribution?, lagMilliseconds: Double?, driftPPM: Double?) {
        self.matched = matched
        self.missing = missing
        self.distribution = distribution
        self.lagMilliseconds = lagMilliseconds
        self.driftPPM = driftPPM
    }
}

/// What to draw of one stream; each list is thinned to at most about 2,000 entries that keep the extremes.
///
/// Encoded without anything in it: as text that would cost more than all else that is found of a recording.
public struct QualityPlots: Codable, Hashable, Sendable {
    /// Offset from the reference over time: seconds since the recording's start, milliseconds (time_alignment only).
    public var offsets: [PlotPoint] = []
    /// How the offsets are distributed (time_alignment only).
    public var offsetHistogram: Histogram?
    /// Distance of each frame from the one before it over time: seconds since the recording's start, milliseconds.
    public var intervals: [PlotPoint] = []
    /// How the distances are distributed.
    public var intervalHistogram: Histogram?
    /// Where frames are missing (frame_drops only).
    public var drops: [DropMark] = []

    private enum CodingKeys: CodingKey {}

    /// Nothing to draw yet.
    public init() {}
}

/// A point of a plot.
public struct PlotPoint: BitwiseCopyable, Hashable, Sendable {
    /// Seconds since the recording's start.
    public var seconds: Double
    /// Milliseconds.
    public var milliseconds: Double

    /// A point of a plot.
    public init(seconds: Double, milliseconds: Double) {
        self.seconds = seconds
        self.milliseconds = milliseconds
    }
}

/// A gap in which frames are missing.
public struct DropMark: BitwiseCopyable, Hashable, Sendable {
    /// The last frame before it, in seconds since the recording's start.
    public var fromSeconds: Double
    /// The first frame behind it, in seconds since the recording's start.
    public var toSeconds: Double
    /// Frames missing.
    public var missing: Int

    /// A gap.
    public init(fromSeconds: Double, toSeconds: Double, missing: Int) {
        self.fromSeconds = fromSeconds
        self.toSeconds = toSeconds
        self.missing = missing
    }
}

/// Values counted in bins of equal width; those outside are counted for themselves.
public struct Histogram: Codable, Hashable, Sendable {
    /// Where the first bin begins, in milliseconds.
    public var start: Double
    /// How wide a bin is, in milliseconds; above zero.
    public var width: Double
    /// How many values lie in each bin; its lower edge belongs to it.
    public var counts: [Int]
    /// Values before the first bin.
    public var below: Int
    /// Values behind the last bin.
    public var above: Int

    /// A histogram.
    public init(start: Double, width: Double, counts: [Int], below: Int = 0, above: Int = 0) {
        self.start = start
        self.width = width
        self.counts = counts
        self.below = below
        self.above = above
    }
}
