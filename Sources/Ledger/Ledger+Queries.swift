public import ExportCore
import FoundationEssentials
import GRDB
import Sidecars

extension Ledger {
    /// The job of an id, or nil where there is none.
    public func job(_ id: JobID) throws(LedgerError) -> Job? {
        try read { db in
            try JobRow.fetchOne(db, cached: "SELECT * FROM jobs WHERE id = ?", arguments: [id.text])?.job
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
        try read { db in try ownsSidecars(job, db) }
    }

    func ownsSidecars(_ job: Job, _ db: Database) throws -> Bool {
        try Int64.fetchOne(db, cached: "SELECT max(seq) FROM jobs WHERE name = ?", arguments: [job.name]) == job.sequence
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
