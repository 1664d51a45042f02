public import ExportCore
import GRDB

// Whose turn it is. A flood of requests asks this for each of them, so nothing here looks at every job that waits.
extension Ledger {
    /// The pending job whose turn it is, or nil where none may run now.
    ///
    /// The more urgent go first; then users take turns, the one whose last turn lies longest back first; the jobs of one
    /// user go in the order in which they came. Jobs that wait for another try are passed over until their time has come.
    ///
    /// - Parameters:
    ///   - running: jobs that are not to be picked although the ledger holds them as pending.
    ///   - skipsLong: whether jobs that are known to be long are passed over.
    public func next(running: Set<JobID> = [], skipsLong: Bool = false) throws(LedgerError) -> Job? {
        try read { db in
            let now = clock().nanoseconds
            var conditions = [Self.isReady]
            if skipsLong { conditions.append("is_long = 0") }
            if !running.isEmpty { conditions.append("id NOT IN (\(running.map { _ in "?" }.joined(separator: ", ")))") }
            let taken = running.map(\.text)
            // A queue that is paused holds back what makes or previews packages, and nothing that could resume it.
            if try pause(db) != nil {
                return try JobRow.fetchOne(
                    db,
                    cached: """
                        SELECT jobs.* FROM jobs INDEXED BY jobs_waiting_control LEFT JOIN turns USING (uid)
                        WHERE \(conditions.joined(separator: " AND ")) AND kind NOT IN ('export', 'preview')
                        ORDER BY priority DESC, coalesce(turn, 0), seq LIMIT 1
                        """,
                    arguments: [now] + StatementArguments(taken)
                )?.job
            }
            return try JobRow.fetchOne(
                db,
                cached: """
                    SELECT * FROM jobs WHERE seq = (
                        SELECT head FROM (
                            SELECT line.priority, uid, (
                                SELECT seq FROM jobs
                                WHERE \(conditions.joined(separator: " AND ")) AND priority = line.priority AND uid = line.uid
                                ORDER BY seq LIMIT 1
                            ) AS head
                            FROM waiting_lines AS line
                        ) AS heads LEFT JOIN turns USING (uid)
                        WHERE head IS NOT NULL ORDER BY priority DESC, coalesce(turn, 0), head LIMIT 1
                    )
                    """,
                arguments: [now] + StatementArguments(taken)
            )?.job
        }
    }

    /// When the next of the jobs that wait for another try may run, or nil where none waits.
    ///
    /// - Parameter instant: when it was last asked whose turn it is: what came due since counts; nil is the present.
    public func nextRetry(after instant: Timestamp? = nil) throws(LedgerError) -> Timestamp? {
        try read { db in
            try Int64.fetchOne(
                db,
                cached: "SELECT min(next_try_ns) FROM jobs WHERE state = 'pending' AND next_try_ns > ?",
                arguments: [(instant ?? clock()).nanoseconds]
            ).map(Timestamp.init)
        }
    }

    /// How many jobs are pending.
    public func queueLength() throws(LedgerError) -> Int {
        try read { try Int.fetchOne($0, sql: "SELECT coalesce(sum(jobs), 0) FROM waiting_lines") ?? 0 }
    }

    /// The pending jobs in the order in which they will run if nothing else comes; those that wait for another try stand
    /// at the end.
    ///
    /// - Parameter limit: how many to give; nil gives all.
    public func queue(limit: Int? = nil) throws(LedgerError) -> [JobID] {
        try read { db in
            let now = clock().nanoseconds
            // Of none of the lines more is needed than what all together may give.
            let most = Int64(limit.map { max($0, 0) } ?? Int.max)
            var ready: [FairQueue.Waiting] = []
            for line in try Row.fetchAll(db, cached: "SELECT priority, uid FROM waiting_lines") {
                let (priority, uid): (Int, UInt32) = (try line.value("priority"), try line.value("uid"))
                let rows = try Row.fetchCursor(
                    db,
                    sql: "SELECT id, seq FROM jobs WHERE \(Self.isReady) AND priority = ? AND uid = ? ORDER BY seq LIMIT ?",
                    arguments: [now, priority, uid, most]
                )
                while let row = try rows.next() {
                    let id = try JobRow.jobID(row.value("id"))
                    ready.append(FairQueue.Waiting(id: id, sequence: try row.value("seq"), uid: uid, priority: priority))
                }
            }
            let later = try String.fetchAll(
                db,
                sql: "SELECT id FROM jobs WHERE state = 'pending' AND next_try_ns > ? ORDER BY next_try_ns, id LIMIT ?",
                arguments: [now, most]
            ).map(JobRow.jobID)
            let order = FairQueue.order(ready, turns: try Self.turns(db)) + later
            return limit.map { Array(order.prefix($0)) } ?? order
        }
    }

