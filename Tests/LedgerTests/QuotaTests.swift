import ExportCore
import Files
import GRDB
import Ledger
import Sidecars
import Testing

@Suite struct QuotaTests {
    private let scratch = Scratch()
    private let clock = TestClock()
    private let root = Actor(uid: 0, name: "root")

    private func ledger() throws -> Ledger {
        let clock = clock
        return try Ledger(path: scratch.ledger, clock: { clock.now })
    }

    private func policy(_ exports: Int? = nil, bytes: Int64? = nil, system: Int? = nil, window: QuotaWindow = .monthly) -> QuotaPolicy {
        var policy = QuotaPolicy()
        policy.standard = QuotaLimit(exports: exports, bytes: bytes)
        policy.system = QuotaLimit(exports: system)
        policy.window = window
        policy.administrators = "root"
        return policy
    }

    private func finished(_ bytes: Int64) -> [StatusDocument.Export] {
        [.init(format: "hdf5", state: .completed, file: "a", bytes: bytes, sha256: "0")]
    }

    private func complete(_ ledger: Ledger, _ number: Int, bytes: Int64 = 10) throws {
        try ledger.start(id(number))
        try ledger.complete(id(number), exports: finished(bytes), files: [], warnings: [])
    }

    @Test func `what is reserved at acceptance is used at the end and given back otherwise`() throws {
        let ledger = try ledger()
        let policy = policy(3)
        for number in 1...3 { #expect(try ledger.accept(newJob(number), quota: policy).state == .pending) }
        #expect(try ledger.usage(of: "alice", policy).reservedExports == 3)
        try complete(ledger, 1, bytes: 70)
        try ledger.cancel(id(2))
        try ledger.fail(id(3), ExportError(.internal, "It failed."))
        let usage = try ledger.usage(of: "alice", policy)
        #expect((usage.usedExports, usage.reservedExports, usage.remainingExports) == (1, 0, 2))
        #expect((usage.usedBytes, usage.reservedBytes) == (70, 0))
        #expect(try ledger.systemUsage(policy).usedExports == 1)
        #expect(try ledger.quotaEntries(of: "alice", limit: 9).map(\.kind) == [.release, .release, .commit, .reserve, .reserve, .reserve])
    }

    @Test func `a refusal says which limit, by how much, when it resets and who can raise it`() throws {
        let ledger = try ledger()
        let policy = policy(1)
        try ledger.accept(newJob(1), quota: policy)
        let refused = try ledger.accept(newJob(2), quota: policy)
        #expect(refused.state == .failed)
        let error = try #require(refused.error)
        #expect(error.code == .quotaExceeded)
        #expect(!error.retryable)
        #expect(error.message == "alice may have 1 exports a month: 0 are used and 1 reserved, so the 1 of this request are 1 too many.")
        #expect(
            error.hint == "The count begins anew at 2026-12-01T00:00:00Z. root can raise the limit: exportctl quota set alice --exports."
        )
        #expect(try ledger.usage(of: "alice", policy).reservedExports == 1)
    }

    @Test func `the limit of the whole system counts all users`() throws {
        let ledger = try ledger()
        let policy = policy(5, system: 2)
        try ledger.accept(newJob(1, user: "alice"), quota: policy)
        try ledger.accept(newJob(2, user: "bob", uid: 1001), quota: policy)
        let error = try #require(try ledger.accept(newJob(3, user: "carol", uid: 1002), quota: policy).error)
        #expect(error.message.hasPrefix("All users together may have 2 exports a month"))
        #expect(error.hint?.hasSuffix("exportctl quota set system --exports.") == true)
    }

    @Test func `a retry reserves again, once, and is refused where nothing is left`() throws {
        let ledger = try ledger()
        let policy = policy(1)
        try ledger.accept(newJob(1), quota: policy)
        try ledger.start(id(1))
        try ledger.fail(id(1), ExportError(.internal, "It failed."))
        try ledger.retry(id(1), by: "alice", quota: policy)
        #expect(try ledger.usage(of: "alice", policy).reservedExports == 1)
        try ledger.cancel(id(1))
        try ledger.accept(newJob(2), quota: policy)
        let refusal = #expect(throws: LedgerError.self) { try ledger.retry(id(1), by: "alice", quota: policy) }
        #expect(refusal?.kind == .quotaExceeded)
        #expect(try ledger.job(id(1))?.state == .cancelled)
        try complete(ledger, 2)
        #expect(try ledger.usage(of: "alice", policy).usedExports == 1)
    }

