import ExportCore
import FoundationEssentials
import GRDB
import Sidecars

/// A job as a row of the table `jobs`: one column for everything that is searched or sorted by, JSON for the rest.
struct JobRow: FetchableRecord, PersistableRecord {
    static let databaseTableName = "jobs"

    var job: Job

    init(_ job: Job) {
        self.job = job
    }

    init(row: Row) throws {
        job = Job(
            id: try Self.jobID(row.value("id")),
            sequence: try row.value("seq"),
            request: try row.value("request"),
            name: try row.value("name"),
            kind: try row.value("kind"),
            title: try row.value("title"),
            uid: try row.value("uid"),
            user: try row.value("user"),
            role: try row.value("role"),
            priority: try Self.priority(row.value("priority")),
            state: try Self.state(row.value("state")),
            created: Timestamp(nanoseconds: try row.value("created_ns")),
            started: try Self.instant(row.value("started_ns")),
            finished: try Self.instant(row.value("finished_ns")),
            updated: Timestamp(nanoseconds: try row.value("updated_ns")),
            attempt: try row.value("attempt"),
            transientFailures: try row.value("transient_failures"),
            daemonCrashes: try row.value("daemon_crashes"),
            progress: try Self.decode(row.value("progress")),
            selection: try Self.decodeIfPresent(row.value("selection")),
            exports: try Self.decode(row.value("exports")),
            preview: try Self.decodeIfPresent(row.value("preview")),
            warnings: try Self.decode(row.value("warnings")),
            error: try Self.decodeIfPresent(row.value("error")),
            nextTry: try Self.instant(row.value("next_try_ns")),
            cancelRequested: try row.value("cancel_requested"),
            submitter: try Self.submitter(uid: row.value("submitter_uid"), name: row.value("submitter")),
            expired: try Self.instant(row.value("expired_ns")),
            isLong: try row.value("is_long")
        )
    }

    func encode(to container: inout PersistenceContainer) throws {
        container["id"] = job.id.text
        container["seq"] = job.sequence
        container["request"] = job.request
        container["name"] = job.name
        container["kind"] = job.kind
        container["title"] = job.title
        container["uid"] = job.uid
        container["user"] = job.user
        container["role"] = job.role
        container["priority"] = job.priority.rawValue
        container["state"] = job.state.rawValue
        container["created_ns"] = job.created.nanoseconds
        container["started_ns"] = job.started?.nanoseconds
        container["finished_ns"] = job.finished?.nanoseconds
        container["updated_ns"] = job.updated.nanoseconds
        container["attempt"] = job.attempt
        container["transient_failures"] = job.transientFailures
        container["daemon_crashes"] = job.daemonCrashes
        container["progress"] = try Self.json(job.progress)
        container["selection"] = try job.selection.map(Self.json)
        container["exports"] = try Self.json(job.exports)
        container["preview"] = try job.preview.map(Self.json)
        container["warnings"] = try Self.json(job.warnings)
        container["error"] = try job.error.map(Self.json)
        container["next_try_ns"] = job.nextTry?.nanoseconds
        container["cancel_requested"] = job.cancelRequested
        container["submitter"] = job.submitter?.name
        container["submitter_uid"] = job.submitter?.uid
        container["expired_ns"] = job.expired?.nanoseconds
        container["is_long"] = job.isLong
    }

    /// A job's id from a column.
    static func jobID(_ text: String) throws -> JobID {
        try known(JobID(text), text, "a job id")
    }

    /// A job's state from a column.
    static func state(_ text: String) throws -> JobState {
        try known(JobState(rawValue: text), text, "a job's state")
    }

    private static func priority(_ number: Int) throws -> JobPriority {
        try known(JobPriority(rawValue: number), String(number), "a priority")
    }

    private static func known<Value>(_ value: Value?, _ text: String, _ what: String) throws -> Value {
        guard let value else { throw LedgerError(.corrupt, "The ledger holds \"\(text)\" where \(what) should stand.") }
        return value
    }

    private static func submitter(uid: UInt32?, name: String?) -> Submitter? {
        guard let uid, let name else { return nil }
        return Submitter(uid: uid, name: name)
    }

    private static func instant(_ nanoseconds: Int64?) -> Timestamp? {
        nanoseconds.map(Timestamp.init)
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func decode<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    private static func decodeIfPresent<Value: Decodable>(_ text: String?) throws -> Value? {
        guard let text else { return nil }
        return try decode(text)
    }
}

extension Row {
    /// The value of a column.
    ///
    /// A row that someone else has written into must not bring the daemon down, as GRDB's
    /// subscripts would.
    func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
        try decode(Value.self, forColumn: column)
    }
}
