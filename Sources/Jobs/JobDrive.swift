import Configuration
import ExportCore
import Files
import Formats
import Ledger
import Logging
import Plans
import Requests
import Sidecars
import Spool

/// Brings one pending job to its end, or back into the queue: the only place that changes a running job in the ledger.
struct JobDrive: Sendable {
    let office: Office
    let control: JobControl
    let backoff: Backoff
    /// Why the task that runs this is cancelled, once it is.
    let flag: StopFlag
    /// Told once the plan says that the job is long.
    let isFoundLong: @Sendable (JobID) async -> Void

    /// Runs a job.
    ///
    /// - Returns: nil once the ledger and the sidecars say what became of it; else why the ledger can't be told.
    @discardableResult
    func run(_ id: JobID) async -> ExportError? {
        do {
            let job = try await office.onLedger { try $0.start(id) }
            await office.report(id)
            let outcome = await within(office.configuration.limits.maximumJobHours) { () -> Result<Void, any Error> in
                do { return .success(try await carryOut(job)) } catch { return .failure(error) }
            }
            if case .failure(let error) = outcome { try await conclude(job, after: error) }
        } catch let error as LedgerError where error.kind == .illegalTransition {
            // Somebody else has brought it to another state meanwhile; the ledger is right.
            await office.report(id)
        } catch {
            office.logger.error("The ledger could not be used for a job.", metadata: ["job": "\(id)", "reason": "\(ExportError(error))"])
            return ExportError(error)
        }
        return nil
    }

    private func carryOut(_ job: Job) async throws {
        guard let stored = try await office.onLedger({ try $0.request(of: job.id) }) else {
            throw ExportError(.internal, "The ledger holds no request for the job \(job.id).")
        }
        let request = try stored.request(fileName: job.request)
        let site = office.configuration
        let identity = Identity(uid: job.submitter?.uid ?? job.uid, site)
        let verdict = Permission(site: site).verdict(on: request, by: identity)
        if let refusal = verdict.refusal { throw refusal }
        switch request {
        case .export(let request): try await export(job, request, verdict, text: stored.text)
        case .preview(let request): try await preview(job, request, verdict)
        case .cancel(let request): try await answer(job, with: try await control.cancel(request, by: identity))
        case .retry(let request): try await answer(job, with: try await control.retry(request, by: identity))
        case .queue(let request):
            try await answer(job, with: try await QueueDesk(office: office, control: control).carryOut(request, by: identity))
        case .quota(let request):
            switch try await QuotaDesk(office: office).carryOut(request, by: identity) {
            case .changed(let warnings): try await answer(job, with: warnings)
            case .file(let file): try await publish(job, file, text: stored.text)
            }
        case .history(let request):
            try await publish(job, try await HistoryDesk(office: office).carryOut(request, by: identity), text: stored.text)
        }
    }

    // MARK: Kinds

    private func answer(_ job: Job, with warnings: [Warning]) async throws {
        _ = try await office.onLedger { try $0.complete(job.id, exports: [], files: [], warnings: warnings) }
        await office.close(job.id, keepParts: false)
    }

    /// Answers with a file in the outbox.
    private func publish(_ job: Job, _ file: AnswerFile, text: [UInt8]) async throws {
        if let status = try await published(job) { return try await end(job, as: status) }
        try await office.onSpool { [outbox = office.outbox] in
            let folder = try outbox.prepareStaging(of: job.id)
            try FileSystem.writeAtomically("\(folder)/\(file.name)", file.bytes)
        }
        guard var status = try await office.onLedger({ try $0.job(job.id) })?.status() else { return }
        status.state = .completed
        status.finishedAt = office.now().rfc3339
        status.exports = [file.export]
        try await publish(job, status, text: text)
        try await end(job, as: status)
    }