    @Test func `bytes are reserved from the plan and committed as they are`() throws {
        let ledger = try ledger()
        let policy = policy(bytes: 100)
        try ledger.accept(newJob(1), quota: policy)
        try ledger.start(id(1))
        try ledger.reserveBytes(id(1), 80, policy)
        try ledger.reserveBytes(id(1), 90, policy)
        #expect(try ledger.usage(of: "alice", policy).reservedBytes == 90)
        let refusal = #expect(throws: LedgerError.self) { try ledger.reserveBytes(id(1), 101, policy) }
        #expect(refusal?.message.contains("so the about 11 bytes of this request are 1 too many") == true)
        try ledger.complete(id(1), exports: finished(120), files: [], warnings: [])
        let usage = try ledger.usage(of: "alice", policy)
        #expect((usage.usedBytes, usage.reservedBytes, usage.remainingBytes) == (120, 0, 0))
        #expect(try ledger.accept(newJob(2), quota: policy).error?.message.hasSuffix("so nothing is left for this request.") == true)
    }

    @Test func `a job that crosses the boundary of a window counts where it was reserved`() throws {
        let ledger = try ledger()
        let policy = policy(1, window: .daily)
        try ledger.accept(newJob(1), quota: policy)
        clock.advance(seconds: 86_400)
        #expect(try ledger.accept(newJob(2), quota: policy).state == .pending)
        try complete(ledger, 1)
        #expect(try ledger.usage(of: "alice", policy).usedExports == 0)
        clock.advance(seconds: -86_400)
        #expect(try ledger.usage(of: "alice", policy).usedExports == 1)
        // What lies in the future of a clock that was set back counts, too.
        #expect(try ledger.usage(of: "alice", policy).reservedExports == 1)
        #expect(try ledger.accept(newJob(3), quota: policy).error?.code == .quotaExceeded)
    }

    @Test func `a limit below what is used refuses and takes nothing back`() throws {
        let ledger = try ledger()
        let policy = policy(10)
        for number in 1...4 { try ledger.accept(newJob(number), quota: policy) }
        for number in 1...3 { try complete(ledger, number) }
        try ledger.setLimit(.user("alice"), exports: .limit(2), bytes: nil, window: nil, by: root, reason: "Too many.")
        let usage = try ledger.usage(of: "alice", policy)
        #expect((usage.usedExports, usage.reservedExports, usage.limit.exports, usage.remainingExports) == (3, 1, 2, 0))
        try complete(ledger, 4)
        #expect(try ledger.usage(of: "alice", policy).usedExports == 4)
        #expect(try ledger.accept(newJob(5), quota: policy).error?.code == .quotaExceeded)
    }

    @Test func `what was set at run time comes before the configuration, a user before the default`() throws {
        let ledger = try ledger()
        var policy = policy(10, system: 100)
        policy.users["bob"] = QuotaLimit(exports: 20)
        func limit(_ user: String) throws -> Int? { try ledger.usage(of: user, policy).limit.exports }
        try ledger.setLimit(.standard, exports: .limit(5), bytes: nil, window: .daily, by: root, reason: "Less.")
        #expect(try limit("alice") == 5)
        #expect(try limit("bob") == 20)
        #expect(try ledger.usage(of: "bob", policy).window == .daily)
        #expect(try ledger.systemUsage(policy).window == .monthly)
        try ledger.setLimit(.user("bob"), exports: .unlimited, bytes: .limit(7), window: nil, by: root, reason: "More.")
        #expect(try limit("bob") == nil)
        try ledger.setLimit(.user("bob"), exports: .configured, bytes: nil, window: nil, by: root, reason: "As it was.")
        #expect(try limit("bob") == 20)
        #expect(try ledger.usage(of: "bob", policy).limit.bytes == 7)
        try ledger.setLimit(.system, exports: .limit(1), bytes: nil, window: nil, by: root, reason: "Stop.")
        #expect(try ledger.systemUsage(policy).limit.exports == 1)
        #expect(try ledger.audit(limit: 1).first?.subject == "system")
    }

