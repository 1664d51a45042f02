public import ExportCore
import GRDB
import Sidecars

/// Somebody, or a program of the site, that is told of a job's end.
public struct NotificationWish: Hashable, Sendable {
    /// Who is told.
    public enum Recipient: Hashable, Sendable {
        /// An e-mail address.
        case email(String)
        /// The command that the site's configuration names when the notification is due.
        case command
    }

    /// Who is told.
    public var recipient: Recipient
    /// Whether of a completed job.
    public var onCompleted: Bool
    /// Whether of a failed job.
    public var onFailed: Bool

    /// A wish to be told.
    public init(_ recipient: Recipient, onCompleted: Bool, onFailed: Bool) {
        self.recipient = recipient
        self.onCompleted = onCompleted
        self.onFailed = onFailed
    }
}

/// A notification that is to be delivered.
public struct Notification: Hashable, Sendable {
    /// Its number in the ledger.
    public let number: Int64
    /// The job that ended.
    public let job: JobID
    /// Who is told.
    public let recipient: NotificationWish.Recipient
    /// The end that is told of.
    public let event: JobState
    /// How often it has been tried.
    public let tries: Int
}

/// What became of one try to deliver a notification.
public enum DeliveryResult: Hashable, Sendable {
    /// It was handed over.
    case sent
    /// It was not, and is tried again.
    case failed(String, retryAt: Timestamp)
    /// It was not, and nobody tries again.
    case givenUp(String)
}

extension Ledger {
    /// Enters who is to be told of a job's end; once entered, more calls for the job change nothing.
    func enter(_ wishes: [NotificationWish], for job: JobID, _ db: Database) throws {
        for wish in wishes {
            let (kind, address) = Self.columns(wish.recipient)
            try db.execute(
                cached: "INSERT OR IGNORE INTO notification_wishes (job, kind, address, on_completed, on_failed) VALUES (?, ?, ?, ?, ?)",
                arguments: [job.text, kind, address, wish.onCompleted, wish.onFailed]
            )
        }
    }

    /// Enters the notifications of a job that has come to an end, in the transaction of that end.
    func announce(_ job: Job, _ db: Database) throws {
        let column: String
        switch job.state {
        case .completed: column = "on_completed"
        case .failed: column = "on_failed"
        case .pending, .processing, .cancelled: return
        }
        try db.execute(
            cached: """
                INSERT INTO notifications (job, kind, address, event, created_ns, tries, next_try_ns, state, error)
                SELECT job, kind, address, ?, ?, 0, ?, 'waiting', NULL FROM notification_wishes WHERE job = ? AND \(column) = 1
                """,
            arguments: [job.state.rawValue, job.updated.nanoseconds, job.updated.nanoseconds, job.id.text]
        )
    }

    /// The notifications that are due, oldest first.
    public func dueNotifications(limit: Int) throws(LedgerError) -> [Notification] {
        try read { db in
            try Row.fetchAll(
                db,
                cached: "SELECT * FROM notifications WHERE state = 'waiting' AND next_try_ns <= ? ORDER BY next_try_ns, seq LIMIT ?",
                arguments: [clock().nanoseconds, max(limit, 0)]
            ).map { row in
                let kind: String = try row.value("kind")
                let address: String = try row.value("address")
                return Notification(
                    number: try row.value("seq"),
                    job: try JobRow.jobID(row.value("job")),
                    recipient: kind == "email" ? .email(address) : .command,
                    event: try JobRow.state(try row.value("event")),
                    tries: try row.value("tries")
                )
            }
        }
    }

    /// When the next notification is due, or nil where none waits.
    public func nextNotification() throws(LedgerError) -> Timestamp? {
        try read { db in
            try Int64.fetchOne(db, cached: "SELECT min(next_try_ns) FROM notifications WHERE state = 'waiting'").map(Timestamp.init)
        }
    }

    /// Notes what became of a try to deliver a notification.
    public func record(_ result: DeliveryResult, of notification: Notification) throws(LedgerError) {
        let (state, next, error): (String, Int64?, String?) =
            switch result {
            case .sent: ("sent", nil, nil)
            case .failed(let reason, let time): ("waiting", time.nanoseconds, reason)
            case .givenUp(let reason): ("failed", nil, reason)
            }
        try write(closing: true) { db in
            try db.execute(
                cached: """
                    UPDATE notifications SET tries = tries + 1, state = ?, next_try_ns = ?, error = ?
                    WHERE seq = ? AND state = 'waiting'
                    """,
                arguments: [state, next, error, notification.number]
            )
        }
    }

    private static func columns(_ recipient: NotificationWish.Recipient) -> (kind: String, address: String) {
        switch recipient {
        case .email(let address): ("email", address)
        case .command: ("command", "")
        }
    }
}
