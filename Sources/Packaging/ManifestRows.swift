import ExportCore
import Plans

// The shapes of the manifest's lines. Their names are part of what users read, so they are spelt out here rather than
// following from types that serve other purposes.

/// One file of the package.
struct ManifestFile: Encodable {
    var path: String
    var bytes: Int64
    var sha256: String
}

/// One dataset of the package.
struct ManifestDataset: Encodable {
    struct Source: Encodable {
        var path: String
        var bytes: Int64
        var mtime: Timestamp
    }

    struct Quality: Encodable {
        var level: QualityLevel?
        var score: Double?
    }

    struct Part: Encodable {
        var start: Timestamp
        var end: Timestamp
        var task: String
        var taskZH: String?
        var skill: String?
        var score: Double?
        var annotator: String?
        var quality: Quality?

        enum CodingKeys: String, CodingKey {
            case start
            case end
            case task
            case taskZH = "task_zh"
            case skill
            case score
            case annotator
            case quality
        }
    }

    var id: DatasetID
    var layout: DatasetLayout
    var project: String?
    var robot: String?
    var annotator: String?
    var quality: Quality?
    var fingerprint: String
    var files: [Source]
    var segments: [Part]
    var images: Int?
    var annotations: Int?

    init(_ dataset: PlannedDataset) {
        let metadata = dataset.metadata
        let quality =
            metadata.qualityLevel == nil && metadata.qualityScore == nil
            ? nil : Quality(level: metadata.qualityLevel, score: metadata.qualityScore)
        id = dataset.id
        layout = dataset.layout
        project = metadata.project
        robot = metadata.robot
        annotator = metadata.annotator
        self.quality = quality
        fingerprint = dataset.fingerprint
        images = dataset.imageSet?.images
        annotations = dataset.imageSet?.annotations
        files = dataset.files.map { Source(path: $0.path, bytes: $0.bytes, mtime: $0.modified) }
        segments = dataset.segments.map {
            Part(
                start: $0.range.start,
                end: $0.range.end,
                task: $0.task,
                taskZH: $0.taskZH,
                skill: $0.skill,
                score: $0.score,
                annotator: metadata.annotator,
                quality: quality
            )
        }
    }
}

/// How one stream of a dataset met the ticks.
struct ManifestStream: Encodable {
    struct SyncError: Encodable {
        var mean: Double?
        var p95: Double?
        var max: Double?

        enum CodingKeys: String, CodingKey {
            case mean = "mean_ms"
            case p95 = "p95_ms"
            case max = "max_ms"
        }
    }

    var dataset: DatasetID
    var topic: String
    var feature: String
    var ticks: Int
    var held: Int
    var dropped: Int
    var syncError: SyncError

    enum CodingKeys: String, CodingKey {
        case dataset
        case topic
        case feature
        case ticks
        case held = "held_ticks"
        case dropped = "dropped_ticks"
        case syncError = "sync_error"
    }

    init(_ report: StreamReport) {
        // JSON has no word for what is not finite.
        func number(_ value: Double) -> Double? { value.isFinite ? value : nil }
        dataset = report.dataset
        topic = report.topic
        feature = report.feature
        ticks = report.ticks
        held = report.heldTicks
        dropped = report.droppedTicks
        syncError = SyncError(
            mean: number(report.meanMilliseconds),
            p95: number(report.p95Milliseconds),
            max: number(report.maxMilliseconds)
        )
    }
}

/// What was done to faces in one camera's pictures.
struct ManifestFaceBlur: Encodable {
    var dataset: DatasetID
    var topic: String
    var detector: String
    var frames: Int
    var looks: Int
    var framesWithFaces: Int
    var trackedOnlyFrames: Int
    var boxes: Int
    var leftOut: Int

    enum CodingKeys: String, CodingKey {
        case dataset
        case topic
        case detector
        case frames
        case looks
        case framesWithFaces = "frames_with_faces"
        case trackedOnlyFrames = "tracked_only_frames"
        case boxes
        case leftOut = "left_out"
    }

    init(_ report: FaceBlurReport) {
        dataset = report.dataset
        topic = report.topic
        detector = report.detector
        frames = report.frames
        looks = report.looks
        framesWithFaces = report.framesWithFaces
        trackedOnlyFrames = report.trackedOnlyFrames
        boxes = report.boxes
        leftOut = report.leftOut
    }
}

/// A dataset that was left out.
struct ManifestSkipped: Encodable {
    var dataset: DatasetID
    var code: ExportError.Code
    var message: String

    init(_ skipped: SkippedDataset) {
        dataset = skipped.id
        code = skipped.error.code
        message = skipped.error.message
    }
}