    @Test func `adjustments and resets are entries like all others`() throws {
        let ledger = try ledger()
        let policy = policy(10)
        try ledger.accept(newJob(1), quota: policy)
        try ledger.accept(newJob(2), quota: policy)
        try complete(ledger, 1, bytes: 40)
        try ledger.adjust("alice", exports: 4, bytes: 5, by: root, reason: "Ran elsewhere.")
        #expect(try ledger.usage(of: "alice", policy).usedExports == 5)
        #expect(try ledger.usage(of: "alice", policy).usedBytes == 45)
        clock.advance(seconds: 86_400)
        try ledger.resetUsage("alice", policy, by: root, reason: "A new project.")
        let usage = try ledger.usage(of: "alice", policy)
        #expect((usage.usedExports, usage.usedBytes, usage.reservedExports) == (0, 0, 1))
        let entry = try #require(try ledger.quotaEntries(of: "alice", limit: 1).first)
        #expect((entry.kind, entry.actor, entry.reason, entry.usedExports) == (.reset, "root", "A new project.", -5))
    }

    @Test func `entries cannot be changed, and a job cannot be charged twice`() throws {
        let ledger = try ledger()
        try ledger.accept(newJob(1), quota: policy(5))
        try complete(ledger, 1)
        try ledger.setLimit(.user("alice"), exports: .limit(2), bytes: nil, window: nil, by: root, reason: "x")
        try ledger.close()
        let database = try DatabaseQueue(path: scratch.ledger)
        for sql in [
            "UPDATE quota_entries SET used_exports = 0", "DELETE FROM quota_entries", "DELETE FROM quota_limits",
            "UPDATE audit SET actor = 'x'",
            "INSERT OR REPLACE INTO quota_entries SELECT * FROM quota_entries WHERE seq = 1",
            """
            INSERT INTO quota_entries (kind, user, job, round, time_ns, day, used_exports, used_bytes, reserved_exports, reserved_bytes, actor,
                reason)
            SELECT kind, user, job, round, time_ns, day, used_exports, used_bytes, reserved_exports, reserved_bytes, actor, reason
            FROM quota_entries WHERE kind = 'commit'
            """,
        ] {
            #expect(throws: DatabaseError.self, "\(sql)") { try database.write { try $0.execute(sql: sql) } }
        }
    }

    @Test func `eight processes on one ledger never grant one too many`() async throws {
        let path = scratch.ledger
        try Ledger(path: path).close()
        await withTaskGroup(of: Void.self) { group in
            for process in 0..<8 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String, process = process as Int] in
                        let ledger = try Ledger(path: path)
                        var policy = QuotaPolicy()
                        policy.standard = QuotaLimit(exports: 50)
                        policy.system = QuotaLimit(exports: 70)
                        for round in 0..<20 {
                            let user = round.isMultiple(of: 2) ? "alice" : "bob"
                            try ledger.accept(newJob(process * 100 + round, user: user), quota: policy)
                        }
                    }
                }
            }
        }
        let ledger = try Ledger(path: path)
        let usage = try ["alice", "bob"].map { try ledger.usage(of: $0, QuotaPolicy()).reservedExports }
        #expect(usage.allSatisfy { $0 <= 50 })
        #expect(usage.reduce(0, +) == 70)
        let counts = try ledger.counts()
        #expect(counts[.pending] == 70)
        #expect(counts[.failed] == 90)
    }

    @Test(arguments: [
        (QuotaWindow.daily, "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"), (.weekly, "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
        (.monthly, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
    ])
    func `windows begin at midnight, on Mondays and on the first`(window: QuotaWindow, first: String, next: String) {
        // 2026-11-22 is a Sunday.
        let now = clock.now
        #expect(Timestamp(nanoseconds: window.firstDay(at: now) * 86_400_000_000_000).exactRFC3339 == first)
        #expect(window.next(after: now)?.exactRFC3339 == next)
    }

    @Test func `a window without end has no next one`() {
        #expect(QuotaWindow.none.next(after: clock.now) == nil)
        #expect(QuotaWindow.none.firstDay(at: clock.now) == .min)
    }
}
