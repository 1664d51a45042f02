public import ExportCore
import GRDB

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

    /// Sums over all jobs, which the ledger keeps and need not add up.
    public func totals() throws(LedgerError) -> LedgerTotals {
        try read { db in
            var totals = LedgerTotals()
            for row in try Row.fetchAll(db, sql: "SELECT state, code, jobs FROM job_totals WHERE jobs > 0") {
                let (state, code, jobs): (JobState, String, Int) = (
                    try JobRow.state(row.value("state")), try row.value("code"), try row.value("jobs")
                )
                totals.states[state, default: 0] += jobs
                if state == .failed { totals.failures[code] = jobs }
            }
            let sums = try Row.fetchOne(db, sql: "SELECT published_bytes, completed_seconds, last_success_ns FROM export_totals")
            totals.publishedBytes = try sums?.value("published_bytes") ?? 0
            totals.completedSeconds = try sums?.value("completed_seconds") ?? 0
            totals.lastSuccess = (try sums?.value("last_success_ns") as Int64?).map(Timestamp.init)
            totals.oldestPending = try Int64.fetchOne(db, sql: "SELECT min(created_ns) FROM jobs WHERE state = 'pending'")
                .map(Timestamp.init)
            totals.denied = try Int.fetchOne(db, sql: "SELECT count(*) FROM audit WHERE allowed = 0") ?? 0
            return totals
        }
    }
}
