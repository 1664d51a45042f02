public import ExportCore
import GRDB

// What was put off by a clock that has been set back since would wait as long as that.
extension Ledger {
    /// Lets no job wait for another try longer than to an instant.
    public func limitRetries(to latest: Timestamp) throws(LedgerError) {
        try limit("UPDATE jobs SET next_try_ns = ? WHERE state = 'pending' AND next_try_ns > ?", to: latest)
    }

    /// Lets no notification wait longer than to an instant.
    public func limitNotifications(to latest: Timestamp) throws(LedgerError) {
        try limit("UPDATE notifications SET next_try_ns = ? WHERE state = 'waiting' AND next_try_ns > ?", to: latest)
    }

    private func limit(_ sql: String, to latest: Timestamp) throws(LedgerError) {
        try write(closing: false) { try $0.execute(sql: sql, arguments: [latest.nanoseconds, latest.nanoseconds]) }
    }
}
