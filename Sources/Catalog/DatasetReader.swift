import Checksums
import ExportCore
import Files
import RecordingNames

/// Reads what one dataset says of itself: its recording's summary, its annotation, its `dataset.yaml`, its name.
///
/// Whatever is wrong with it becomes its problem, and the rest of it is still read, so that selections can tell what it
/// is.
struct DatasetReader {
    /// Opens a recording's volumes.
    var inspect: (_ volumes: [String], _ cancellation: Cancellation) throws -> RecordingFacts = RecordingFacts.read

    /// How far a segment may reach past its recording without a word, in nanoseconds: annotations are rounded to
    /// milliseconds, and a recording's last message may lie a frame before its end.
    static let slack: Int64 = 100_000_000

    /// Reads a dataset.
    ///
    /// - Throws: `CancellationError` and nothing else that concerns the dataset.
    func read(_ candidate: Candidate, cancellation: Cancellation) throws -> ScannedDataset {
        var dataset = ScannedDataset(layout: candidate.layout)
        guard candidate.failure == nil else {
            dataset.problem = candidate.failure
            return dataset
        }
        if candidate.layout == .imageSet { return try readImageSet(candidate, cancellation: cancellation) }
        var problems = candidate.obstacles.map { ExportError(.datasetUnreadable, $0, hint: "Put the file itself there.") }
        func attempt<Value>(_ work: () throws -> Value) throws -> Value? {
            do {
                return try work()
            } catch let error as CancellationError {
                throw error
            } catch {
                problems.append(ExportError(error))
                return nil
            }
        }

        let companions = Companions(candidate)
        let found = try attempt { try readVolumes(of: candidate) } ?? Volumes()
        let volumes = found.files
        dataset.warnings += found.warnings
        dataset.volumes = volumes.count
        let volumePaths = Set(volumes.map(\.path))
        dataset.files = volumes + candidate.files.filter { !volumePaths.contains($0.path) && !RecordingFileName.isRecording($0.path) }
        dataset.fingerprint = try Fingerprint.of(dataset.files)

        let description = try attempt { try readDescription(companions.description, in: candidate) } ?? DatasetDescription()
        let annotation = try attempt { try readAnnotation(companions.annotation, in: candidate) } ?? Annotation()
        dataset.segments = annotation.segments
        dataset.warnings += annotation.warnings
        if !volumes.isEmpty, candidate.obstacles.isEmpty {
            let facts = try attempt { try inspect(volumes.map { "\(candidate.store)/\($0.path)" }, cancellation) }
            if let facts {
                dataset.topics = facts.topics
                dataset.range = facts.range
                dataset.warnings += facts.warnings
                dataset.warnings += DatasetReader.miscounted(facts, found.messages)
                dataset.warnings += DatasetReader.misplaced(dataset.segments, in: facts.range)
            }
        }
        dataset.warnings += unnamedVolumes(candidate, volumePaths)
        dataset.metadata = metadata(description, annotation, dataset.range, name: DatasetID(candidate.plainID).name)
        for index in dataset.segments.indices where dataset.segments[index].score == nil {
            dataset.segments[index].score = dataset.metadata.qualityScore
        }
        dataset.problem = DatasetReader.joined(problems)
        return dataset
    }

    /// Warnings about segments that don't lie within the recording.
    ///
    /// They are kept as they were annotated.
    static func misplaced(_ segments: [Segment], in range: TimeRange?) -> [Warning] {
        guard let range else { return [] }
        var outside = 0
        var partly = 0
        for segment in segments {
            if segment.range.intersection(range) == nil {
                outside += 1
            } else if distance(from: segment.range.start, to: range.start) > slack
                || distance(from: range.end, to: segment.range.end) > slack
            {
                partly += 1
            }
        }
        var warnings: [Warning] = []
        let recorded = "which lasts from \(range.start.nanoseconds) to \(range.end.nanoseconds) ns"
        if outside > 0 {
            warnings.append(
                Warning("segment_outside_recording", "\(outside) of \(segments.count) segments lie outside the recording, \(recorded).")
            )
        }
        if partly > 0 {
            warnings.append(
                Warning("segment_outside_recording", "\(partly) of \(segments.count) segments reach past the recording, \(recorded).")
            )
        }
        return warnings
    }

    /// A warning where a recording's volumes hold something else than its metadata.yaml says.
    private static func miscounted(_ facts: RecordingFacts, _ declared: UInt64?) -> [Warning] {
        let messages = facts.topics.reduce(UInt64(0)) { $0 &+ $1.messages }
        guard let declared, declared != messages else { return [] }
        return [
            Warning(
                "metadata_contradicts",
                "metadata.yaml counts \(declared) messages, and the volumes hold \(messages); the volumes count."
            )
        ]
    }

    private static func distance(from start: Timestamp, to end: Timestamp) -> Int64 {
        let (difference, overflow) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
        return overflow ? (end > start ? .max : .min) : difference
    }

    /// Several problems as one.
    static func joined(_ problems: [ExportError]) -> ExportError? {
        guard var first = problems.first, problems.count > 1 else { return problems.first }
        first.details = problems.flatMap { problem in
            problem.details.isEmpty
                ? [ExportError.Detail(problem.message, hint: problem.hint, location: problem.location)] : problem.details
        }
        first.message += " It has \(problems.count - 1) more problem\(problems.count == 2 ? "" : "s"), listed in the details."
        return first
    }

