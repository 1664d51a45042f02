public import ExportCore
import GRDB

/// Who does something, by the kernel's word.
public struct Actor: Hashable, Sendable {
    /// The numeric id.
    public var uid: UInt32
    /// The user's name.
    public var name: String

    /// A user.
    public init(uid: UInt32, name: String) {
        self.uid = uid
        self.name = name
    }
}

/// What someone did, or was not allowed to do; never changed once written.
public struct AuditEntry: Hashable, Sendable {
    /// When.
    public let time: Timestamp
    /// Who.
    public let actor: Actor
    /// What, in a word or two, such as `cancel` or `quota set`.
    public let action: String
    /// To what: a job, a user, a project.
    public let subject: String
    /// The job by which it was asked for; nil where it was none.
    public let job: JobID?
    /// Whether it was allowed.
    public let allowed: Bool
    /// Why, as a sentence.
    public let reason: String
}

extension Ledger {
    enum Outcome: Int {
        case denied = 0
        case allowed = 1
    }

    /// Notes that something was denied.
    public func recordDenial(_ actor: Actor, _ action: String, subject: String, job: JobID?, reason: String) throws(LedgerError) {
        try write(closing: true) { db in try audit(.denied, actor, action, subject: subject, job: job, reason: reason, db) }
    }

    /// Notes that something was done.
    public func recordDeed(_ actor: Actor, _ action: String, subject: String, reason: String) throws(LedgerError) {
        try write(closing: true) { db in try audit(.allowed, actor, action, subject: subject, reason: reason, db) }
    }

    /// The newest entries, newest first.
    ///
    /// - Parameter allowed: only what was allowed, or only what was not.
    public func audit(allowed: Bool? = nil, limit: Int) throws(LedgerError) -> [AuditEntry] {
        try read { db in
            let condition = allowed.map { "WHERE allowed = \($0 ? 1 : 0)" } ?? ""
            return try Row.fetchAll(db, sql: "SELECT * FROM audit \(condition) ORDER BY seq DESC LIMIT ?", arguments: [max(limit, 0)]).map {
                AuditEntry(
                    time: Timestamp(nanoseconds: try $0.value("time_ns")),
                    actor: Actor(uid: try $0.value("uid"), name: try $0.value("actor")),
                    action: try $0.value("action"),
                    subject: try $0.value("subject"),
                    job: (try $0.value("job") as String?).flatMap { JobID($0) },
                    allowed: try $0.value("allowed"),
                    reason: try $0.value("reason")
                )
            }
        }
    }

    /// Notes what someone did or was denied, in the transaction of the deed.
    func audit(
        _ outcome: Outcome,
        _ actor: Actor,
        _ action: String,
        subject: String,
        job: JobID? = nil,
        reason: String,
        _ db: Database
    ) throws {
        try db.execute(
            sql: "INSERT INTO audit (time_ns, actor, uid, action, subject, job, allowed, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [clock().nanoseconds, actor.name, actor.uid, action, subject, job?.text, outcome.rawValue, reason]
        )
    }
}