    private func preview(_ job: Job, _ request: ExportRequest, _ verdict: Permission.Verdict) async throws {
        let meter = ProgressMeter(now: office.now)
        let task = try await task(job, request)
        let runner = office.runner()
        let summary = try await reporting(job, meter) { try await runner.preview(task, meter: meter) }
        let site = office.configuration
        let projects = Set(summary.datasets.compactMap(\.project))
        let forbidden = Permission(site: site).refusal(of: projects, for: verdict.user, submitter: verdict.submitter)
        let bytes = summary.exports.reduce(0) { $0 + $1.estimate.bytesWritten }
        let (excess, pace) = try await office.onLedger { ledger -> (ExportError?, Double?) in
            let excess = try ledger.quotaRefusal(user: job.user, exports: request.exports.count, bytes: bytes, site.quota)
            return (excess, try ledger.pace(formats: request.exports.map(\.format.rawValue)))
        }
        let report = PreviewReport(summary, pace: pace, refusals: [forbidden, excess].compactMap(\.self)) { project in
            project.map { Permission(site: site).refusal(of: [$0], for: verdict.user, submitter: verdict.submitter) == nil } ?? true
        }
        if forbidden == nil { try await note(summary, for: job, skipped: summary.skipped) }
        let warnings = summary.warnings + summary.skipped.map(Warning.init)
        var progress = meter.snapshot()
        progress.datasetsTotal = summary.datasets.count
        progress.datasetsDone = summary.datasets.count
        let done = progress
        let exports = job.exports.map(\.previewed)
        _ = try await office.onLedger { ledger in
            try ledger.progress(job.id, done)
            return try ledger.complete(job.id, exports: exports, files: [], preview: report, warnings: warnings)
        }
        office.logger.info("A preview is done.", metadata: ["job": "\(job.id)", "datasets": "\(summary.datasets.count)"])
        await office.close(job.id, keepParts: false)
    }

    private func export(_ job: Job, _ request: ExportRequest, _ verdict: Permission.Verdict, text: [UInt8]) async throws {
        if let status = try await published(job) {
            return try await end(job, as: status)
        }
        let meter = ProgressMeter(now: office.now)
        let task = try await task(job, request)
        let running = request.exports.map { StatusDocument.Export(format: $0.format.rawValue, state: .processing) }
        _ = try await office.onLedger { try $0.progress(job.id, meter.snapshot(), exports: running) }
        let runner = office.runner()
        let result = try await reporting(job, meter) {
            try await runner.run(task, meter: meter) { try await admit($0, of: job, verdict) }
        }
        // Without them the times that the next daemon's first jobs are told are guesses.
        let speeds = WorkSpeeds.ofThisProcess.takeNews()
        _ = try? await office.onLedger { try $0.keep(speeds: speeds) }
        // From here on the packages count, and only a wish that came before can still undo them.
        if flag.reason == .cancelled { throw CancellationError() }
        meter.finish()
        let exports = zip(request.exports, result.exports).map { StatusDocument.Export($0, $1) }
        let warnings = result.warnings + result.skipped.map(Warning.init)
        guard var status = try await office.onLedger({ try $0.job(job.id) })?.status() else { return }
        status.state = result.refusal == nil ? .completed : .failed
        status.error = result.refusal
        status.finishedAt = office.now().rfc3339
        status.exports = exports
        if result.refusal != nil {
            for index in exports.indices { status.exports[index].state = .failed }
        }
        status.warnings = warnings
        status.progress = meter.snapshot()
        try await publish(job, status, text: text)
        try await end(job, as: status)
    }

    /// The status of a job whose packages were published before the daemon went down: only the ledger does not know it yet.
    ///
    /// What an earlier run published although it failed makes room for the run at hand.
    private func published(_ job: Job) async throws -> StatusDocument? {
        try await office.onSpool { [outbox = office.outbox] in
            guard outbox.isPublished(job.id) else { return nil }
            let status = try StatusDocument(json: FileSystem.read("\(outbox.folder(of: job.id))/status.json", limit: 64 << 20))
            guard status.state == .failed, status.attempt < job.attempt else { return status }
            try outbox.withdraw(job.id)
            return nil
        }
    }

