public import ExportCore
import GRDB
import Sidecars

// Usage and limits. Every change is an entry that is written in the transaction of what it belongs to.
extension Ledger {
    /// What a user has used.
    public func usage(of user: String, _ policy: QuotaPolicy) throws(LedgerError) -> QuotaUsage {
        try read { db in try usage(of: user, policy, db) }
    }

    /// What all users have used together.
    public func systemUsage(_ policy: QuotaPolicy) throws(LedgerError) -> QuotaUsage {
        try read { db in try usage(of: nil, policy, db) }
    }

    /// A user's usage, or that of all users where fewer exports of it are left: what the user's status files tell.
    public func tighterUsage(of user: String, _ policy: QuotaPolicy) throws(LedgerError) -> QuotaUsage {
        try read { db in try tighterUsage(of: user, policy, db) }
    }

    func tighterUsage(of user: String, _ policy: QuotaPolicy, _ db: Database) throws -> QuotaUsage {
        let own = try usage(of: user, policy, db)
        let system = try usage(of: nil, policy, db)
        return (system.remainingExports ?? .max) < (own.remainingExports ?? .max) ? system : own
    }

    /// What every user has used who ever had a job or a limit, sorted by name.
    public func allUsage(_ policy: QuotaPolicy) throws(LedgerError) -> [QuotaUsage] {
        try read { db in
            let known = try String.fetchAll(
                db,
                sql: "SELECT user FROM quota_days WHERE user <> '' UNION SELECT user FROM quota_limits WHERE user <> ''"
            )
            return try Set(known).union(policy.users.keys).sorted().map { try usage(of: $0, policy, db) }
        }
    }

    /// The newest entries of a user, newest first.
    public func quotaEntries(of user: String, limit: Int) throws(LedgerError) -> [QuotaEntry] {
        try read { db in
            try Row.fetchAll(
                db,
                cached: "SELECT * FROM quota_entries WHERE user = ? ORDER BY seq DESC LIMIT ?",
                arguments: [user, max(limit, 0)]
            ).compactMap { row in
                guard let kind = QuotaEntry.Kind(rawValue: try row.value("kind")) else { return nil }
                return QuotaEntry(
                    kind: kind,
                    user: try row.value("user"),
                    job: (try row.value("job") as String?).flatMap { JobID($0) },
                    time: Timestamp(nanoseconds: try row.value("time_ns")),
                    usedExports: try row.value("used_exports"),
                    usedBytes: try row.value("used_bytes"),
                    reservedExports: try row.value("reserved_exports"),
                    reservedBytes: try row.value("reserved_bytes"),
                    actor: try row.value("actor"),
                    reason: try row.value("reason")
                )
            }
        }
    }

    /// Why a job of a user that wants so much would be refused now; nil where it would not.
    public func quotaRefusal(
        user: String,
        exports: Int,
        bytes: Int64,
        _ policy: QuotaPolicy
    ) throws(LedgerError) -> ExportError? {
        try read { db in try refusal(user: user, exports: exports, bytes: bytes, policy, db)?.exportError }
    }

    // MARK: Jobs

    /// Reserves the bytes that a running job's plan expects, in place of what an earlier plan did.
    ///
    /// - Throws: `LedgerError` of kind `quotaExceeded` where they are more than is left.
    public func reserveBytes(_ id: JobID, _ bytes: Int64, _ policy: QuotaPolicy) throws(LedgerError) {
        try write(closing: false) { db in
            let job = try fetch(id, db)
            guard let open = try openReservation(of: id, db), open.exports > 0 else { return }
            let more = bytes - open.bytes
            guard more != 0 else { return }
            if more > 0, let refusal = try refusal(user: job.user, exports: 0, bytes: more, policy, db) { throw refusal }
            var entry = Entry(.reserve, user: job.user, day: open.day, actor: Ledger.daemon, reason: "The job was planned.")
            entry.job = (id, open.round)
            entry.reservedBytes = more
            try insert(entry, db)
        }
    }

    /// Reserves a job's exports.
    ///
    /// - Throws: `LedgerError` of kind `quotaExceeded`.
    func reserve(for job: Job, actor: String, reason: String, _ policy: QuotaPolicy, _ db: Database) throws {
        if let refusal = try refusal(user: job.user, exports: job.exports.count, bytes: 0, policy, db) { throw refusal }
        let round = try Int.fetchOne(
            db,
            cached: "SELECT coalesce(max(round), 0) + 1 FROM quota_entries WHERE job = ?",
            arguments: [job.id.text]
        )
        var entry = Entry(.reserve, user: job.user, day: clock().utcDay, actor: actor, reason: reason)
        entry.job = (job.id, round ?? 1)
        entry.reservedExports = job.exports.count
        try insert(entry, db)
    }

