/// How a dataset lies in the store.
public enum DatasetLayout: String, Codable, CaseIterable, Sendable {
    /// A folder with `data.mcap`, `annotation.json` and company.
    case folder
    /// Siblings `STEM.mcap` and `STEM.json`.
    case flat
    /// A rosbag2 folder: `metadata.yaml` and one or several volumes.
    case rosbag2
    /// An image set: a folder with `images/` and `annotations.json`.
    case imageSet = "image_set"
}

/// What an image set holds, as far as can be told without its shapes.
public struct ImageSetCounts: Hashable, Codable, Sendable {
    /// Images that it lists.
    public var images: Int
    /// Annotations that it lists.
    public var annotations: Int
    /// The size of the files below `images/` and `masks/`.
    public var pictureBytes: Int64

    /// What a set holds.
    public init(images: Int, annotations: Int, pictureBytes: Int64) {
        self.images = images
        self.annotations = annotations
        self.pictureBytes = pictureBytes
    }
}

/// One file of the store as it was when it was looked at.
public struct SourceFile: Hashable, Codable, Sendable {
    /// The path relative to the store's root.
    public var path: String
    /// Its size in bytes.
    public var bytes: Int64
    /// Its modification time.
    public var modified: Timestamp

    /// A file of the store.
    public init(path: String, bytes: Int64, modified: Timestamp) {
        self.path = path
        self.bytes = bytes
        self.modified = modified
    }
}

/// Whether a dataset has passed its review.
public enum ReviewState: String, Codable, CaseIterable, Sendable {
    case pending
    case passed
    case rejected
}

/// How good a dataset is, as its reviewers put it.
public enum QualityLevel: String, Codable, CaseIterable, Sendable {
    case excellent
    case good
    case fair
    case poor
}

/// What the recording itself does not say: from `dataset.yaml`, else from the folder's name.
///
/// Everything is optional.
public struct DatasetMetadata: Hashable, Codable, Sendable {
    /// The project that it belongs to.
    public var project: String?
    /// Where it was recorded.
    public var scene: String?
    /// Who annotated it.
    public var annotator: String?
    /// Who reviewed it.
    public var reviewer: String?
    /// How its review stands.
    public var review: ReviewState?
    /// How good it is.
    public var qualityLevel: QualityLevel?
    /// 0 to 100.
    public var qualityScore: Double?
    /// The robot, by the name that mapping profiles go by.
    public var robot: String?
    /// Free words to select by.
    public var tags: [String] = []
    /// The instruction in English, for a recording without annotated segments.
    public var task: String?
    /// The instruction in Chinese.
    public var taskZH: String?
    /// When it was recorded, where `dataset.yaml` says so; the recording's own clock otherwise.
    public var recordedAt: Timestamp?

    /// Metadata of which nothing is known yet.
    public init() {}
}

/// One annotated subtask of a recording.
///
/// Segments may nest, overlap and leave gaps.
public struct Segment: Hashable, Codable, Sendable {
    /// When it happens, on the recording's clock; both ends included.
    public var range: TimeRange
    /// The instruction in English.
    public var task: String
    /// The instruction in Chinese.
    public var taskZH: String?
    /// The skill, possibly with slots, such as `pick {A} from {B}`.
    public var skill: String?
    /// The subtask's number in the annotation, from 1.
    public var sequence: Int?
    /// The object in slot A.
    public var objectA: String?
    /// The object in slot B.
    public var objectB: String?
    /// Choices such as `leftHand`.
    public var options: [String] = []
    /// The annotator's comment.
    public var comment: String?
    /// How the attempt ended, such as `success`.
    public var attempts: String?
    /// A score from 0 to 100, where the annotation or the dataset has one.
    public var score: Double?

    /// A segment with its instruction.
    public init(range: TimeRange, task: String) {
        self.range = range
        self.task = task
    }
}

/// One topic of a recording, as its summary describes it.
public struct TopicSummary: Hashable, Codable, Sendable {
    /// The topic with a leading slash, whether or not the file writes one.
    public var topic: String
    /// The message type without `/msg/`, such as `sensor_msgs/JointState`.
    public var type: String
    /// How many messages the recording holds of it, on all its channels.
    public var messages: UInt64

    /// A topic of a recording.
    public init(topic: String, type: String, messages: UInt64) {
        self.topic = topic
        self.type = type
        self.messages = messages
    }
}

/// Something that a user should know and that did not stop the work.
public struct Warning: Hashable, Codable, Sendable {
    /// A short stable word for scripts, such as `recording_truncated`.
    public var code: String
    /// A sentence for people.
    public var message: String
    /// The dataset concerned.
    public var dataset: DatasetID?

    /// A warning.
    public init(_ code: String, _ message: String, dataset: DatasetID? = nil) {
        self.code = code
        self.message = message
        self.dataset = dataset
    }
}
