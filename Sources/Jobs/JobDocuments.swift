import ExportCore
import Formats
import Plans
import Sidecars

extension Warning {
    /// A dataset that was left out, as its user reads it.
    init(_ skipped: SkippedDataset) {
        self.init("dataset_skipped", skipped.error.message, dataset: skipped.id)
    }
}

extension PreviewReport {
    /// What a plan would come to.
    ///
    /// - Parameters:
    ///   - pace: Seconds that a byte of the store takes; nil where that is not known.
    ///   - isVisible: Whether the user may learn of a project's datasets.
    ///   - refusals: Why permission or quota would refuse the job.
    init(
        _ summary: PlanSummary,
        pace: Double? = nil,
        refusals: [ExportError] = [],
        isVisible: (String?) -> Bool = { _ in true }
    ) {
        let bytes = summary.datasets.reduce(0) { $0 + $1.bytes }
        self.init(
            datasets: summary.datasets.filter { isVisible($0.project) }.map { Dataset(id: $0.id, segments: $0.segments, bytes: $0.bytes) },
            exports: summary.exports.map {
                Export(
                    format: $0.format.rawValue,
                    episodes: $0.estimate.episodes,
                    frames: $0.estimate.frames,
                    bytesRead: $0.estimate.bytesRead,
                    bytesWritten: $0.estimate.bytesWritten
                )
            },
            skipped: summary.skipped.map { Skipped(id: $0.id, error: $0.error) },
            etaSeconds: pace.flatMap { Int(exactly: min($0 * Double(bytes), 1e9).rounded(.up)) },
            refusals: refusals.map(Refusal.init)
        )
    }
}

extension StatusDocument.Selected {
    /// What a plan selects, in numbers.
    init(_ summary: PlanSummary) {
        self.init(
            datasets: summary.datasets.count,
            segments: summary.datasets.reduce(0) { $0 + $1.segments },
            bytes: summary.datasets.reduce(0) { $0 + $1.bytes }
        )
    }
}

extension StatusDocument.Export {
    /// An export whose package is made.
    init(_ options: ExportOptions, _ package: AssemblySummary) {
        self.init(
            format: options.format.rawValue,
            state: .completed,
            file: package.file,
            bytes: package.bytes,
            sha256: package.sha256,
            episodes: package.episodes,
            frames: package.frames,
            warnings: package.warnings.count
        )
    }

    /// The same export once its preview is done.
    var previewed: StatusDocument.Export {
        var copy = self
        copy.state = .completed
        return copy
    }
}

extension StatusDocument.Progress {
    /// Whether someone who reads both would see more than another time.
    func differs(from other: StatusDocument.Progress) -> Bool {
        var copy = other
        copy.updatedAt = updatedAt
        return self != copy
    }
}
