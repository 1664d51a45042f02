import ExportCore
import Fields
import ImageSets

/// What the catalogue knows of an image set: how much it holds, and what its single annotations say that selections look at.
struct ImageSetFacts: Codable, Hashable, Sendable {
    var counts: ImageSetCounts
    /// The labels, which are words to select by.
    var labels: [String]
    var annotators: [String]
    var qualityLevels: [QualityLevel]
    var bestScore: Double?
    var review: [ReviewState]
    var tags: [String]
    /// The first and the last time at which an annotation was made.
    var created: TimeRange?

    /// What was read of a set whose pictures take so many bytes.
    init(_ survey: ImageSetSurvey, pictureBytes: Int64) {
        counts = ImageSetCounts(images: survey.images, annotations: survey.annotations, pictureBytes: pictureBytes)
        labels = survey.labels
        annotators = survey.annotators.sorted()
        qualityLevels = QualityLevel.allCases.filter(survey.qualityLevels.contains)
        bestScore = survey.bestScore
        review = ReviewState.allCases.filter(survey.review.contains)
        tags = survey.tags.sorted()
        created = survey.created
    }
}

extension DatasetReader {
    /// Reads an image set: its `annotations.json` once without the shapes, and its `dataset.yaml`.
    ///
    /// - Throws: `CancellationError` and nothing else that concerns the dataset.
    func readImageSet(_ candidate: Candidate, cancellation: Cancellation) throws -> ScannedDataset {
        var dataset = ScannedDataset(layout: candidate.layout)
        dataset.files = candidate.files
        dataset.volumes = candidate.files.first?.path.hasSuffix("annotations.json") == true ? 1 : 0
        dataset.fingerprint = try Fingerprint.of(candidate.files, after: candidate.pictures.map { "\($0.digest)\n" } ?? "")
        var problems = candidate.obstacles.map { ExportError(.datasetUnreadable, $0, hint: "Put the file itself there.") }
        var description = DatasetDescription()
        do {
            description = try readDescription(below(candidate.location, "dataset.yaml"), in: candidate)
        } catch {
            problems.append(ExportError(error))
        }
        var header = ImageSetHeader()
        if dataset.volumes == 1 {
            do {
                let path = "\(candidate.store)/\(below(candidate.location, "annotations.json"))"
                let survey = try ImageSetSurvey.read(path, cancellation: cancellation)
                dataset.imageSet = ImageSetFacts(survey, pictureBytes: candidate.pictures?.bytes ?? 0)
                header = survey.header
            } catch let error as CancellationError {
                throw error
            } catch {
                problems.append(ExportError(error))
            }
        }
        dataset.metadata = metadata(description, Annotation(), nil, name: DatasetID(candidate.plainID).name)
        dataset.metadata.project = description.project ?? header.project ?? dataset.metadata.project
        dataset.metadata.task = description.task ?? header.name ?? dataset.metadata.task
        let created = header.createdAt.flatMap { RFC3339.parse($0) } ?? dataset.imageSet?.created?.start
        dataset.metadata.recordedAt = description.recordedAt ?? created
        dataset.problem = DatasetReader.joined(problems)
        return dataset
    }
}
