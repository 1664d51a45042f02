public import ExportCore
import GRDB
public import Sidecars

/// Why a job goes back from processing to pending.
public enum RequeueReason: Hashable, Sendable {
    /// The daemon stops in good order: the run goes on under the same number at the next start.
    case daemonStopped
    /// The run ended in an error that may pass: the next run begins no earlier than the given instant.
    case transientError(ExportError, notBefore: Timestamp)
    /// It turned out to be long, and all places for long jobs were taken: the run goes on under the same number later.
    case madeWay
}

extension Ledger {
    /// The actor of what the daemon does of itself.
    public static let daemon = "exportd"

    /// Begins a run of a pending job, which is its user's turn.
    @discardableResult
    public func start(_ id: JobID) throws(LedgerError) -> Job {
        try change(id, to: .processing) { job, db in
            job.started = job.started ?? clock()
            job.nextTry = nil
            try db.execute(
                sql: """
                    INSERT INTO turns (uid, turn) VALUES (?, (SELECT coalesce(max(turn), 0) + 1 FROM turns))
                    ON CONFLICT (uid) DO UPDATE SET turn = excluded.turn
                    """,
                arguments: [job.uid]
            )
            return "Run \(job.attempt) began."
        }
    }

    /// Notes how far a running job is; its percentage never goes down.
    ///
    /// - Parameter exports: the exports as they stand; nil leaves them as they are.
    @discardableResult
    public func progress(
        _ id: JobID,
        _ progress: StatusDocument.Progress,
        exports: [StatusDocument.Export]? = nil
    ) throws(LedgerError) -> Job {
        try amend(id) { job, _ in
            let before = job.progress.percent
            job.progress = progress
            job.progress.percent = progress.percent.isFinite ? min(max(progress.percent, before), 100) : before
            if let exports { job.exports = exports }
        }
    }

    /// Notes what a running job's request selected, in place of what an earlier run noted.
    ///
    /// - Parameter warnings: all that the user should know so far.
    @discardableResult
    public func recordSelection(
        _ id: JobID,
        _ selection: StatusDocument.Selected,
        datasets: [JobDataset],
        warnings: [Warning]
    ) throws(LedgerError) -> Job {
        try amend(id) { job, db in
            job.selection = selection
            job.warnings = warnings
            try db.execute(sql: "DELETE FROM job_datasets WHERE job = ?", arguments: [id.text])
            try setProjects(of: job, Set(datasets.compactMap(\.project)), db)
            for dataset in datasets {
                try db.execute(
                    sql: "INSERT INTO job_datasets (job, dataset, fingerprint, bytes) VALUES (?, ?, ?, ?)",
                    arguments: [id.text, dataset.id.text, dataset.fingerprint, dataset.bytes]
                )
            }
        }
    }

    /// Notes that a running job is long, so that others need not wait for it.
    public func markLong(_ id: JobID) throws(LedgerError) {
        _ = try amend(id) { job, _ in job.isLong = true }
    }

    /// Notes the projects whose data a job is about, in place of what was noted before.
    func setProjects(of job: Job, _ projects: Set<String>, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM job_projects WHERE seq = ?", arguments: [job.sequence])
        for project in projects.sorted() {
            try db.execute(sql: "INSERT INTO job_projects (project, seq) VALUES (?, ?)", arguments: [project, job.sequence])
        }
    }

    /// Notes that a running job brought down its worker.
    ///
    /// - Parameter part: what the worker was at, in words that are the same for every run, such as `part 17`.
    /// - Returns: how often that happened at this part.
    public func recordWorkerCrash(_ id: JobID, part: String) throws(LedgerError) -> Int {
        try write(closing: false) { db in
            _ = try fetch(id, db)
            return try Int.fetchOne(
                db,
                sql: """
                    INSERT INTO part_crashes (job, part, crashes) VALUES (?, ?, 1)
                    ON CONFLICT (job, part) DO UPDATE SET crashes = crashes + 1 RETURNING crashes
                    """,
                arguments: [id.text, part]
            ) ?? 1
        }
    }

    /// Ends a running job well; its packages are in the outbox.
    ///
    /// - Parameters:
    ///   - exports: the exports with their files.
    ///   - files: all that was published.
    ///   - preview: what a preview found.
    ///   - warnings: all that the user should know.
    @discardableResult
    public func complete(
        _ id: JobID,
        exports: [StatusDocument.Export],
        files: [JobFile],
        preview: PreviewReport? = nil,
        warnings: [Warning]
    ) throws(LedgerError) -> Job {
        try change(id, to: .completed) { job, db in
            job.exports = exports
            job.preview = preview
            job.warnings = warnings
            job.progress.percent = 100
            job.progress.etaSeconds = 0
            job.progress.current = nil
            job.progress.updatedAt = job.updated.rfc3339
            try Self.replaceFiles(of: id, by: files, db)
            return "All exports are done."
        }
    }

