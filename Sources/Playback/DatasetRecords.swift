import ExportCore
import Files
import MCAP
import Plans

/// What is known of a dataset beside its recording, as metadata records and as an attachment.
struct DatasetRecords {
    /// A metadata record.
    struct Metadata {
        let name: String
        let values: [String: String]
    }

    private let dataset: PlannedDataset

    init(_ dataset: PlannedDataset) {
        self.dataset = dataset
    }

    /// `exportd.dataset`, and an `exportd.annotation` for each segment.
    var metadata: [Metadata] {
        [Metadata(name: "exportd.dataset", values: described)]
            + dataset.segments.enumerated().map { Metadata(name: "exportd.annotation", values: Self.describe($1, index: $0 + 1)) }
    }

    /// The annotation as it lies beside the recording; nil where there is none.
    ///
    /// - Throws: `FileError` where it cannot be read.
    func annotationFile() throws -> [UInt8]? {
        guard let path = annotationPath else { return nil }
        return try FileSystem.read("\(dataset.store)/\(path)", limit: Self.annotationLimit, nofollow: true)
    }

    /// No annotation comes near this.
    private static let annotationLimit = 256 << 20

    private var annotationPath: String? {
        let companions = dataset.files.dropFirst(dataset.volumes).map(\.path)
        switch dataset.layout {
        case .folder, .rosbag2:
            return companions.first { $0.split(separator: "/").last == "annotation.json" }
        case .imageSet: return nil
        case .flat:
            guard let volume = dataset.files.first?.path, let dot = volume.lastIndex(of: ".") else { return nil }
            return companions.first { $0 == volume[..<dot] + ".json" }
        }
    }

    private var described: [String: String] {
        let metadata = dataset.metadata
        var values = ["dataset": dataset.id.text, "exportd_version": Version.current, "segments": String(dataset.segments.count)]
        values["project"] = metadata.project
        values["scene"] = metadata.scene
        values["annotator"] = metadata.annotator
        values["reviewer"] = metadata.reviewer
        values["review"] = metadata.review?.rawValue
        values["quality_level"] = metadata.qualityLevel?.rawValue
        values["quality_score"] = metadata.qualityScore.map { "\($0)" }
        values["robot"] = metadata.robot
        if !metadata.tags.isEmpty { values["tags"] = metadata.tags.joined(separator: ", ") }
        values["task"] = metadata.task
        values["task_zh"] = metadata.taskZH
        values["recorded_at"] = metadata.recordedAt?.exactRFC3339
        return values
    }

    private static func describe(_ segment: Segment, index: Int) -> [String: String] {
        var values = [
            "index": String(index), "start_ns": String(segment.range.start.nanoseconds), "end_ns": String(segment.range.end.nanoseconds),
            "task": segment.task,
        ]
        values["number"] = segment.sequence.map(String.init)
        values["task_zh"] = segment.taskZH
        values["skill"] = segment.skill
        values["score"] = segment.score.map { "\($0)" }
        values["object_a"] = segment.objectA
        values["object_b"] = segment.objectB
        if !segment.options.isEmpty { values["options"] = segment.options.joined(separator: ", ") }
        values["comment"] = segment.comment
        values["attempts"] = segment.attempts
        return values
    }
}
