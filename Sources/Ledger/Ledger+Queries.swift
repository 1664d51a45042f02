public import ExportCore
import FoundationEssentials
import GRDB
import Sidecars

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
            // A queue that is paused holds back what makes or previews packages, and nothing that could resume it.
            let held = try pause(db) == nil ? "" : "AND coalesce(kind, '') NOT IN ('export', 'preview')"
            let short = skipsLong ? "AND is_long = 0" : ""
            // Numbers alone are sorted, which the index gives: a flood of requests asks this for each of them.
            let numbers = try Int64.fetchCursor(
                db,
                sql: """
                    SELECT seq FROM jobs LEFT JOIN turns USING (uid)
                    WHERE state = 'pending' AND (next_try_ns IS NULL OR next_try_ns <= ?) \(held) \(short)
                    ORDER BY priority DESC, coalesce(turn, 0), seq
                    """,
                arguments: [clock().nanoseconds]
            )
            while let number = try numbers.next() {
                guard let row = try JobRow.fetchOne(db, sql: "SELECT * FROM jobs WHERE seq = ?", arguments: [number]) else { continue }
                if !running.contains(row.job.id) { return row.job }
            }
            return nil
        }
    }

    /// When the next of the jobs that wait for another try may run, or nil where none waits.
    public func nextRetry() throws(LedgerError) -> Timestamp? {
        try read { db in
            try Int64.fetchOne(
                db,
                sql: "SELECT min(next_try_ns) FROM jobs WHERE state = 'pending' AND next_try_ns > ?",
                arguments: [clock().nanoseconds]
            ).map(Timestamp.init)
        }
    }

    /// The pending jobs in the order in which they will run if nothing else comes; those that wait for another try stand
    /// at the end.
    public func queue() throws(LedgerError) -> [JobID] {
        try read { db in
            let now = clock().nanoseconds
            var ready: [FairQueue.Waiting] = []
            var later: [(time: Int64, id: JobID)] = []
            let sql = "SELECT id, seq, uid, priority, next_try_ns FROM jobs WHERE state = 'pending' ORDER BY seq"
            for row in try Row.fetchAll(db, sql: sql) {
                let id = try JobRow.jobID(row.value("id"))
                if let time: Int64 = try row.value("next_try_ns"), time > now {
                    later.append((time, id))
                } else {
                    ready.append(
                        .init(id: id, sequence: try row.value("seq"), uid: try row.value("uid"), priority: try row.value("priority"))
                    )
                }
            }
            later.sort { ($0.time, $0.id) < ($1.time, $1.id) }
            return FairQueue.order(ready, turns: try Self.turns(db)) + later.map(\.id)
        }
    }

    /// How many jobs go before a pending one, or nil where it is not pending.
    public func queuePosition(_ id: JobID) throws(LedgerError) -> Int? {
        let now = clock().nanoseconds
        let place: Place? = try read { db in
            let columns = "SELECT seq, uid, priority, next_try_ns FROM jobs WHERE id = ? AND state = 'pending'"
            guard let own = try Row.fetchOne(db, sql: columns, arguments: [id.text]) else { return .nowhere }
            if let time: Int64 = try own.value("next_try_ns"), time > now { return nil }
            let (seq, uid, priority): (Int64, UInt32, Int) = (try own.value("seq"), try own.value("uid"), try own.value("priority"))
            let ready = "state = 'pending' AND (next_try_ns IS NULL OR next_try_ns <= ?)"
            let lines = try Row.fetchAll(
                db,
                sql: "SELECT priority, uid, count(*) AS jobs, min(seq) AS first FROM jobs WHERE \(ready) GROUP BY priority, uid",
                arguments: [now]
            ).map { row in
                FairQueue.Line(
                    uid: try row.value("uid"),
                    priority: try row.value("priority"),
                    count: try row.value("jobs"),
                    first: try row.value("first")
                )
            }
            let rank = try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM jobs WHERE \(ready) AND priority = ? AND uid = ? AND seq < ?",
                arguments: [now, priority, uid, seq]
            )
            guard let line = lines.first(where: { $0.uid == uid && $0.priority == priority }), let rank else { return nil }
            return .after(FairQueue.position(rank: rank, in: line, lines: lines, turns: try Self.turns(db)))
        }
        switch place {
        case .nowhere: return nil
        case .after(let count): return count
        // It waits for another try, behind all that are ready.
        case nil: return try queue().firstIndex(of: id)
        }
    }

    private enum Place {
        case nowhere
        case after(Int)
    }

    private static func turns(_ db: Database) throws -> [UInt32: Int64] {
        var turns: [UInt32: Int64] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT uid, turn FROM turns") { turns[try row.value("uid")] = try row.value("turn") }
        return turns
    }

    /// The job of an id, or nil where there is none.
    public func job(_ id: JobID) throws(LedgerError) -> Job? {
        try read { db in
            try JobRow.fetchOne(db, sql: "SELECT * FROM jobs WHERE id = ?", arguments: [id.text])?.job
        }
    }

    /// The jobs of a request, newest first.
    ///
    /// - Parameter name: the request's path below the inbox, with or without its extension.
    public func jobs(named name: String) throws(LedgerError) -> [Job] {
        try read { db in
            try JobRow.fetchAll(db, sql: "SELECT * FROM jobs WHERE name = ? ORDER BY seq DESC", arguments: [Job.name(of: name)]).map(\.job)
        }
    }

    /// Whether no later request of the same name was accepted, so that the sidecars are still this job's.
    public func ownsSidecars(_ job: Job) throws(LedgerError) -> Bool {
        try read { db in
            try Int64.fetchOne(db, sql: "SELECT max(seq) FROM jobs WHERE name = ?", arguments: [job.name]) == job.sequence
        }
    }

    /// The jobs that a filter takes, newest first.
    public func list(_ filter: JobFilter = JobFilter()) throws(LedgerError) -> [Job] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        func add(_ condition: String, _ values: [any DatabaseValueConvertible]) {
            conditions.append(condition)
            arguments += StatementArguments(values)
        }
        func alternatives(_ column: String, _ values: [String]) {
            guard !values.isEmpty else { return }
            add("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))", values)
        }
        alternatives("state", filter.states.map(\.rawValue))
        alternatives("user", filter.users)
        if let from = filter.from { add("created_ns >= ?", [from.nanoseconds]) }
        if let to = filter.to { add("created_ns < ?", [to.nanoseconds]) }
        let whole = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        let limit = filter.limit.map { "LIMIT \(max($0, 0))" } ?? ""
        let sql = "SELECT * FROM jobs \(whole) ORDER BY seq DESC \(limit)"
        return try read { db in try JobRow.fetchAll(db, sql: sql, arguments: arguments).map(\.job) }
    }

    /// How many jobs stand in each state; states without jobs are absent.
    public func counts() throws(LedgerError) -> [JobState: Int] {
        try read { db in
            var counts: [JobState: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT state, sum(jobs) AS jobs FROM job_totals GROUP BY state HAVING sum(jobs) > 0") {
                counts[try JobRow.state(try row.value("state"))] = try row.value("jobs")
            }
            return counts
        }
    }

    /// The request of a job, or nil where there is no such job.
    public func request(of id: JobID) throws(LedgerError) -> StoredRequest? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT text, sha256, typed FROM job_requests WHERE job = ?", arguments: [id.text]).map { row in
                StoredRequest(text: Array(try row.value("text") as Data), sha256: try row.value("sha256"), typed: try row.value("typed"))
            }
        }
    }

    /// The datasets of a job's selection, sorted by id; none until its selection has been made.
    public func datasets(of id: JobID) throws(LedgerError) -> [JobDataset] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT dataset, fingerprint, bytes FROM job_datasets WHERE job = ? ORDER BY dataset",
                arguments: [id.text]
            ).map {
                JobDataset(id: DatasetID(try $0.value("dataset")), fingerprint: try $0.value("fingerprint"), bytes: try $0.value("bytes"))
            }
        }
    }

    /// The files that a job published, in the order of its exports.
    public func files(of id: JobID) throws(LedgerError) -> [JobFile] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT export, file, bytes, sha256 FROM job_files WHERE job = ? ORDER BY export, file",
                arguments: [id.text]
            ).map {
                JobFile(
                    export: try $0.value("export"),
                    file: try $0.value("file"),
                    bytes: try $0.value("bytes"),
                    sha256: try $0.value("sha256")
                )
            }
        }
    }

    /// What happened to a job, in order.
    public func events(of id: JobID) throws(LedgerError) -> [JobEvent] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM job_events WHERE job = ? ORDER BY seq", arguments: [id.text]).map { row in
                JobEvent(
                    job: id,
                    time: Timestamp(nanoseconds: try row.value("time_ns")),
                    from: try (try row.value("from_state") as String?).map(JobRow.state),
                    to: try JobRow.state(try row.value("to_state")),
                    actor: try row.value("actor"),
                    reason: try row.value("reason")
                )
            }
        }
    }

    /// What the completed exports of a user and title have covered: each dataset with its fingerprint at the last of them.
    ///
    /// All completed jobs count, not the last alone: with `changed_since: last-success` each of them holds only what was
    /// new at its time.
    public func lastCompleted(user: String, title: String?) throws(LedgerError) -> [String: String] {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT dataset, fingerprint FROM jobs JOIN job_datasets ON job_datasets.job = jobs.id
                    WHERE user = ? AND title IS ? AND kind = 'export' AND state = 'completed' ORDER BY finished_ns, seq
                    """,
                arguments: [user, title]
            )
            var fingerprints: [String: String] = [:]
            while let row = try rows.next() { fingerprints[try row.value("dataset")] = try row.value("fingerprint") }
            return fingerprints
        }
    }
}