    private static func replaceFiles(of id: JobID, by files: [JobFile], _ db: Database) throws {
        try db.execute(sql: "DELETE FROM job_files WHERE job = ?", arguments: [id.text])
        for file in files {
            try db.execute(
                sql: "INSERT INTO job_files (job, export, file, bytes, sha256) VALUES (?, ?, ?, ?, ?)",
                arguments: [id.text, file.export, file.file, file.bytes, file.sha256]
            )
        }
    }

    /// Ends a pending or running job with an error.
    ///
    /// - Parameters:
    ///   - files: what was published although the job failed.
    ///   - warnings: all that the user should know; nil leaves what was noted before.
    @discardableResult
    public func fail(
        _ id: JobID,
        _ error: ExportError,
        files: [JobFile] = [],
        warnings: [Warning]? = nil
    ) throws(LedgerError) -> Job {
        try change(id, to: .failed) { job, db in
            if let warnings { job.warnings = warnings }
            try Self.replaceFiles(of: id, by: files, db)
            return job.fail(error)
        }
    }

    /// Ends a pending job, or a running one whose work has been stopped.
    @discardableResult
    public func cancel(_ id: JobID, by actor: String = Ledger.daemon) throws(LedgerError) -> Job {
        try change(id, to: .cancelled, by: actor) { job, _ in job.cancel() }
    }

    /// Asks for the end of a job.
    ///
    /// A pending job is cancelled at once; a running one is marked, so that whoever runs it stops its work and calls
    /// `cancel`.
    @discardableResult
    public func requestCancel(_ id: JobID, by actor: String) throws(LedgerError) -> Job {
        try write(closing: true) { db in
            var job = try fetch(id, db)
            guard job.state == .processing else {
                return try transition(id, to: .cancelled, by: actor, db) { job, _ in job.cancel() }
            }
            if job.cancelRequested { return job }
            job.cancelRequested = true
            job.updated = clock()
            try JobRow(job).update(db)
            try record(job, from: job.state, actor: actor, reason: "The end of the job was asked for.", db)
            return job
        }
    }

    /// Puts a running job back into the queue; one whose end has been asked for is cancelled instead.
    @discardableResult
    public func requeue(_ id: JobID, _ reason: RequeueReason) throws(LedgerError) -> Job {
        try write(closing: true) { db in
            guard try !fetch(id, db).cancelRequested else {
                return try transition(id, to: .cancelled, db) { job, _ in job.cancel() }
            }
            guard try fetch(id, db).state == .processing else {
                throw LedgerError(.illegalTransition, "The job \(id) is not running; it cannot go back into the queue.")
            }
            return try transition(id, to: .pending, db) { job, _ in
                job.rest(exports: .pending)
                switch reason {
                case .daemonStopped:
                    job.daemonCrashes = 0
                    return "The daemon stopped; the job is continued at its next start."
                case .madeWay:
                    return "The job is long and makes way for shorter ones; it goes on as soon as a place is free."
                case .transientError(let error, let notBefore):
                    job.attempt += 1
                    job.transientFailures += 1
                    job.nextTry = notBefore
                    return "\(error.message) The job is tried again at \(notBefore.rfc3339)."
                }
            }
        }
    }

    /// Puts a failed or cancelled job back into the queue as a new run, in its old place among its user's jobs.
    ///
    /// - Parameter quota: the limits within which its exports are reserved anew; nil for what counts as no export.
    /// - Throws: `LedgerError` of kind `quotaExceeded` where they don't allow it; the job stays as it is.
    @discardableResult
    public func retry(_ id: JobID, by actor: String, quota: QuotaPolicy? = nil) throws(LedgerError) -> Job {
        try write(closing: false) { db in
            guard try fetch(id, db).state.isTerminal else {
                throw LedgerError(.illegalTransition, "The job \(id) has not ended; it cannot be retried.")
            }
            return try transition(id, to: .pending, by: actor, db) { job, db in
                job.attempt += 1
                job.transientFailures = 0
                job.daemonCrashes = 0
                job.started = nil
                job.finished = nil
                job.error = nil
                job.cancelRequested = false
                job.isLong = false
                job.expired = nil
                job.selection = nil
                job.progress = .none(at: job.updated)
                job.rest(exports: .pending)
                for table in ["job_datasets", "job_files", "part_crashes"] {
                    try db.execute(sql: "DELETE FROM \(table) WHERE job = ?", arguments: [id.text])
                }
                try db.execute(sql: "UPDATE jobs SET cleared_ns = NULL WHERE id = ?", arguments: [id.text])
                let reason = "Run \(job.attempt) was asked for."
                if let quota, job.kind == "export" { try reserve(for: job, actor: actor, reason: reason, quota, db) }
                return reason
            }
        }
    }
}
