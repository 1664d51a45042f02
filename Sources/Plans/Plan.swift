public import ExportCore
public import Formats
public import Requests

/// What a job will do, resolved once and never changed afterwards: `work/<job>/plan.json`.
///
/// Any process on any host that sees the work folder and the stores can encode any part of it.
public struct Plan: Codable, Sendable {
    /// The version of this file's shape that this build writes and reads.
    public static let currentVersion = 1

    /// The version of the file's shape.
    public var version: Int = Plan.currentVersion
    /// The version of exportd that planned.
    public var exportd: String = Version.current
    /// The job.
    public var job: JobID
    /// The request's name, from which package names are made.
    public var name: String
    /// The request's title.
    public var title: String?
    /// How packages reach the outbox.
    public var package: ExportRequest.PackageKind
    /// The exports, in the request's order.
    public var exports: [ExportOptions]
    /// The selected datasets, sorted by id.
    public var datasets: [PlannedDataset]
    /// The units of work, in the order of assembly; those of one export stand together.
    public var parts: [PlannedPart]
    /// Datasets that were left out because `on_dataset_error` is `skip`.
    public var skipped: [SkippedDataset]
    /// What the user should know before anything runs.
    public var warnings: [Warning]

    /// A plan without datasets or parts yet.
    public init(job: JobID, name: String, title: String?, package: ExportRequest.PackageKind, exports: [ExportOptions]) {
        self.job = job
        self.name = name
        self.title = title
        self.package = package
        self.exports = exports
        datasets = []
        parts = []
        skipped = []
        warnings = []
    }
}

/// One dataset as it was when the job was planned.
public struct PlannedDataset: Codable, Hashable, Sendable {
    /// Its name in the catalogue.
    public var id: DatasetID
    /// How it lies in the store.
    public var layout: DatasetLayout
    /// The absolute path of the store's root, below which the source files lie.
    public var store: String
    /// The files that make it up: recording volumes first, in order.
    public var files: [SourceFile]
    /// How many of `files`, from the first, are volumes of the recording.
    public var volumes: Int
    /// A hash of the files' paths, sizes and times: changes when any of them does.
    public var fingerprint: String
    /// What the recording itself does not say.
    public var metadata: DatasetMetadata
    /// The annotated segments, in order of start, then end, then number.
    public var segments: [Segment]
    /// The time from the first to the last message, where known.
    public var range: TimeRange?
    /// The topics, sorted.
    public var topics: [TopicSummary]
    /// The mapping of the dataset's robot from the configuration, where there is one.
    public var robotMapping: FeatureMapping?
    /// What it holds, where it is an image set.
    public var imageSet: ImageSetCounts?
    /// What the selection asks of its single annotations, where it is an image set and the selection asks anything.
    public var annotationFilter: AnnotationFilter?

    /// A dataset as it was found.
    public init(
        id: DatasetID,
        layout: DatasetLayout,
        store: String,
        files: [SourceFile],
        volumes: Int,
        fingerprint: String,
        metadata: DatasetMetadata,
        segments: [Segment],
        range: TimeRange?,
        topics: [TopicSummary],
        robotMapping: FeatureMapping?
    ) {
        self.id = id
        self.layout = layout
        self.store = store
        self.files = files
        self.volumes = volumes
        self.fingerprint = fingerprint
        self.metadata = metadata
        self.segments = segments
        self.range = range
        self.topics = topics
        self.robotMapping = robotMapping
    }

    /// The size of all its files in bytes.
    public var bytes: Int64 {
        files.reduce(imageSet?.pictureBytes ?? 0) { $0 + $1.bytes }
    }

    /// The absolute paths of the recording's volumes, in order.
    public var volumePaths: [String] {
        files.prefix(volumes).map { "\(store)/\($0.path)" }
    }
}

/// A dataset that was left out, and why.
public struct SkippedDataset: Codable, Hashable, Sendable {
    /// Its name in the catalogue.
    public var id: DatasetID
    /// Why it could not be used.
    public var error: ExportError

    /// A dataset that was left out.
    public init(id: DatasetID, error: ExportError) {
        self.id = id
        self.error = error
    }
}

/// The name of a part's content: a hash of its source fingerprint, segments, resolved options and encoder version.
///
/// Two jobs that would encode the same thing share it. 64 lower-case hexadecimal digits.
public struct PartKey: Codable, Hashable, Sendable {
    /// The hexadecimal digits.
    public let text: String

    /// A key, or nil where the text is not 64 lower-case hexadecimal digits.
    public init?(_ text: String) {
        let digits = text.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard text.utf8.count == 64, digits else { return nil }
        self.text = text
    }

