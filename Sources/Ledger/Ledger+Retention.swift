public import ExportCore
import GRDB
import Sidecars

/// A job whose packages are still in the outbox.
public struct StoredPackages: Hashable, Sendable {
    /// The job.
    public let job: JobID
    /// When it ended.
    public let finished: Timestamp
    /// The size of its packages in bytes.
    public let bytes: Int64
}

extension Ledger {
    /// What says of a job that it may have packages in the outbox, in the words of the index that finds them: a job that
    /// failed has some where its reports are what made it fail.
    private static let hasPackages = "state IN ('completed', 'failed') AND expired_ns IS NULL AND kind IN ('export', 'history')"

    /// Jobs with packages in the outbox, those that ended first at the front.
    ///
    /// - Parameter before: only jobs that ended before this instant.
    public func storedPackages(endedBefore before: Timestamp? = nil, limit: Int) throws(LedgerError) -> [StoredPackages] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT jobs.id AS id, finished_ns, coalesce((SELECT sum(bytes) FROM job_files WHERE job = jobs.id), 0) AS bytes
                    FROM jobs
                    WHERE \(Self.hasPackages) AND finished_ns < ? AND EXISTS (SELECT 1 FROM job_files WHERE job = jobs.id)
                    ORDER BY finished_ns, seq LIMIT ?
                    """,
                arguments: [before?.nanoseconds ?? Int64.max, max(limit, 0)]
            ).map {
                StoredPackages(
                    job: try JobRow.jobID($0.value("id")),
                    finished: Timestamp(nanoseconds: try $0.value("finished_ns")),
                    bytes: try $0.value("bytes")
                )
            }
        }
    }

    /// The size in bytes of all packages that have not expired.
    public func storedBytes() throws(LedgerError) -> Int64 {
        try read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT coalesce(sum(bytes), 0) FROM jobs JOIN job_files ON job_files.job = jobs.id WHERE \(Self.hasPackages)
                    """
            ) ?? 0
        }
    }

    /// Notes that the packages of a job that has ended are no longer kept; whoever calls this removes them next.
    ///
    /// The job's row, its files and their checksums stay.
    @discardableResult
    public func expire(_ id: JobID, reason: String) throws(LedgerError) -> Job {
        try write(closing: true) { db in
            var job = try fetch(id, db)
            guard job.state.isTerminal else {
                throw LedgerError(.illegalTransition, "The job \(id) is \(job.state.rawValue); its packages cannot expire.")
            }
            if job.expired != nil { return job }
            job.updated = clock()
            job.expired = job.updated
            job.warnings.append(Warning("expired", reason))
            for index in job.exports.indices { job.exports[index].file = nil }
            try JobRow(job).update(db)
            try record(job, from: job.state, actor: Ledger.daemon, reason: reason, db)
            return job
        }
    }

    /// Jobs that ended before an instant and whose sidecars have not been cleared away, those that ended first at the front.
    public func uncleared(endedBefore before: Timestamp, limit: Int) throws(LedgerError) -> [Job] {
        try read { db in
            try JobRow.fetchAll(
                db,
                sql: """
                    SELECT * FROM jobs WHERE finished_ns IS NOT NULL AND cleared_ns IS NULL AND finished_ns < ?
                    ORDER BY finished_ns, seq LIMIT ?
                    """,
                arguments: [before.nanoseconds, max(limit, 0)]
            ).map(\.job)
        }
    }

    /// Notes that a job's sidecars have been cleared away.
    public func markCleared(_ id: JobID) throws(LedgerError) {
        try write(closing: true) { db in
            try db.execute(sql: "UPDATE jobs SET cleared_ns = ? WHERE id = ?", arguments: [clock().nanoseconds, id.text])
        }
    }
}
