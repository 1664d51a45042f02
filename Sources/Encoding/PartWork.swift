public import ExportCore
import Files
import FoundationEssentials
public import Plans

/// Encodes single parts of a plan in the folder that daemon and workers share.
///
/// Doing a part twice, or in two processes at once, does no harm: the first to finish wins.
public struct PartWork: Sendable {
    private let plan: Plan
    private let work: WorkFolder
    private let cache: PartCache?
    private let threads: Int
    private let cancellation: Cancellation

    /// Work on the parts of a plan.
    ///
    /// - Parameter threads: how many threads may encode one part.
    public init(plan: Plan, work: WorkFolder, cache: PartCache?, threads: Int, cancellation: Cancellation) {
        self.plan = plan
        self.work = work
        self.cache = cache
        self.threads = threads
        self.cancellation = cancellation
    }

    /// Makes sure that a part is done: it may be already, or lie in the cache, or be encoded now.
    ///
    /// - Throws: `ExportError` with the dataset in its location, or `CancellationError`.
    public func encode<E: Encoder>(
        _ part: PlannedPart,
        with encoder: E,
        progress: @escaping @Sendable (WorkerProgress) -> Void
    ) throws -> PartSummary {
        if let record = try work.readPart(part.key) { return PartSummary(record, reused: true) }
        if let cache, try cache.adopt(part.key, into: work), let record = try work.readPart(part.key) {
            return PartSummary(record, reused: true)
        }
        let dataset = plan.datasets[part.dataset]
        let folder = try work.beginPart(part.key)
        do {
            if let change = try dataset.change() { throw change }
            let encoded = try encoder.encode(
                dataset,
                in: PartContext(folder: folder, threads: threads, cancellation: cancellation, progress: progress)
            )
            if let change = try dataset.change() { throw change }
            var record = PartRecord(
                key: part.key,
                episodes: encoded.episodes,
                frames: encoded.frames,
                bytesRead: encoded.bytesRead,
                bytesWritten: try FileSystem.treeBytes(folder),
                warnings: encoded.warnings,
                streams: encoded.streams,
                detail: try Self.text(encoded.detail)
            )
            record.faceBlur = encoded.faceBlur
            try compare(part, encoded.detail, by: encoder)
            try work.finishPart(record, from: folder)
            return PartSummary(record, reused: false)
        } catch {
            // The part's own failure is what matters; what cannot be removed now is removed with the work folder.
            try? FileSystem.removeTree(folder)
            if error is CancellationError { throw error }
            // Neither dataset is at fault alone: which of them to leave out is for the user to decide.
            if let difference = error as? DifferentParts { throw difference.error }
            // A recording that is exchanged under an encoder makes it fail in many ways; that it was is what there is to tell.
            let change = (try? dataset.change()) ?? nil
            throw (change ?? ExportError(error)).at(dataset: dataset.id)
        }
    }

    /// Compares a part with one of its export that is finished: where all of them have been, any one does.
    private func compare<E: Encoder>(_ part: PlannedPart, _ detail: E.Detail, by encoder: E) throws {
        let skipped = Set(try work.readSkipped().map(\.id))
        let other = plan.parts.first { other in
            other.export == part.export && other.index != part.index && work.hasPart(other.key)
                && !skipped.contains(plan.datasets[other.dataset].id)
        }
        guard let other, let record = try work.readPart(other.key) else { return }
        // A damaged record is a matter of assembly, which says so.
        guard let otherDetail = try? JSONDecoder().decode(E.Detail.self, from: Data(record.detail.utf8)) else { return }
        do throws(ExportError) {
            try encoder.check(detail, of: plan.datasets[part.dataset].id, beside: otherDetail, of: plan.datasets[other.dataset].id)
        } catch {
            throw DifferentParts(error: error)
        }
    }

    /// The finished parts of one export in order, without those of datasets that were left out on the way.
    ///
    /// - Throws: `internal` where a part is not done.
    public func finishedParts<E: Encoder>(ofExport export: Int, by encoder: E) throws(ExportError) -> [FinishedPart<E.Detail>] {
        let skipped = Set(try work.readSkipped().map(\.id))
        var finished: [FinishedPart<E.Detail>] = []
        for part in plan.parts where part.export == export {
            let dataset = plan.datasets[part.dataset]
            if skipped.contains(dataset.id) { continue }
            guard let record = try work.readPart(part.key) else {
                throw ExportError(
                    .internal,
                    "Part \(part.index) of job \(plan.job) is not encoded, so the export cannot be assembled.",
                    retryable: true
                )
            }
            do {
                let detail = try JSONDecoder().decode(E.Detail.self, from: Data(record.detail.utf8))
                finished.append(FinishedPart(folder: work.partPath(part.key), dataset: dataset, record: record, detail: detail))
            } catch {
                throw ExportError(
                    .internal,
                    "The record of part \(part.index) of job \(plan.job) is damaged: \(error).",
                    hint: "Retry the job."
                )
            }
        }
        return finished
    }

    private static func text(_ detail: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(detail), as: UTF8.self)
    }
}

/// Two parts that one export cannot hold.
private struct DifferentParts: Error {
    let error: ExportError
}

extension PartSummary {
    fileprivate init(_ record: PartRecord, reused: Bool) {
        self.init(
            reused: reused,
            episodes: record.episodes,
            frames: record.frames,
            bytesRead: reused ? 0 : record.bytesRead,
            bytesWritten: record.bytesWritten,
            warnings: record.warnings
        )
    }
}