    /// Reads the digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let key = PartKey(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not a part key")
        }
        self = key
    }

    /// Writes the digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// One unit of work, encoded alone and in any process.
public struct PlannedPart: Codable, Hashable, Sendable {
    /// Its position in the plan's list of parts, from 0.
    public var index: Int
    /// The position of its export in the request, from 0.
    public var export: Int
    /// The name of its content.
    public var key: PartKey
    /// The position of its dataset in the plan's list.
    public var dataset: Int
    /// What it will take, as well as can be told from the catalogue.
    public var estimate: PartEstimate

    /// A unit of work.
    public init(index: Int, export: Int, key: PartKey, dataset: Int, estimate: PartEstimate) {
        self.index = index
        self.export = export
        self.key = key
        self.dataset = dataset
        self.estimate = estimate
    }
}

/// What a part will take, as well as can be told before it is done.
public struct PartEstimate: Codable, Hashable, Sendable {
    /// Episodes (or whatever the format counts).
    public var episodes: Int
    /// Ticks over all episodes.
    public var frames: Int
    /// Bytes read from the store.
    public var bytesRead: Int64
    /// Bytes written to the package, before compression.
    public var bytesWritten: Int64

    /// An estimate.
    public init(episodes: Int = 0, frames: Int = 0, bytesRead: Int64 = 0, bytesWritten: Int64 = 0) {
        self.episodes = episodes
        self.frames = frames
        self.bytesRead = bytesRead
        self.bytesWritten = bytesWritten
    }

    /// The sum of two estimates.
    public static func + (left: PartEstimate, right: PartEstimate) -> PartEstimate {
        PartEstimate(
            episodes: left.episodes + right.episodes,
            frames: left.frames + right.frames,
            bytesRead: left.bytesRead + right.bytesRead,
            bytesWritten: left.bytesWritten + right.bytesWritten
        )
    }
}

/// What a finished part says of itself: `part.json`, written last and by rename, so that its presence means "done".
public struct PartRecord: Codable, Sendable {
    /// The name of its content.
    public var key: PartKey
    /// Episodes that it holds.
    public var episodes: Int
    /// Ticks that it holds.
    public var frames: Int
    /// Bytes that were read from the store to make it.
    public var bytesRead: Int64
    /// Bytes that it holds.
    public var bytesWritten: Int64
    /// What the user should know.
    public var warnings: [Warning]
    /// How well the streams met the ticks: one entry for each dataset and stream.
    public var streams: [StreamReport]
    /// What was done to faces: one entry for each camera; nil where they were not looked for.
    public var faceBlur: [FaceBlurReport]?
    /// What the encoder wants to know of it at assembly, as JSON of its own shape.
    public var detail: String

    /// A finished part.
    public init(
        key: PartKey,
        episodes: Int,
        frames: Int,
        bytesRead: Int64,
        bytesWritten: Int64,
        warnings: [Warning],
        streams: [StreamReport],
        detail: String
    ) {
        self.key = key
        self.episodes = episodes
        self.frames = frames
        self.bytesRead = bytesRead
        self.bytesWritten = bytesWritten
        self.warnings = warnings
        self.streams = streams
        self.detail = detail
    }
}

/// How one stream met the tick grid, for the manifest.
public struct StreamReport: Codable, Hashable, Sendable {
    /// The dataset.
    public var dataset: DatasetID
    /// The topic.
    public var topic: String
    /// The feature that it feeds.
    public var feature: String
    /// Ticks that were kept.
    public var ticks: Int
    /// Mean distance between tick and sample, in milliseconds.
    public var meanMilliseconds: Double
    /// 95th percentile of that distance.
    public var p95Milliseconds: Double
    /// Largest such distance.
    public var maxMilliseconds: Double
    /// Ticks filled with a sample from beyond the tolerance (only where strict matching is off).
    public var heldTicks: Int
    /// Ticks that were dropped because this stream had no sample within tolerance.
    public var droppedTicks: Int

    /// A report on one stream.
    public init(
        dataset: DatasetID,
        topic: String,
        feature: String,
        ticks: Int,
        meanMilliseconds: Double,
        p95Milliseconds: Double,
        maxMilliseconds: Double,
        heldTicks: Int,
        droppedTicks: Int
    ) {
        self.dataset = dataset
        self.topic = topic
        self.feature = feature
        self.ticks = ticks
        self.meanMilliseconds = meanMilliseconds
        self.p95Milliseconds = p95Milliseconds
        self.maxMilliseconds = maxMilliseconds
        self.heldTicks = heldTicks
        self.droppedTicks = droppedTicks
    }
}
