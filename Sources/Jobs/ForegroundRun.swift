public import Configuration
import ExportCore
import Files
import Formats
import Glibc
import Ledger
public import Logging
import Plans
public import Requests
public import Sidecars
import Spool
import Synchronization

/// A request for a run in the foreground.
public struct ForegroundRequest: Sendable {
    /// What is wanted.
    public var export: ExportRequest
    /// The request's file as its user names it, for the status.
    public var file: String
    /// The request's name, from which package names are made.
    public var name: String
    /// The request's text, which is laid beside the packages.
    public var text: [UInt8]

    /// A request that was read and checked.
    public init(_ export: ExportRequest, file: String, name: String, text: [UInt8]) {
        self.export = export
        self.file = file
        self.name = name
        self.text = text
    }
}

/// Runs one request without a daemon: the same planner, workers and cache; the spool is not touched, and of the ledger
/// only read what `changed_since` asks for.
///
/// Its workers end with the run, so each run or preview takes a `ForegroundRun` of its own. A run that is interrupted leaves
/// nothing behind but its finished parts in the cache, where the next run finds them.
public struct ForegroundRun: Sendable {
    private let runner: JobRunner
    private let configuration: SiteConfiguration
    private let pool: WorkerPool
    private let logger: Logger

    /// A run under a site's configuration, whose work folder and cache must be the caller's to write.
    ///
    /// - Parameters:
    ///   - worker: How workers are started.
    ///   - width: How many workers run at once; nil takes the number of cores.
    public init(configuration: SiteConfiguration, worker: WorkerSettings, width: Int? = nil, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        pool = WorkerPool(settings: worker, width: width)
        let crashes = CrashTally()
        runner = JobRunner(
            pool: pool,
            site: SiteSettings(configuration),
            cache: PartCache(path: "\(configuration.cache.path)/parts", maximumBytes: configuration.cache.maximumBytes),
            io: IOQueue("work"),
            countCrash: { await crashes.count($0, $1) },
            logger: logger
        )
    }

    /// Runs the selection and every check, and writes nothing but the catalogue's index.
    ///
    /// - Parameter progress: Called twice a second, and at the end.
    /// - Returns: The status that a daemon would report of the preview.
    /// - Throws: `ExportError` or `CancellationError`.
    public func preview(
        _ request: ForegroundRequest,
        progress: @escaping @Sendable (StatusDocument.Progress) -> Void = { _ in }
    ) async throws -> StatusDocument {
        let meter = ProgressMeter()
        let task = try task(request, id: JobID.new(at: .now())) { _ in "" }
        let plan = try await watching(meter, progress) { try await runner.preview(task, meter: meter) }
        meter.finish()
        var status = status(of: task, request, kind: .preview, plan: plan, progress: meter.snapshot())
        status.progress.datasetsTotal = plan.datasets.count
        status.progress.datasetsDone = plan.datasets.count
        status.exports = request.export.exports.map { StatusDocument.Export(format: $0.format.rawValue, state: .completed) }
        status.preview = PreviewReport(plan)
        status.warnings = plan.warnings + plan.skipped.map(Warning.init)
        progress(status.progress)
        return status
    }

    /// Runs the exports.
    ///
    /// The destination appears with all packages, `request.yaml` and `status.json` in it, or not at all.
    ///
    /// - Parameters:
    ///   - destination: The folder for the packages; must not exist yet.
    ///   - progress: Called twice a second, and at the end.
    /// - Returns: The status that lies beside the packages.
    /// - Throws: `ExportError` or `CancellationError`.
    public func run(
        _ request: ForegroundRequest,
        destination: String,
        progress: @escaping @Sendable (StatusDocument.Progress) -> Void
    ) async throws -> StatusDocument {
        let target = FileSystem.absolute(destination)
        guard !FileSystem.exists(target) else {
            throw ExportError(
                .ioError,
                "\(destination) is there already.",
                hint: "Name a folder that does not exist yet.",
                retryable: false,
                location: .init(file: destination)
            )
        }
        let parent = FileSystem.parent(of: target)
        let task = try task(request, id: JobID.new(at: .now())) { "\(parent)/.\($0).tmp" }
        let meter = ProgressMeter()
        let status: StatusDocument
        do {
            try FileSystem.makeDirectories(task.destination)
            let planned = Mutex<PlanSummary?>(nil)
            let result = try await watching(meter, progress) {
                try await runner.run(task, meter: meter) { plan in planned.withLock { $0 = plan } }
            }
            try Task.checkCancellation()
            meter.finish()
            status = completed(task, request, plan: planned.withLock { $0 }, result, progress: meter.snapshot())
            try FileSystem.writeAtomically("\(task.destination)/request.yaml", request.text)
            try FileSystem.writeAtomically("\(task.destination)/status.json", status.json())
            try FileSystem.rename(task.destination, to: target)
            try FileSystem.synchronizeDirectory(parent)
        } catch {
            // The error that matters is the one at hand; leftovers have telling names.
            try? await runner.cleanUp(task.work, keepParts: true)
            try? FileSystem.removeTree(task.destination)
            throw error is CancellationError ? error : ExportError(error)
        }
        do {
            try await runner.cleanUp(task.work, keepParts: true)
        } catch {
            logger.warning("The work of the run could not be removed.", metadata: ["folder": "\(task.work.path)", "reason": "\(error)"])
        }
        progress(status.progress)
        return status
    }