    /// How many jobs go before a pending one, or nil where it is not pending.
    public func queuePosition(_ id: JobID) throws(LedgerError) -> Int? {
        let found: Place? = try read { db in
            let job = try JobRow.fetchOne(db, cached: "SELECT * FROM jobs WHERE id = ?", arguments: [id.text])?.job
            return try job.map { try place(of: $0, in: QueueState(db, now: clock().nanoseconds), db) }
        }
        return try position(found ?? .nowhere, of: id)
    }

    /// The number that a place is.
    func position(_ place: Place, of id: JobID) throws(LedgerError) -> Int? {
        switch place {
        case .nowhere: return nil
        case .after(let count): return count
        // It waits for another try, behind all that are ready.
        case .atTheEnd: return try queue().firstIndex(of: id)
        }
    }

    /// Where a job stands in a queue.
    func place(of job: Job, in queue: QueueState, _ db: Database) throws -> Place {
        guard job.state == .pending else { return .nowhere }
        if let time = job.nextTry, time.nanoseconds > queue.now { return .atTheEnd }
        guard let line = queue.lines.first(where: { $0.uid == job.uid && $0.priority == job.priority.rawValue }) else { return .nowhere }
        let rank = try Self.rank(of: job.sequence, in: line, db, now: queue.now)
        return .after(FairQueue.position(rank: rank, in: line, lines: queue.lines, turns: queue.turns))
    }

    /// What the places of all jobs that wait depend on.
    struct QueueState {
        let now: Int64
        let lines: [FairQueue.Line]
        let turns: [UInt32: Int64]

        init(_ db: Database, now: Int64) throws {
            self.now = now
            lines = try Ledger.lines(db, now: now)
            turns = try Ledger.turns(db)
        }
    }

    /// A job's place in the queue.
    enum Place {
        case nowhere
        case after(Int)
        case atTheEnd
    }

    /// Whether a job may run now, with the present instant as argument.
    private static let isReady = "state = 'pending' AND (next_try_ns IS NULL OR next_try_ns <= ?)"

    /// The lines of those that may run now.
    private static func lines(_ db: Database, now: Int64) throws -> [FairQueue.Line] {
        try Row.fetchAll(
            db,
            cached: """
                SELECT priority, uid, jobs - (
                    SELECT count(*) FROM jobs INDEXED BY jobs_waiting_again
                    WHERE state = 'pending' AND next_try_ns > ? AND priority = line.priority AND uid = line.uid
                ) AS ready, (
                    SELECT seq FROM jobs WHERE \(isReady) AND priority = line.priority AND uid = line.uid ORDER BY seq LIMIT 1
                ) AS first
                FROM waiting_lines AS line WHERE first IS NOT NULL
                """,
            arguments: [now, now]
        ).map { row in
            FairQueue.Line(
                uid: try row.value("uid"),
                priority: try row.value("priority"),
                count: try row.value("ready"),
                first: try row.value("first")
            )
        }
    }

    /// How many of a line go before one of it, counted from the end that is nearer: who asks stands at the head, or has just
    /// joined at the tail.
    private static func rank(of seq: Int64, in line: FairQueue.Line, _ db: Database, now: Int64) throws -> Int {
        func count(_ condition: String, limit: Int) throws -> Int {
            try Int.fetchOne(
                db,
                cached: """
                    SELECT count(*) FROM (
                        SELECT 1 FROM jobs WHERE \(isReady) AND priority = ? AND uid = ? AND seq \(condition) ? LIMIT ?
                    )
                    """,
                arguments: [now, line.priority, line.uid, seq, limit]
            ) ?? 0
        }
        let nearby = 100
        let behind = try count(">=", limit: nearby)
        if behind < nearby { return line.count - behind }
        return try count("<", limit: line.count)
    }

    private static func turns(_ db: Database) throws -> [UInt32: Int64] {
        var turns: [UInt32: Int64] = [:]
        for row in try Row.fetchAll(db, cached: "SELECT uid, turn FROM turns") { turns[try row.value("uid")] = try row.value("turn") }
        return turns
    }
}