    /// Notes in the ledger what became of a job whose packages are published.
    private func end(_ job: Job, as status: StatusDocument) async throws {
        let files = status.exports.enumerated().compactMap { index, export -> JobFile? in
            guard let file = export.file else { return nil }
            return JobFile(export: index, file: file, bytes: export.bytes ?? 0, sha256: export.sha256 ?? "")
        }
        _ = try await ending(job) { ledger in
            try ledger.progress(job.id, status.progress, exports: status.exports)
            if let error = status.error {
                return try ledger.fail(job.id, error, files: files, warnings: status.warnings)
            }
            return try ledger.complete(job.id, exports: status.exports, files: files, warnings: status.warnings)
        }
        office.logger.info(
            status.error == nil ? "A job is completed." : "A job failed, and its packages are published.",
            metadata: ["job": "\(job.id)", "exports": "\(status.exports.count)"]
        )
        await office.close(job.id, keepParts: true)
    }

    // MARK: Steps

    private func task(_ job: Job, _ request: ExportRequest) async throws -> JobTask {
        let previous =
            request.select.changedSinceLastSuccess
            ? try await office.onLedger { try $0.lastCompleted(user: job.user, title: job.title) } : [:]
        return JobTask(
            job: job.id,
            name: String(job.name.split(separator: "/").last ?? "export"),
            request: request,
            accepted: job.created,
            previous: previous,
            work: office.work(of: job.id),
            destination: office.outbox.stagingFolder(of: job.id)
        )
    }

    /// Lets a plan be carried out, or refuses it before anything is encoded: what it takes is known only now.
    private func admit(_ plan: PlanSummary, of job: Job, _ verdict: Permission.Verdict) async throws {
        try await note(plan, for: job, skipped: plan.skipped)
        let site = office.configuration
        let projects = Set(plan.datasets.compactMap(\.project))
        if let refusal = Permission(site: site).refusal(of: projects, for: verdict.user, submitter: verdict.submitter) { throw refusal }
        let bytes = plan.exports.reduce(0) { $0 + $1.estimate.bytesWritten }
        try await office.onLedger { try $0.reserveBytes(job.id, bytes, site.quota) }
        let work = plan.exports.reduce(0) { $0 + Double($1.estimate.bytesRead) + Double($1.estimate.bytesWritten) }
        if work / Self.usualSpeed > site.limits.longJob / .seconds(1) { await isFoundLong(job.id) }
    }

    /// Bytes read and written a second, of a job of which nothing is known but its plan.
    ///
    /// What encoding video or a slow share comes to; a job that is slower is found long by the time that it runs.
    private static let usualSpeed = 20e6

    /// Notes what a plan selects.
    private func note(_ summary: PlanSummary, for job: Job, skipped: [SkippedDataset]) async throws {
        let selection = StatusDocument.Selected(summary)
        let datasets = summary.datasets.map {
            JobDataset(id: $0.id, fingerprint: $0.fingerprint, bytes: $0.bytes, project: $0.project)
        }
        let warnings = summary.warnings + skipped.map(Warning.init)
        _ = try await office.onLedger { try $0.recordSelection(job.id, selection, datasets: datasets, warnings: warnings) }
    }

    /// Moves the packages into the outbox.
    ///
    /// Where the spool is away this waits until it is back: the work is done, and to throw it away helps nobody.
    private func publish(_ job: Job, _ status: StatusDocument, text: [UInt8]) async throws {
        while true {
            do {
                return try await office.onSpool { [outbox = office.outbox] in try outbox.publish(job.id, request: text, status: status) }
            } catch let error as FileError {
                let isThere = (try? await office.onSpool { [layout = office.layout] in try layout.check() }) != nil
                guard !isThere else { throw error.exportError }
                office.logger.warning(
                    "A job waits for the spool to publish its packages.",
                    metadata: ["job": "\(job.id)", "reason": "\(error)"]
                )
                try await Task.sleep(for: .seconds(5))
            }
        }
    }

