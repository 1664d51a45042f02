public import ExportCore
import Formats
public import Plans
public import Requests

/// One export job, or one preview, as the runner needs to know it.
public struct JobTask: Sendable {
    /// The job.
    public var job: JobID
    /// The request's name, from which package names are made.
    public var name: String
    /// The request.
    public var request: ExportRequest
    /// When the job was accepted: what relative times count from.
    public var accepted: Timestamp
    /// Fingerprints of the datasets of this title's last completed job.
    public var previous: [String: String]
    /// The job's work folder.
    public var work: WorkFolder
    /// The private folder that packages are written to.
    public var destination: String

    /// A job to be run.
    public init(
        job: JobID,
        name: String,
        request: ExportRequest,
        accepted: Timestamp,
        previous: [String: String],
        work: WorkFolder,
        destination: String
    ) {
        self.job = job
        self.name = name
        self.request = request
        self.accepted = accepted
        self.previous = previous
        self.work = work
        self.destination = destination
    }
}

/// What a job has come to once its packages lie in their private folder.
public struct JobResult: Sendable {
    /// The packages, in the order of the exports.
    public var exports: [AssemblySummary]
    /// Datasets that were left out, while planning or encoding.
    public var skipped: [SkippedDataset]
    /// What the user should know, of all exports.
    public var warnings: [Warning]

    /// Why the job fails although its packages are made, with the export concerned; of several the first.
    var refusal: ExportError? {
        for (index, export) in exports.enumerated() {
            guard var error = export.refusal else { continue }
            var location = error.location ?? ExportError.Location()
            location.export = index
            error.location = location
            return error
        }
        return nil
    }
}

extension PlanSummary {
    /// What a plan that was read back comes to.
    init(_ plan: Plan) {
        let exports = plan.exports.indices.map { index in
            let parts = plan.parts.filter { $0.export == index }
            return Export(
                format: plan.exports[index].format,
                parts: parts.count,
                estimate: parts.reduce(PartEstimate()) { $0 + $1.estimate }
            )
        }
        let datasets = plan.datasets.map {
            Dataset(
                id: $0.id,
                bytes: $0.bytes,
                segments: $0.segments.count,
                fingerprint: $0.fingerprint,
                project: $0.metadata.project
            )
        }
        self.init(datasets: datasets, exports: exports, skipped: plan.skipped, warnings: plan.warnings)
    }
}
