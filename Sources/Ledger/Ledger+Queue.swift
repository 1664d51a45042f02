public import ExportCore
import GRDB
import Sidecars

/// That no job is started, since when, and by whom.
public struct QueuePause: Hashable, Sendable {
    /// Since when.
    public let since: Timestamp
    /// Who asked for it.
    public let actor: String
}

extension Ledger {
    /// Whether the queue is paused; nil where it is not.
    public func pause() throws(LedgerError) -> QueuePause? {
        try read { db in try pause(db) }
    }

    /// Starts no more exports and previews until the queue is resumed.
    ///
    /// - Returns: whether that changed anything.
    public func setPaused(_ paused: Bool, by actor: Actor) throws(LedgerError) -> Bool {
        try write(closing: false) { db in
            guard try (pause(db) != nil) != paused else { return false }
            try db.execute(
                sql: "INSERT OR REPLACE INTO queue_state (id, paused, since_ns, actor) VALUES (1, ?, ?, ?)",
                arguments: [paused, clock().nanoseconds, actor.name]
            )
            let verb = paused ? "pause" : "resume"
            try audit(.allowed, actor, "queue \(verb)", subject: "queue", reason: "The queue was told to \(verb).", db)
            return true
        }
    }

    /// All jobs that have not ended, whatever their kind: first those that run, then those that wait, each oldest first.
    public func openJobs() throws(LedgerError) -> [JobID] {
        try read { db in
            try ["processing", "pending"].flatMap { state in
                try String.fetchAll(db, sql: "SELECT id FROM jobs WHERE state = ? ORDER BY seq", arguments: [state]).map(JobRow.jobID)
            }
        }
    }

    /// Exports and previews that have not ended, oldest first.
    public func openJobs(running: Bool) throws(LedgerError) -> [JobID] {
        try read { db in
            let states = running ? "('pending', 'processing')" : "('pending')"
            let sql = "SELECT id FROM jobs WHERE state IN \(states) AND coalesce(kind, 'export') IN ('export', 'preview') ORDER BY seq"
            return try String.fetchAll(db, sql: sql).map(JobRow.jobID)
        }
    }

    /// Failed exports and previews that may succeed if they are run again, oldest first: not those whose request was wrong or
    /// refused, and not those whose request has been dropped again since.
    public func retryable() throws(LedgerError) -> [JobID] {
        try read { db in
            let sql = """
                SELECT id FROM jobs AS failed
                WHERE state = 'failed' AND kind IN ('export', 'preview')
                    AND json_extract(error, '$.code') NOT IN ('request_invalid', 'request_unreadable', 'not_permitted')
                    AND NOT EXISTS (SELECT 1 FROM jobs WHERE name = failed.name AND seq > failed.seq)
                ORDER BY seq
                """
            return try String.fetchAll(db, sql: sql).map(JobRow.jobID)
        }
    }

    func pause(_ db: Database) throws -> QueuePause? {
        try Row.fetchOne(db, cached: "SELECT since_ns, actor FROM queue_state WHERE paused = 1").map {
            QueuePause(since: Timestamp(nanoseconds: try $0.value("since_ns")), actor: try $0.value("actor"))
        }
    }
}