    /// Runs work and meanwhile tells how far it is: at most once a second, and at least every five.
    private func reporting<Value: Sendable>(
        _ job: Job,
        _ meter: ProgressMeter,
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        let reporter = Task { [office] in
            var last = meter.snapshot()
            var quiet = 0
            while true {
                try await Task.sleep(for: .seconds(1))
                let now = meter.snapshot()
                quiet += 1
                guard now.differs(from: last) || quiet >= 4 else { continue }
                last = now
                quiet = 0
                // A ledger that can't be written now is no reason to stop the work.
                _ = try? await office.onLedger { try $0.progress(job.id, now) }
                await office.report(job.id)
            }
        }
        do {
            let value = try await work()
            reporter.cancel()
            _ = try? await reporter.value
            return value
        } catch {
            reporter.cancel()
            _ = try? await reporter.value
            throw error
        }
    }

    /// Runs work for so many hours at most.
    private func within(
        _ hours: Double,
        _ work: @escaping @Sendable () async -> Result<Void, any Error>
    ) async -> Result<Void, any Error> {
        await withTaskGroup(of: Result<Void, any Error>?.self) { group in
            group.addTask { await work() }
            group.addTask { [flag] in
                guard (try? await Task.sleep(for: .seconds(hours * 3600))) != nil else { return nil }
                flag.set(.timedOut)
                return nil
            }
            var result: Result<Void, any Error> = .success(())
            // Whichever ends first ends the other; what the work says counts.
            for await outcome in group {
                if let outcome { result = outcome }
                group.cancelAll()
            }
            return result
        }
    }

    // MARK: Ends

    /// Notes the end of a job, and waits where the ledger cannot be written: the work is done, and to throw it away helps
    /// nobody.
    private func ending(_ job: Job, _ change: @escaping @Sendable (Ledger) throws -> Job) async throws -> Job {
        var isKnown = false
        while true {
            do {
                return try await office.onLedger(change)
            } catch let error as LedgerError where error.kind == .full || error.kind == .inputOutput {
                if !isKnown {
                    office.logger.error(
                        "The end of a job waits for the ledger.",
                        metadata: ["job": "\(job.id)", "reason": "\(error)"]
                    )
                }
                isKnown = true
                try await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// What an error means for a running job.
    private func conclude(_ job: Job, after error: any Error) async throws {
        if let error = error as? WorkerPool.Draining { return try await putBack(job, error.makesWay ? .madeWay : .daemonStopped) }
        if error is CancellationError || Task.isCancelled, let reason = flag.reason {
            switch reason {
            case .draining: return try await putBack(job, .daemonStopped)
            case .cancelled:
                _ = try await ending(job) { try $0.cancel(job.id) }
                office.logger.info("A job was cancelled.", metadata: ["job": "\(job.id)"])
                return await office.close(job.id, keepParts: false)
            case .timedOut:
                let hours = office.configuration.limits.maximumJobHours
                return try await fail(
                    job,
                    ExportError(
                        .timedOut,
                        "The job ran longer than the \(hours) hours that a job may take.",
                        hint:
                            "Narrow the selection, or ask an administrator to raise limits.max_job_hours; finished parts are kept for a retry."
                    )
                )
            }
        }
        let failure = ExportError(error)
        guard failure.retryable, failure.code.isTransient, job.transientFailures < office.configuration.retries else {
            return try await fail(job, failure)
        }
        let delay = backoff.delay(after: job.transientFailures)
        let due = office.now() + delay
        _ = try await ending(job) { try $0.requeue(job.id, .transientError(failure, notBefore: due)) }
        office.logger.warning(
            "A job is tried again later.",
            metadata: ["job": "\(job.id)", "at": "\(due.rfc3339)", "reason": "\(failure)"]
        )
        await office.report(job.id)
    }

    private func putBack(_ job: Job, _ reason: RequeueReason) async throws {
        _ = try await ending(job) { try $0.requeue(job.id, reason) }
        await office.report(job.id)
    }

    private func fail(_ job: Job, _ error: ExportError) async throws {
        _ = try await ending(job) { try $0.fail(job.id, error) }
        office.logger.notice("A job failed.", metadata: ["job": "\(job.id)", "code": "\(error.code.rawValue)", "reason": "\(error)"])
        await office.close(job.id, keepParts: error.code != .storageFull)
    }
}
