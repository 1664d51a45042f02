import Checksums
public import ExportCore
import Files
import FoundationEssentials
import GRDB
import Sidecars

/// A claimed request with all that was decided about it.
public struct Acceptance: Sendable {
    /// The job that it becomes.
    public var job: NewJob
    /// Why it is not carried out; it is entered as failed then.
    public var refusal: ExportError?
    /// The limits within which its exports are reserved, in the transaction that enters it; where they don't allow it, it is
    /// entered as failed with `quota_exceeded`.
    ///
    /// Nil for what counts as no export.
    public var quota: QuotaPolicy?

    /// A request to be entered.
    public init(_ job: NewJob, refusal: ExportError? = nil, quota: QuotaPolicy? = nil) {
        self.job = job
        self.refusal = refusal
        self.quota = quota
    }
}

extension Ledger {
    /// Enters one claimed request, as `accept(_:)` does several.
    @discardableResult
    public func accept(_ new: NewJob, refusal: ExportError? = nil, quota: QuotaPolicy? = nil) throws(LedgerError) -> Job {
        try takeHeadroom()
        return try write(closing: false) { db in try enter(Acceptance(new, refusal: refusal, quota: quota), db) }
    }

    /// Enters claimed requests as pending jobs, all of them in one transaction, in their order.
    ///
    /// Idempotent on the jobs' ids: a second call with the same request gives the job as it stands.
    ///
    /// - Throws: `LedgerError` of kind `full` where the ledger's file system has no room for more jobs, `conflictingJob`
    ///   where an id belongs to another request; none is entered then.
    public func accept(_ batch: [Acceptance]) throws(LedgerError) -> [Job] {
        try takeHeadroom()
        return try write(closing: false) { db in try batch.map { try enter($0, db) } }
    }

    private func takeHeadroom() throws(LedgerError) {
        do {
            try headroom.hold()
        } catch {
            guard error.isFull else { throw LedgerError(error, path: path) }
            throw LedgerError(
                .full,
                "The ledger \(path) takes no new job: its file system is full.",
                hint: "Free some space there; the request is taken then."
            )
        }
    }

    private func enter(_ acceptance: Acceptance, _ db: Database) throws -> Job {
        let new = acceptance.job
        let digest = try SHA256.digest(of: new.text).hexadecimal
        let known = try String.fetchOne(db, cached: "SELECT sha256 FROM job_requests WHERE job = ?", arguments: [new.id.text])
        if let known {
            let job = try fetch(new.id, db)
            guard known == digest, job.request == new.request else {
                throw LedgerError(.conflictingJob, "The job id \(new.id) belongs to the request \(job.request) already.")
            }
            return job
        }
        let now = clock()
        let last = try Int64.fetchOne(db, cached: "SELECT seq FROM jobs ORDER BY seq DESC LIMIT 1") ?? 0
        let job = Job(
            id: new.id,
            sequence: last + 1,
            request: new.request,
            name: Job.name(of: new.request),
            kind: new.kind,
            title: new.title,
            uid: new.uid,
            user: new.user,
            role: new.role,
            priority: new.priority,
            state: .pending,
            created: now,
            started: nil,
            finished: nil,
            updated: now,
            attempt: 1,
            transientFailures: 0,
            daemonCrashes: 0,
            progress: .none(at: now),
            selection: nil,
            exports: new.exports,
            preview: nil,
            warnings: new.warnings,
            error: nil,
            nextTry: nil,
            cancelRequested: false,
            submitter: new.submitter,
            expired: nil,
            isLong: false
        )
        try JobRow(job).insert(db)
        try db.execute(
            cached: "INSERT INTO job_requests (job, text, sha256, typed) VALUES (?, ?, ?, ?)",
            arguments: [new.id.text, DatabaseValue(bytes: new.text), digest, new.typed]
        )
        let actor = new.submitter?.name ?? new.user
        let reason = "The request \(new.request) was accepted."
        try record(job, from: nil, actor: actor, reason: reason, db)
        try setProjects(of: job, Set(new.projects), db)
        try enter(new.notifications, for: job.id, db)
        var problem = acceptance.refusal
        if problem == nil, let quota = acceptance.quota {
            do {
                try reserve(for: job, actor: actor, reason: reason, quota, db)
            } catch let error as LedgerError where error.kind == .quotaExceeded {
                problem = error.exportError
            }
        }
        guard let problem else { return job }
        return try transition(job.id, to: .failed, db) { job, _ in job.fail(problem) }
    }
}

extension DatabaseValue {
    /// A blob of the given bytes.
    fileprivate init(bytes: [UInt8]) {
        self = Data(bytes).databaseValue
    }
}
