import ExportCore
import GRDB
import Sidecars
import Testing

@testable import Ledger

@Suite struct HistoryTests {
    private let scratch = Scratch()

    /// A ledger with so many jobs, one a second: of user1 to user9, every tenth failed, every thousandth about kitchen, one
    /// with a dataset of its own.
    private func filled(_ jobs: Int) throws -> Ledger {
        try Ledger(path: scratch.ledger).close()
        let database = try DatabaseQueue(path: scratch.ledger)
        try database.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO jobs (seq, id, request, name, kind, title, uid, user, role, priority, state, created_ns, started_ns,
                        finished_ns, updated_ns, attempt, transient_failures, daemon_crashes, progress, exports, warnings, error,
                        cancel_requested)
                    SELECT i, 'job-' || i, 'r' || i || '.yaml', 'r' || i, 'export', iif(i = 77, 'The "red" cup', 'Nightly set'),
                        1000 + i % 9, 'user' || (1 + i % 9), 'training_engineer', 1, iif(i % 10, 'completed', 'failed'),
                        i * 1000000000, i * 1000000000, i * 1000000000 + 500000000, i, 1, 0, 0, ?,
                        '[{"format": "' || iif(i % 2000, 'hdf5', 'mcap') || '", "state": "completed", "bytes": 10, "warnings": 0}]', '[]',
                        iif(i % 10, NULL, '{"code": "internal", "message": "It broke.", "retryable": false, "details": []}'), 0
                    FROM n
                    """,
                arguments: [
                    jobs,
                    """
                    {"percent": 100, "datasets_done": 1, "datasets_total": 1, "bytes_read": 0, "bytes_written": 0, "updated_at": "x"}
                    """,
                ]
            )
            try db.execute(sql: "INSERT INTO job_projects SELECT iif(seq % 1000, 'open', 'kitchen'), seq FROM jobs")
            try db.execute(
                sql: "INSERT INTO job_datasets SELECT id, iif(seq = 42, 'store/special', 'store/d' || seq % 100), 'f', 1 FROM jobs"
            )
            try db.execute(
                sql: "INSERT INTO job_files SELECT id, 0, 'a.tar.gz', 10, 'x' FROM jobs WHERE state = 'completed'"
            )
        }
        try database.close()
        return try Ledger(path: scratch.ledger)
    }

    private func found(_ ledger: Ledger, _ change: (inout HistoryFilter) -> Void) throws -> [Int64] {
        var filter = HistoryFilter()
        filter.limit = 3
        change(&filter)
        return try ledger.history(filter).map(\.sequence)
    }

    @Test func `every filter finds what it says, newest first`() throws {
        let ledger = try filled(3_000)
        #expect(try found(ledger) { _ in } == [3_000, 2_999, 2_998])
        #expect(try found(ledger) { $0.users = ["user1", "user3"] } == [2_999, 2_997, 2_990])
        #expect(try found(ledger) { $0.states = [.failed] } == [3_000, 2_990, 2_980])
        #expect(try found(ledger) { $0.formats = ["mcap"] } == [2_000])
        #expect(try found(ledger) { $0.projects = ["kitchen"] } == [3_000, 2_000, 1_000])
        #expect(
            try found(ledger) {
                $0.projects = ["kit*"]
                $0.formats = ["mcap"]
            } == [2_000]
        )
        #expect(try found(ledger) { $0.datasets = ["store/special"] } == [42])
        #expect(
            try found(ledger) {
                $0.datasets = ["store/sp*"]
                $0.users = ["user1"]
            } == []
        )
        #expect(try found(ledger) { $0.datasets = ["*special"] } == [42])
        #expect(try found(ledger) { $0.text = "\"RED\" cup" } == [77])
        #expect(try found(ledger) { $0.text = "it broke" } == [3_000, 2_990, 2_980])
        #expect(try found(ledger) { $0.text = "100%" } == [])
        let time = { Timestamp(nanoseconds: $0 * 1_000_000_000) }
        #expect(
            try found(ledger) {
                $0.from = time(10)
                $0.to = time(12)
            } == [11, 10]
        )
        #expect(
            try found(ledger) {
                $0.to = time(3)
                $0.states = [.completed]
            } == [2, 1]
        )
    }

    @Test func `everyone sees what they may`() throws {
        let ledger = try filled(3_000)
        #expect(try found(ledger) { $0.visibility = .own(uid: 1_001) } == [2_998, 2_989, 2_980])
        #expect(try found(ledger) { $0.visibility = .none } == [])
        #expect(
            try found(ledger) { $0.visibility = .managed(uid: 7, projects: ["kitchen"], closed: ["kitchen"]) } == [3_000, 2_000, 1_000]
        )
        #expect(
            try found(ledger) { $0.visibility = .managed(uid: 7, projects: ["open"], closed: ["open", "kitchen"]) } == [
                2_999, 2_998, 2_997,
            ]
        )
        let job = try #require(try ledger.job(id(2_000)))
        #expect(try ledger.isVisible(job, to: .managed(uid: 7, projects: ["kitchen"], closed: ["kitchen"])))
        #expect(try !ledger.isVisible(job, to: .own(uid: 7)))
    }

    @Test func `no search reads the whole ledger`() throws {
        let ledger = try filled(25_000)
        let searches: [(String, (inout HistoryFilter) -> Void)] = [
            ("nothing", { _ in }), ("a common user", { $0.users = ["user1"] }), ("a common state", { $0.states = [.completed] }),
            ("a rare format", { $0.formats = ["mcap"] }), ("a common format", { $0.formats = ["hdf5"] }),
            ("a project", { $0.projects = ["kitchen"] }), ("a dataset", { $0.datasets = ["store/special"] }),
            ("a pattern", { $0.datasets = ["store/sp*"] }), ("a rare text", { $0.text = "\"red\"" }),
            ("a common text", { $0.text = "nightly" }), ("a time", { $0.from = Timestamp(nanoseconds: 24_000_000_000_000) }),
            ("one's own", { $0.visibility = .own(uid: 1_001) }),
            (
                "much at once",
                {
                    $0.users = ["user1"]
                    $0.states = [.failed]
                    $0.text = "broke"
                    $0.formats = ["hdf5"]
                }
            ),
        ]
        for (name, change) in searches {
            var filter = HistoryFilter()
            change(&filter)
            let plan = try ledger.read { db in
                let query = try ledger.historyQuery(filter, db)
                return try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(query.sql)", arguments: query.arguments).map {
                    try $0.value("detail") as String
                }
            }
            let scans = plan.filter { line in
                // A walk along an index ends with the page; what stands between brackets has been found by an index before.
                line.hasPrefix("SCAN") && !line.contains("INDEX") && !line.hasPrefix("SCAN found") && !line.hasPrefix("SCAN page")
                    && !line.hasPrefix("SCAN (subquery")
            }
            #expect(scans.isEmpty, "\(name): \(plan)")
            let sorts = plan.contains { $0.contains("TEMP B-TREE FOR ORDER BY") }
            let isLookedUp = plan.contains { $0.hasPrefix("SCAN found") || $0.contains("CO-ROUTINE found") || $0.contains("MATERIALIZE") }
            #expect(!sorts || isLookedUp, "\(name): \(plan)")
        }
    }

    @Test func `statistics count by user, format and day, and why jobs failed`() throws {
        let ledger = try filled(3_000)
        let statistics = try ledger.statistics()
        #expect(statistics.users.count == 9)
        #expect(statistics.users.reduce(0) { $0 + $1.jobs } == 3_000)
        #expect(statistics.users.reduce(0) { $0 + $1.bytes } == 27_000)
        #expect(statistics.formats.map(\.name) == ["hdf5", "mcap"])
        #expect(statistics.formats.first?.completed == 2_700)
        #expect(statistics.days.map(\.name) == ["1970-01-01"])
        #expect(statistics.days.first?.seconds == 1_350)
        #expect(statistics.failures.map(\.jobs) == [300])
        #expect(statistics.failures.first?.latest == "It broke.")
        #expect(try ledger.statistics(from: Timestamp(nanoseconds: 2_999_500_000_000)).users.map(\.jobs) == [1])
        #expect(try ledger.pace(formats: ["hdf5"]) == nil)
    }

    @Test func `a ledger of the first version is brought up to date`() throws {
        let old = try filled(100)
        try old.close()
        try TotalsTests.becomeThird(scratch.ledger)
        let database = try DatabaseQueue(path: scratch.ledger)
        try database.write { db in
            // As the first version left it.
            for trigger in try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'job%keep%'"
            ) {
                try db.execute(sql: "DROP TRIGGER \(trigger)")
            }
            for table in [
                "job_search", "job_formats", "job_projects", "queue_state", "notification_wishes", "notifications", "quota_entries",
                "quota_days", "quota_limits",
                "audit",
            ] {
                try db.execute(sql: "DROP TABLE \(table)")
            }
            for index in [
                "jobs_by_user", "jobs_by_uid", "jobs_by_submitter", "jobs_by_state_created", "job_datasets_by_dataset", "jobs_to_expire",
                "jobs_to_clear",
            ] {
                try db.execute(sql: "DROP INDEX \(index)")
            }
            for column in ["submitter", "submitter_uid", "expired_ns", "cleared_ns"] {
                try db.execute(sql: "ALTER TABLE jobs DROP COLUMN \(column)")
            }
            try db.execute(
                sql: """
                    CREATE INDEX jobs_by_user ON jobs (user, seq);
                    DELETE FROM grdb_migrations WHERE identifier <> '1 jobs';
                    PRAGMA user_version = 1;
                    """
            )
        }
        try database.close()
        let refusal = #expect(throws: LedgerError.self) { try Ledger.readOnly(path: scratch.ledger) }
        #expect(refusal?.kind == .olderSchema)
        let ledger = try Ledger(path: scratch.ledger)
        #expect(try found(ledger) { $0.text = "red" } == [77])
        #expect(
            try found(ledger) {
                $0.formats = ["hdf5"]
                $0.limit = 1
            } == [100]
        )
        #expect(try ledger.systemUsage(QuotaPolicy()).usedExports == 0)
    }
}
