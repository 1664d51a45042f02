public import ExportCore
import GRDB
public import Sidecars

/// Sums over all jobs, for those who watch the service by numbers.
public struct LedgerTotals: Hashable, Sendable {
    /// Jobs by state; states without jobs are absent.
    public var states: [JobState: Int] = [:]
    /// Failed jobs by the code of their error.
    public var failures: [String: Int] = [:]
    /// Bytes of all packages that were published.
    public var publishedBytes: Int64 = 0
    /// Seconds that completed exports took from their start to their end, summed.
    public var completedSeconds = 0.0
    /// When the last export completed.
    public var lastSuccess: Timestamp?
    /// When the oldest job was accepted that still waits.
    public var oldestPending: Timestamp?
    /// Actions that were denied.
    public var denied = 0
}

extension Ledger {
    /// The jobs that ended last, by their acceptance, newest first.
    public func recentlyEnded(limit: Int) throws(LedgerError) -> [Job] {
        // One state at a time: only so the index gives each newest first without sorting a million others.
        let states = JobState.allCases.filter(\.isTerminal).map { state in
            "SELECT * FROM (SELECT * FROM jobs WHERE state = '\(state.rawValue)' ORDER BY seq DESC LIMIT \(max(limit, 0)))"
        }
        let sql = "\(states.joined(separator: " UNION ALL ")) ORDER BY seq DESC LIMIT \(max(limit, 0))"
        return try read { db in try JobRow.fetchAll(db, sql: sql).map(\.job) }
    }

    /// Sums over all jobs.
    public func totals() throws(LedgerError) -> LedgerTotals {
        let states = try counts()
        return try read { db in
            var totals = LedgerTotals(states: states)
            let failures = "SELECT json_extract(error, '$.code') AS code, count(*) AS jobs FROM jobs WHERE state = 'failed' GROUP BY code"
            for row in try Row.fetchAll(db, sql: failures) { totals.failures[try row.value("code")] = try row.value("jobs") }
            totals.publishedBytes = try Int64.fetchOne(db, sql: "SELECT coalesce(sum(bytes), 0) FROM job_files") ?? 0
            let completed = try Row.fetchOne(
                db,
                sql: """
                    SELECT total((finished_ns - started_ns) / 1e9) AS seconds, max(finished_ns) AS last
                    FROM jobs WHERE state = 'completed' AND kind = 'export'
                    """
            )
            totals.completedSeconds = try completed?.value("seconds") ?? 0
            totals.lastSuccess = (try completed?.value("last") as Int64?).map(Timestamp.init)
            totals.oldestPending = try Int64.fetchOne(db, sql: "SELECT min(created_ns) FROM jobs WHERE state = 'pending'")
                .map(Timestamp.init)
            totals.denied = try Int.fetchOne(db, sql: "SELECT count(*) FROM audit WHERE allowed = 0") ?? 0
            return totals
        }
    }
}
