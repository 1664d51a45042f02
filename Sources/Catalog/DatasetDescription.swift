import ExportCore
import Fields
import YAML

/// What a `dataset.yaml` says: the things that a recording itself does not.
///
/// Every key is optional; a key with nothing or an empty list behind it counts as absent, because files are often filled
/// in from a template.
struct DatasetDescription: Hashable, Sendable {
    /// How good the dataset is.
    struct Quality: Hashable, Sendable {
        var level: QualityLevel?
        var score: Double?
    }

    var project: String?
    var annotator: String?
    var reviewer: String?
    var review: ReviewState?
    var quality: Quality?
    var robot: String?
    var tags: [String] = []
    var task: String?
    var taskZH: String?
    var recordedAt: Timestamp?

    /// The most bytes of a `dataset.yaml`.
    static let sizeLimit = 1 << 20

    /// Reads a `dataset.yaml`.
    ///
    /// - Parameter file: The file's path as it stands in messages.
    /// - Throws: `dataset_unreadable` with every problem and its line and column.
    static func read(_ bytes: [UInt8], file: String) throws(ExportError) -> DatasetDescription {
        let document = YAMLReader.read(bytes)
        var problems = ProblemList(document.problems)
        var description = DatasetDescription()
        if let root = document.root.map(withoutEmptyValues), let value = Shape.set(fields).read(root, into: &problems) {
            description = value
        }
        if var error = problems.error(file: file, subject: "file \(file)") {
            error.code = .datasetUnreadable
            error.retryable = false
            throw error
        }
        return description
    }

    /// The keys of a `dataset.yaml`.
    static let fields = FieldSet(defaults: DatasetDescription()) {
        Field("project", \DatasetDescription.project, .text("a project's name"), "The project that the dataset belongs to.")
        Field("annotator", \DatasetDescription.annotator, .text("a person's name or id"), "Who annotated it.")
        Field("reviewer", \DatasetDescription.reviewer, .text("a person's name or id"), "Who reviewed it.")
        Field("review", \DatasetDescription.review, .choice(), "How the review ended.")
        Field("quality", \DatasetDescription.quality, .set(qualityFields), "How good it is.")
        Field("robot", \DatasetDescription.robot, .text("a robot's name"), "The robot, as in the configuration's robots.")
        Field("tags", \DatasetDescription.tags, .list(of: .text("a tag"), upTo: 1_000), "Tags to select it by.")
        Field("task", \DatasetDescription.task, .text("an instruction", upTo: 4_000), "The instruction where no segment is annotated.")
        Field("task_zh", \DatasetDescription.taskZH, .text("an instruction in Chinese", upTo: 4_000), "The same in Chinese.")
        Field("recorded_at", \DatasetDescription.recordedAt, .timestamp, "When it was recorded, where the recording's clock was wrong.")
    }

    private static let qualityFields = FieldSet(defaults: Quality()) {
        Field("level", \Quality.level, .choice(), "The level that reviewers gave it.")
        Field("score", \Quality.score, .decimal(0...100), "The score that reviewers gave it, from 0 to 100.")
    }

    /// The node without keys that have nothing behind them.
    private static func withoutEmptyValues(_ node: Node) -> Node {
        guard case .mapping(let entries) = node.content else { return node }
        let kept = entries.compactMap { entry -> Entry? in
            switch entry.value.content {
            case .scalar(let scalar) where scalar.meaning == .null: return nil
            case .sequence(let items) where items.isEmpty: return nil
            default:
                var copy = entry
                copy.value = withoutEmptyValues(entry.value)
                return copy
            }
        }
        return Node(.mapping(kept), at: node.position)
    }
}