    // MARK: Parts

    /// The files beside a recording that this reader reads.
    private struct Companions {
        var annotation: String
        var description: String

        init(_ candidate: Candidate) {
            switch candidate.layout {
            case .folder, .rosbag2, .imageSet:
                annotation = below(candidate.location, "annotation.json")
                description = below(candidate.location, "dataset.yaml")
            case .flat:
                let stem = RecordingFileName.stem(candidate.location)
                annotation = stem + ".json"
                description = stem + ".dataset.yaml"
            }
        }
    }

    /// The files of a recording, and what is known of them before they are opened.
    private struct Volumes {
        var files: [SourceFile] = []
        /// How many messages they should hold, where something says so.
        var messages: UInt64?
        var warnings: [Warning] = []
    }

    private func readVolumes(of candidate: Candidate) throws -> Volumes {
        switch candidate.layout {
        case .folder:
            let names = RecordingFileName.inFolder.map { below(candidate.location, $0) }
            let name = names.first { candidate.file($0) != nil } ?? names[0]
            return Volumes(files: [try volume(name, of: candidate, named: "its annotation is there")])
        case .imageSet:
            return Volumes()
        case .flat:
            return Volumes(files: [try volume(candidate.location, of: candidate, named: "its description is there")])
        case .rosbag2:
            let path = below(candidate.location, "metadata.yaml")
            guard let bytes = try content(path, in: candidate, limit: RosbagMetadata.sizeLimit) else { return Volumes() }
            let metadata = try RosbagMetadata.read(bytes, file: "\(candidate.store)/\(path)")
            var volumes = Volumes(messages: metadata.messages)
            for name in metadata.volumes {
                let actual = presentName(name, in: candidate)
                let file = try volume(below(candidate.location, actual), of: candidate, named: "metadata.yaml names it")
                guard !volumes.files.contains(file) else {
                    throw ExportError(.datasetUnreadable, "The volume \(candidate.store)/\(file.path) is named twice in metadata.yaml.")
                }
                volumes.files.append(file)
                if actual != name {
                    volumes.warnings.append(Warning("volume_renamed", "metadata.yaml names \(name), which is missing; \(actual) is used."))
                }
            }
            return volumes
        }
    }

    /// The name under which a volume lies in its folder.
    private func presentName(_ name: String, in candidate: Candidate) -> String {
        RecordingFileName.possibleNames(ofVolume: name).first { candidate.file(below(candidate.location, $0)) != nil } ?? name
    }

    private func volume(_ path: String, of candidate: Candidate, named reason: String) throws -> SourceFile {
        if let file = candidate.file(path) { return file }
        let full = "\(candidate.store)/\(path)"
        // An obstacle in its place has been reported already.
        guard candidate.obstacles.isEmpty else { throw ExportError(.datasetUnreadable, "The recording \(full) can't be read.") }
        throw ExportError(
            .datasetUnreadable,
            "The recording \(full) is missing: \(reason).",
            hint: "Copy it there again, or remove what is left of the dataset.",
            location: .init(file: full)
        )
    }

    func readDescription(_ path: String, in candidate: Candidate) throws -> DatasetDescription {
        guard let bytes = try content(path, in: candidate, limit: DatasetDescription.sizeLimit) else { return DatasetDescription() }
        return try DatasetDescription.read(bytes, file: "\(candidate.store)/\(path)")
    }

    private func readAnnotation(_ path: String, in candidate: Candidate) throws -> Annotation {
        guard let bytes = try content(path, in: candidate, limit: AnnotationReader.sizeLimit) else { return Annotation() }
        return try AnnotationReader.read(bytes, file: "\(candidate.store)/\(path)")
    }

    /// A file's bytes, at most one more than allowed so that its reader can say that it is too long; nil where it is not
    /// part of the dataset.
    private func content(_ path: String, in candidate: Candidate, limit: Int) throws -> [UInt8]? {
        guard candidate.file(path) != nil else { return nil }
        return try OpenFile.reading("\(candidate.store)/\(path)", nofollow: true).read(upTo: limit + 1)
    }

    private func unnamedVolumes(_ candidate: Candidate, _ volumes: Set<String>) -> [Warning] {
        guard candidate.layout == .rosbag2, !volumes.isEmpty else { return [] }
        let others = candidate.files.filter { RecordingFileName.isRecording($0.path) && !volumes.contains($0.path) }
        guard let first = others.first else { return [] }
        let more = others.count == 1 ? "" : " and \(others.count - 1) more"
        return [
            Warning("volume_not_listed", "\(first.path)\(more) lies in the folder, but its metadata.yaml does not name it; it is left out.")
        ]
    }

    func metadata(_ description: DatasetDescription, _ annotation: Annotation, _ range: TimeRange?, name: String) -> DatasetMetadata {
        let named = RecordingName(name)
        var metadata = DatasetMetadata()
        metadata.project = description.project ?? named?.project
        metadata.scene = named?.scene ?? annotation.scene
        metadata.annotator = description.annotator ?? named?.staff
        metadata.reviewer = description.reviewer
        metadata.review = description.review
        metadata.qualityLevel = description.quality?.level
        metadata.qualityScore = description.quality?.score
        metadata.robot = description.robot
        metadata.tags = description.tags
        metadata.task = description.task ?? named?.task
        metadata.taskZH = description.taskZH
        metadata.recordedAt = description.recordedAt ?? range?.start
        return metadata
    }
}
