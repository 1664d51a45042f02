import ExportCore
import Files
import Logging
import Plans
import Requests

/// The workers as one job sees them: it sends a command, and gets the answer or an error that a person understands.
///
/// A command whose worker died is sent once more; the second death is the step's fault.
struct Crew: Sendable {
    let runner: JobRunner
    let task: JobTask

    /// Makes the plan; without a folder only tells what it would be.
    func plan(into work: String?) async throws -> PlanSummary {
        let order = PlanOrder(
            site: runner.site,
            job: task.job,
            name: task.name,
            request: task.request,
            now: task.accepted,
            previous: task.previous,
            work: work
        )
        let event = try await perform(.plan(order), step: "plan") { failure in
            ExportError(
                .internal,
                "Planning brought down its worker twice: \(failure).",
                hint: "A dataset of the selection may be at fault; narrow the selection to find it, and report it with the daemon's log."
            )
        }
        guard case .planned(let summary) = event else { throw Self.unexpected("plan") }
        return summary
    }

    /// Encodes one part.
    func encode(_ part: PlannedPart, of plan: Plan, onProgress: @escaping @Sendable (WorkerProgress) -> Void) async throws -> PartSummary {
        // Where there are fewer parts than cores, each may use several.
        let threads = max(1, runner.pool.width / max(1, plan.parts.count))
        let order = EncodeOrder(work: task.work.path, part: part.index, cache: runner.cache?.path, threads: threads)
        let dataset = plan.datasets.indices.contains(part.dataset) ? plan.datasets[part.dataset].id : nil
        let event = try await perform(.encode(order), step: part.key.text, onProgress: onProgress) { failure in
            ExportError(
                .datasetUnreadable,
                "Encoding \(dataset?.text ?? "a part") brought down its worker twice: \(failure).",
                hint: "The recording is probably damaged; repair it, or leave it out of the selection.",
                location: .init(dataset: dataset, export: part.export)
            )
        }
        guard case .encoded(let summary) = event else { throw Self.unexpected("encode") }
        return summary
    }

    /// Assembles and packages one export.
    func assemble(_ export: Int, onProgress: @escaping @Sendable (WorkerProgress) -> Void) async throws -> AssemblySummary {
        let order = AssembleOrder(work: task.work.path, export: export, destination: task.destination, threads: runner.pool.width)
        let event = try await perform(.assemble(order), step: "assemble-\(export)", onProgress: onProgress) { failure in
            ExportError(
                .internal,
                "Assembling the package brought down its worker twice: \(failure).",
                hint: "Please report this with the daemon's log.",
                location: .init(export: export)
            )
        }
        guard case .assembled(let summary) = event else { throw Self.unexpected("assemble") }
        return summary
    }

    private func perform(
        _ order: WorkerOrder,
        step: String,
        onProgress: @escaping @Sendable (WorkerProgress) -> Void = { _ in },
        blame: (String) -> ExportError
    ) async throws -> WorkerEvent {
        while true {
            let failure: WorkerFailure
            do {
                return try await runner.pool.perform(order, for: task.job, onProgress: onProgress)
            } catch let error as WorkerFailure {
                failure = error
            }
            switch failure {
            case .reported(let error):
                throw error
            case .notStarted(let error):
                throw ExportError(
                    .internal,
                    "No worker could be started: \(error.message)",
                    hint: "Install export-worker beside exportd, and retry the job."
                )
            case .stalled where !(await storesAnswer()):
                throw ExportError(
                    .ioError,
                    "A store did not answer while job \(task.job) read from it.",
                    hint: "It is tried again by itself; look at the file server if this lasts."
                )
            case .died, .stalled, .garbled:
                let final = try await runner.countCrash(task.job, step) >= JobRunner.mostCrashes
                runner.logger.warning(
                    "A worker failed.",
                    metadata: ["job": "\(task.job)", "step": "\(step)", "reason": "\(failure)", "log": "\(failure.log.suffix(2000))"]
                )
                if final { throw blame(failure.description) }
            }
        }
    }

    /// Whether all stores can be listed within a few seconds.
    ///
    /// A store that hangs is left to a thread of its own.
    private func storesAnswer() async -> Bool {
        let stores = runner.site.stores
        let probe = IOQueue("probe")
        return await withTaskGroup(of: Bool.self) { group in
            let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
            // Not a child of the group, which could not end before it: a hung listing cannot be cancelled.
            Task {
                do {
                    try await probe.run { try stores.forEach { _ = try FileSystem.list($0) } }
                    answer.yield(true)
                } catch {
                    answer.yield(false)
                }
            }
            group.addTask { await answers.first { _ in true } ?? false }
            group.addTask {
                try? await Task.sleep(for: .seconds(5))
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
    }

    private static func unexpected(_ command: String) -> ExportError {
        ExportError(
            .internal,
            "The worker gave the answer of another command to \"\(command)\".",
            hint: "Programs of different versions may be installed."
        )
    }
}

extension WorkerFailure: CustomStringConvertible {
    /// What the worker did, as the rest of a sentence.
    public var description: String {
        switch self {
        case .reported(let error), .notStarted(let error): error.message
        case .died(let exit, _): "it \(exit)"
        case .stalled(let limit, _): "it made no progress for \(limit.components.seconds) s"
        case .garbled(let line): "it wrote a line that is no reply: \(line)"
        }
    }

    /// The end of what the worker wrote to standard error.
    var log: String {
        switch self {
        case .died(_, let log), .stalled(_, let log): log
        case .reported, .notStarted, .garbled: ""
        }
    }
}
