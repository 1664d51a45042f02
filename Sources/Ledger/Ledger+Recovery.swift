import ExportCore
import GRDB
import Sidecars

/// What became of the jobs that a start of the daemon found running.
public struct CrashRecovery: Sendable {
    /// Jobs that will be continued.
    public var requeued: [Job] = []
    /// Jobs that were found running twice and are taken for the cause.
    public var failed: [Job] = []
    /// Jobs of which the end had been asked for.
    public var cancelled: [Job] = []
}

extension Ledger {
    /// Brings order into what a crash left behind; called once at each start of the daemon, before anything runs.
    ///
    /// Jobs found running go back to pending. A job that is found running for the second time without a clean stop in
    /// between is taken for the cause and fails with `internal`, so that it can't bring the daemon down for ever.
    public func recoverAfterCrash() throws(LedgerError) -> CrashRecovery {
        try write(closing: true) { db in
            var recovery = CrashRecovery()
            for row in try JobRow.fetchAll(db, sql: "SELECT * FROM jobs WHERE state = 'processing' ORDER BY seq") {
                let job = row.job
                if job.cancelRequested {
                    recovery.cancelled.append(try transition(job.id, to: .cancelled, db) { job, _ in job.cancel() })
                } else if job.daemonCrashes >= 1 {
                    recovery.failed.append(
                        try transition(job.id, to: .failed, db) { job, _ in
                            job.daemonCrashes += 1
                            return job.fail(Self.poison)
                        }
                    )
                } else {
                    recovery.requeued.append(
                        try transition(job.id, to: .pending, db) { job, _ in
                            job.daemonCrashes += 1
                            job.rest(exports: .pending)
                            return "The daemon ended while it ran the job; the job is continued."
                        }
                    )
                }
            }
            return recovery
        }
    }

    private static let poison = ExportError(
        .internal,
        "The daemon went down twice while it ran this job, so the job is not started again.",
        hint: "Look into the daemon's log for the cause, then retry the job."
    )
}