    // MARK: Steps

    private func task(_ request: ForegroundRequest, id: JobID, destination: (JobID) -> String) throws(ExportError) -> JobTask {
        do throws(FileError) {
            for folder in [configuration.work, configuration.cache.path] { try FileSystem.makeDirectories(folder, mode: 0o750) }
        } catch {
            throw ExportError(error)
        }
        return JobTask(
            job: id,
            name: request.name,
            request: request.export,
            accepted: .now(),
            previous: try previous(request.export),
            // A name that is no job's, so that a daemon which starts meanwhile does not take it for leftovers of its own.
            work: WorkFolder(path: "\(configuration.work)/foreground_\(id)"),
            destination: destination(id)
        )
    }

    /// What earlier jobs of this user and title have covered, where the request asks for what is new.
    private func previous(_ request: ExportRequest) throws(ExportError) -> [String: String] {
        guard request.select.changedSinceLastSuccess else { return [:] }
        do throws(LedgerError) {
            return try Ledger.readOnly(path: configuration.ledger).lastCompleted(
                user: Identity(uid: getuid(), configuration).name,
                title: request.title
            )
        } catch {
            throw ExportError(
                .ioError,
                "The request asks for what has changed since its last job, but the ledger cannot be read: \(error)",
                hint: "Submit the request to the daemon, or leave out changed_since.",
                retryable: false
            )
        }
    }

    /// Does the work, tells how far it is, and ends the workers however the work ended.
    private func watching<Value: Sendable>(
        _ meter: ProgressMeter,
        _ progress: @escaping @Sendable (StatusDocument.Progress) -> Void,
        _ work: () async throws -> Value
    ) async throws -> Value {
        let reporter = Task {
            while !Task.isCancelled {
                progress(meter.snapshot())
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        let result: Result<Value, any Error>
        do { result = .success(try await work()) } catch { result = .failure(error) }
        reporter.cancel()
        await reporter.value
        await pool.shutdown()
        return try result.get()
    }

    // MARK: Documents

    private func completed(
        _ task: JobTask,
        _ request: ForegroundRequest,
        plan: PlanSummary?,
        _ result: JobResult,
        progress: StatusDocument.Progress
    ) -> StatusDocument {
        var status = status(of: task, request, kind: .export, plan: plan, progress: progress)
        status.exports = zip(request.export.exports, result.exports).map { StatusDocument.Export($0, $1) }
        status.warnings = result.warnings + result.skipped.map(Warning.init)
        if let refusal = result.refusal {
            status.state = .failed
            status.error = refusal
            for index in status.exports.indices { status.exports[index].state = .failed }
        }
        return status
    }

    private func status(
        of task: JobTask,
        _ request: ForegroundRequest,
        kind: RequestKind,
        plan: PlanSummary?,
        progress: StatusDocument.Progress
    ) -> StatusDocument {
        StatusDocument(
            request: request.file,
            job: task.job,
            kind: kind.rawValue,
            title: request.export.title,
            user: Identity(uid: getuid(), configuration).name,
            // Nobody was asked for permission.
            role: "foreground",
            state: .completed,
            createdAt: task.accepted.rfc3339,
            startedAt: task.accepted.rfc3339,
            finishedAt: Timestamp.now().rfc3339,
            queuePosition: nil,
            attempt: 1,
            progress: progress,
            exports: [],
            selection: plan.map(StatusDocument.Selected.init),
            warnings: [],
            error: nil
        )
    }
}

/// Crashes of workers, counted as long as this run lasts.
private actor CrashTally {
    private var counts: [String: Int] = [:]

    func count(_ job: JobID, _ step: String) -> Int {
        counts[step, default: 0] += 1
        return counts[step, default: 0]
    }
}
