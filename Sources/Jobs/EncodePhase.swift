import ExportCore
import Files
import Logging
import Plans
import Requests

/// Sees to it that every part of a plan is finished: found in the work folder, taken from the cache, or encoded.
///
/// Parts run side by side in any order, never more at once than there are workers.
struct EncodePhase: Sendable {
    /// So many bad datasets are listed before the job gives up.
    private static let mostFailures = 100

    struct Results: Sendable {
        var skipped: [SkippedDataset] = []
        var warnings: [Warning] = []
    }

    let crew: Crew
    let plan: Plan
    let meter: ProgressMeter

    private var task: JobTask { crew.task }
    private var runner: JobRunner { crew.runner }

    func run() async throws -> Results {
        var results = Results()
        results.skipped = try await runner.io.run { [work = task.work] in try work.readSkipped() }
        var failures: [ExportError] = []
        var fatal: (any Error)?
        var keys: Set<PartKey> = []
        var twins: [PlannedPart] = []
        var rest = plan.parts[...]

        await withTaskGroup(of: (PlannedPart, Result<PartSummary, any Error>).self) { group in
            var running = 0
            while true {
                while running < runner.pool.width, fatal == nil, failures.count < Self.mostFailures, let part = rest.popFirst() {
                    if isSkipped(part, by: results.skipped) {
                        meter.partDone(part.index, nil)
                    } else if keys.insert(part.key).inserted {
                        group.addTask { (part, await finish(part)) }
                        running += 1
                    } else {
                        twins.append(part)
                    }
                }
                guard let (part, result) = await group.next() else { break }
                running -= 1
                do {
                    let summary = try result.get()
                    meter.partDone(part.index, summary)
                    results.warnings += summary.warnings
                } catch let error as ExportError where isFaultOfDataset(error, in: part) {
                    runner.logger.notice("A dataset could not be encoded.", metadata: ["job": "\(task.job)", "reason": "\(error)"])
                    do {
                        if task.request.onDatasetError == .skip {
                            try await skip(part, because: error, results: &results)
                        } else {
                            failures.append(error)
                        }
                    } catch {
                        fatal = fatal ?? error
                    }
                    meter.partDone(part.index, nil)
                } catch {
                    if fatal == nil || fatal is CancellationError { fatal = error }
                    // Parts that run may finish when the daemon only drains; after a real failure they are lost labour.
                    if !(error is WorkerPool.Draining) { group.cancelAll() }
                }
            }
        }
        if let fatal { throw fatal }
        if !failures.isEmpty { throw Self.combined(failures) }
        for part in twins {
            meter.partDone(part.index, PartSummary(reused: true, episodes: 0, frames: 0, bytesRead: 0, bytesWritten: 0, warnings: []))
        }
        return results
    }

    private func finish(_ part: PlannedPart) async -> Result<PartSummary, any Error> {
        do {
            if let found = try await find(part) { return .success(found) }
            do {
                return .success(try await encode(part))
            } catch let error as ExportError where error.code == .storageFull {
                // The cache only saves time; this part is needed now.
                let freed = try await runner.io.run { [cache = runner.cache] in try cache?.evict(to: 0) ?? 0 }
                guard freed > 0 else { throw explained(error) }
                runner.logger.notice("The cache was emptied because space ran out.", metadata: ["job": "\(task.job)", "bytes": "\(freed)"])
                do {
                    return .success(try await encode(part))
                } catch let error as ExportError where error.code == .storageFull {
                    throw explained(error)
                }
            }
        } catch {
            return .failure(error)
        }
    }

    private func encode(_ part: PlannedPart) async throws -> PartSummary {
        let meter = meter
        return try await crew.encode(part, of: plan) { meter.part(part.index, $0) }
    }

    /// A part that is finished already, here or in the cache.
    private func find(_ part: PlannedPart) async throws -> PartSummary? {
        let record = try await runner.io.run { [work = task.work, cache = runner.cache] () -> PartRecord? in
            if let record = try? work.readPart(part.key) { return record }
            // A damaged part is made again.
            try FileSystem.removeTree(work.partPath(part.key))
            guard let cache, try cache.adopt(part.key, into: work) else { return nil }
            return try work.readPart(part.key)
        }
        return record.map {
            PartSummary(
                reused: true,
                episodes: $0.episodes,
                frames: $0.frames,
                bytesRead: 0,
                bytesWritten: $0.bytesWritten,
                warnings: $0.warnings
            )
        }
    }

    // MARK: Datasets at fault

    private func dataset(of part: PlannedPart) -> DatasetID? {
        plan.datasets.indices.contains(part.dataset) ? plan.datasets[part.dataset].id : nil
    }

    private func isSkipped(_ part: PlannedPart, by skipped: [SkippedDataset]) -> Bool {
        guard let dataset = dataset(of: part) else { return false }
        return skipped.contains { $0.id == dataset }
    }

    /// Whether an error lies in the part's dataset, as opposed to the machine or the request.
    private func isFaultOfDataset(_ error: ExportError, in part: PlannedPart) -> Bool {
        guard let dataset = error.location?.dataset, dataset == self.dataset(of: part), !error.retryable else { return false }
        return switch error.code {
        case .datasetUnreadable, .annotationMissing, .topicMissing, .optionUnsupported, .ioError: true
        default: false
        }
    }

    /// Leaves a part's dataset out of every export, and notes it where assembly and later runs find it.
    private func skip(_ part: PlannedPart, because error: ExportError, results: inout Results) async throws {
        guard let dataset = dataset(of: part), !isSkipped(part, by: results.skipped) else { return }
        results.skipped.append(SkippedDataset(id: dataset, error: error))
        let skipped = results.skipped
        try await runner.io.run { [work = task.work] in try work.writeSkipped(skipped) }
    }

    /// One error that lists every bad dataset.
    private static func combined(_ failures: [ExportError]) -> ExportError {
        guard failures.count > 1 else { return failures[0] }
        return ExportError(
            failures[0].code,
            "\(failures.count) datasets could not be encoded.",
            hint: "Repair them, leave them out of the selection, or set on_dataset_error to skip.",
            details: failures.map { ExportError.Detail($0.message, hint: $0.hint, location: $0.location) }
        )
    }

    /// A full disk, with how much the job still needs.
    private func explained(_ error: ExportError) -> ExportError {
        var copy = error
        let needed = plan.parts.reduce(Int64(0)) { $0 + $1.estimate.bytesWritten }
        copy.message += " The job needs about \(needed) bytes for its parts, and up to as much again for its packages."
        return copy
    }
}