    /// Turns what an ended job has reserved into usage, or gives it back; it counts on the day of the reservation.
    func settle(_ job: Job, actor: String, reason: String, _ db: Database) throws {
        guard job.kind == "export", job.state.isTerminal else { return }
        let open = try openReservation(of: job.id, db)
        let isSettled = try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM quota_entries WHERE job = ? AND round = ? AND kind IN ('commit', 'release'))",
            arguments: [job.id.text, open?.round ?? 1]
        )
        // What a job has cost is entered once, whatever its row says.
        if isSettled == true { return }
        if job.state == .completed {
            var entry = Entry(.commit, user: job.user, day: open?.day ?? clock().utcDay, actor: actor, reason: reason)
            entry.job = (job.id, open?.round ?? 1)
            entry.usedExports = job.exports.count
            entry.usedBytes = job.exports.reduce(0) { $0 + ($1.bytes ?? 0) }
            entry.reservedExports = -(open?.exports ?? 0)
            entry.reservedBytes = -(open?.bytes ?? 0)
            try insert(entry, db)
        } else if let open, open.exports != 0 || open.bytes != 0 {
            var entry = Entry(.release, user: job.user, day: open.day, actor: actor, reason: reason)
            entry.job = (job.id, open.round)
            entry.reservedExports = -open.exports
            entry.reservedBytes = -open.bytes
            try insert(entry, db)
        }
    }

    // MARK: Administrators

    /// Sets limits; nil leaves one as it is.
    public func setLimit(
        _ scope: QuotaScope,
        exports: LimitSetting?,
        bytes: LimitSetting?,
        window: QuotaWindow?,
        by actor: Actor,
        reason: String
    ) throws(LedgerError) {
        try write(closing: false) { db in
            let (name, user) = scope.columns
            let now = try override(scope, db)
            try db.execute(
                cached: """
                    INSERT INTO quota_limits (scope, user, time_ns, exports, bytes, period, actor, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    name, user, clock().nanoseconds, (exports ?? now.exports).column, (bytes ?? now.bytes).column,
                    (window ?? now.window)?.rawValue, actor.name, reason,
                ]
            )
            try audit(.allowed, actor, "quota set", subject: scope.text, reason: reason, db)
        }
    }

    /// Adds to what a user has used in the current window.
    public func adjust(_ user: String, exports: Int, bytes: Int64, by actor: Actor, reason: String) throws(LedgerError) {
        try write(closing: false) { db in
            var entry = Entry(.adjust, user: user, day: clock().utcDay, actor: actor.name, reason: reason)
            entry.usedExports = exports
            entry.usedBytes = bytes
            try insert(entry, db)
            try audit(.allowed, actor, "quota adjust", subject: user, reason: reason, db)
        }
    }

    /// Sets what a user has used in the current window to nothing; what is reserved stays.
    public func resetUsage(_ user: String, _ policy: QuotaPolicy, by actor: Actor, reason: String) throws(LedgerError) {
        try write(closing: false) { db in
            let first = try limits(for: user, policy, db).window.firstDay(at: clock())
            // Each day is brought to nothing, so that the sum is nothing in every window that may be set later.
            let days = try Row.fetchAll(
                db,
                cached: """
                    SELECT day, used_exports, used_bytes FROM quota_days
                    WHERE user = ? AND day >= ? AND (used_exports <> 0 OR used_bytes <> 0)
                    """,
                arguments: [user, first]
            )
            for row in days {
                var entry = Entry(.reset, user: user, day: try row.value("day"), actor: actor.name, reason: reason)
                entry.usedExports = -(try row.value("used_exports"))
                entry.usedBytes = -(try row.value("used_bytes"))
                try insert(entry, db)
            }
            try audit(.allowed, actor, "quota reset", subject: user, reason: reason, db)
        }
    }

    // MARK: Sums

    private struct Entry {
        var kind: QuotaEntry.Kind
        var user: String
        var job: (id: JobID, round: Int)?
        var day: Int64
        var usedExports = 0
        var usedBytes: Int64 = 0
        var reservedExports = 0
        var reservedBytes: Int64 = 0
        var actor: String
        var reason: String

        init(_ kind: QuotaEntry.Kind, user: String, day: Int64, actor: String, reason: String) {
            self.kind = kind
            self.user = user
            self.day = day
            self.actor = actor
            self.reason = reason
        }
    }

    private func insert(_ entry: Entry, _ db: Database) throws {
        try db.execute(
            cached: """
                INSERT INTO quota_entries
                    (kind, user, job, round, time_ns, day, used_exports, used_bytes, reserved_exports, reserved_bytes, actor, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                entry.kind.rawValue, entry.user, entry.job?.id.text, entry.job?.round, clock().nanoseconds, entry.day, entry.usedExports,
                entry.usedBytes, entry.reservedExports, entry.reservedBytes, entry.actor, entry.reason,
            ]
        )
    }

    /// What the newest acceptance or retry of a job has reserved and not yet settled.
    private func openReservation(of id: JobID, _ db: Database) throws -> (round: Int, day: Int64, exports: Int, bytes: Int64)? {
        let row = try Row.fetchOne(
            db,
            cached: """
                SELECT round, min(day) AS day, sum(reserved_exports) AS exports, sum(reserved_bytes) AS bytes
                FROM quota_entries WHERE job = ? GROUP BY round ORDER BY round DESC LIMIT 1
                """,
            arguments: [id.text]
        )
        return try row.map { (try $0.value("round"), try $0.value("day"), try $0.value("exports"), try $0.value("bytes")) }
    }

    /// What was set at run time for a scope.
    private func override(_ scope: QuotaScope, _ db: Database) throws -> (exports: LimitSetting, bytes: LimitSetting, window: QuotaWindow?)
    {
        let (name, user) = scope.columns
        let row = try Row.fetchOne(
            db,
            cached: "SELECT exports, bytes, period FROM quota_limits WHERE scope = ? AND user = ? ORDER BY seq DESC LIMIT 1",
            arguments: [name, user]
        )
        guard let row else { return (.configured, .configured, nil) }
        return (
            LimitSetting(column: try row.value("exports")), LimitSetting(column: try row.value("bytes")),
            (try row.value("period") as String?).flatMap { QuotaWindow(rawValue: $0) }
        )
    }

    private func limits(for user: String?, _ policy: QuotaPolicy, _ db: Database) throws -> (limit: QuotaLimit, window: QuotaWindow) {
        guard let user else {
            let set = try override(.system, db)
            let exports = set.exports.resolved(policy.system.exports.map(Int64.init))
            let limit = QuotaLimit(exports: exports.map { Int($0) }, bytes: set.bytes.resolved(policy.system.bytes))
            return (limit, set.window ?? policy.window)
        }
        let standard = try override(.standard, db)
        let own = try override(.user(user), db)
        let configured = policy.users[user]
        let exports = own.exports.resolved(
            configured?.exports.map(Int64.init) ?? standard.exports.resolved(policy.standard.exports.map(Int64.init))
        )
        let bytes = own.bytes.resolved(configured?.bytes ?? standard.bytes.resolved(policy.standard.bytes))
        return (QuotaLimit(exports: exports.map { Int($0) }, bytes: bytes), own.window ?? standard.window ?? policy.window)
    }

    func usage(of user: String?, _ policy: QuotaPolicy, _ db: Database) throws -> QuotaUsage {
        let (limit, window) = try limits(for: user, policy, db)
        let now = clock()
        // What is dated later than now counts too: a clock that was set back must not give anything away.
        let sums = try Row.fetchOne(
            db,
            cached: """
                SELECT coalesce(sum(used_exports), 0) AS used_exports, coalesce(sum(used_bytes), 0) AS used_bytes,
                    coalesce(sum(reserved_exports), 0) AS reserved_exports, coalesce(sum(reserved_bytes), 0) AS reserved_bytes
                FROM quota_days WHERE user = ? AND day >= ?
                """,
            arguments: [user ?? "", window.firstDay(at: now)]
        )
        return QuotaUsage(
            user: user,
            limit: limit,
            window: window,
            usedExports: try sums?.value("used_exports") ?? 0,
            reservedExports: try sums?.value("reserved_exports") ?? 0,
            usedBytes: try sums?.value("used_bytes") ?? 0,
            reservedBytes: try sums?.value("reserved_bytes") ?? 0,
            resetsAt: window.next(after: now)
        )
    }

    // MARK: Refusals

    /// Why so much more is more than is left to a user or to all.
    private func refusal(user: String, exports: Int, bytes: Int64, _ policy: QuotaPolicy, _ db: Database) throws -> LedgerError? {
        for scope in [user, nil] {
            let usage = try usage(of: scope, policy, db)
            let who = scope ?? "All users together"
            let set = "exportctl quota set \(scope ?? "system")"
            if let limit = usage.limit.exports, exports > 0, usage.usedExports + usage.reservedExports + exports > limit {
                let over = usage.usedExports + usage.reservedExports + exports - limit
                return Self.refusal(
                    "\(who) may have \(limit) exports\(usage.window.phrase): \(usage.usedExports) are used and \(usage.reservedExports) reserved, "
                        + "so the \(exports) of this request are \(over) too many.",
                    usage,
                    policy,
                    "\(set) --exports"
                )
            }
            if let limit = usage.limit.bytes, usage.usedBytes + usage.reservedBytes + max(bytes, 1) > limit {
                let over = usage.usedBytes + usage.reservedBytes + bytes - limit
                let verdict =
                    bytes > 0 ? "so the about \(bytes) bytes of this request are \(over) too many." : "so nothing is left for this request."
                return Self.refusal(
                    "\(who) may have \(limit) bytes of packages\(usage.window.phrase): \(usage.usedBytes) are used and \(usage.reservedBytes) "
                        + "reserved, \(verdict)",
                    usage,
                    policy,
                    "\(set) --bytes"
                )
            }
        }
        return nil
    }

    private static func refusal(_ message: String, _ usage: QuotaUsage, _ policy: QuotaPolicy, _ command: String) -> LedgerError {
        let reset = usage.resetsAt.map { "The count begins anew at \($0.exactRFC3339). " } ?? "The count never begins anew by itself. "
        return LedgerError(.quotaExceeded, message, hint: "\(reset)\(policy.administrators) can raise the limit: \(command).")
    }
}

extension QuotaWindow {
    /// The words behind "50 exports".
    fileprivate var phrase: String {
        switch self {
        case .none: ""
        case .daily: " a day"
        case .weekly: " a week"
        case .monthly: " a month"
        }
    }
}
