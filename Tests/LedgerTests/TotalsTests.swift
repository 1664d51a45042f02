import ExportCore
import GRDB
import TestSupport
import Testing

@testable import Ledger

@Suite struct TotalsTests {
    private let scratch = Scratch()

    @Test func `sums are what the jobs come to, whatever becomes of them`() throws {
        var generator = SeededGenerator(seed: 3)
        let clock = TestClock()
        let ledger = try Ledger(path: scratch.ledger, clock: { clock.now })
        for number in 1...60 { try ledger.accept(newJob(number)) }
        for step in 0..<400 {
            let job = try #require(try ledger.job(id(Int.random(in: 1...60, using: &generator))))
            clock.advance(seconds: 7)
            switch (job.state, Int.random(in: 0...3, using: &generator)) {
            case (.pending, 0): try ledger.cancel(job.id)
            case (.pending, _): try ledger.start(job.id)
            case (.processing, 0): try ledger.requeue(job.id, .daemonStopped)
            case (.processing, 1): try ledger.fail(job.id, ExportError(step % 2 == 0 ? .internal : .ioError, "It failed."))
            case (.processing, _):
                let file = JobFile(export: 0, file: "a", bytes: Int64(step), sha256: String(repeating: "0", count: 64))
                try ledger.complete(job.id, exports: job.exports, files: [file], warnings: [])
            case (.failed, _), (.cancelled, _): try ledger.retry(job.id, by: "alice")
            case (.completed, _): continue
            }
        }
        let totals = try ledger.totals()
        let jobs = try ledger.list()
        #expect(totals.states == Dictionary(grouping: jobs, by: \.state).mapValues(\.count))
        #expect(totals.failures == Dictionary(grouping: jobs.compactMap(\.error?.code.rawValue)) { $0 }.mapValues(\.count))
        #expect(totals.publishedBytes == (try jobs.reduce(Int64(0)) { try $0 + ledger.files(of: $1.id).reduce(0) { $0 + $1.bytes } }))
        let completed = jobs.filter { $0.state == .completed }
        let seconds = completed.reduce(0.0) { sum, job in
            sum + Double((job.finished?.nanoseconds ?? 0) - (job.started?.nanoseconds ?? 0)) / 1e9
        }
        #expect(abs(totals.completedSeconds - seconds) < 1e-6)
        #expect(totals.lastSuccess == completed.compactMap(\.finished).max())
        #expect(try ledger.queueLength() == totals.states[.pending, default: 0])
        #expect(try ledger.queue().count == totals.states[.pending, default: 0])
        #expect(totals.oldestPending == jobs.filter { $0.state == .pending }.map(\.created).min())
    }

    @Test func `an older ledger gets the sums of the jobs that it holds`() throws {
        let ledger = try Ledger(path: scratch.ledger)
        for number in 1...9 { try ledger.accept(newJob(number)) }
        try ledger.fail(id(1), ExportError(.internal, "It failed."))
        try ledger.start(id(2))
        let file = JobFile(export: 0, file: "a", bytes: 70, sha256: String(repeating: "0", count: 64))
        try ledger.complete(id(2), exports: [], files: [file], warnings: [])
        let before = try ledger.totals()
        try ledger.close()
        try Self.becomeThird(scratch.ledger)
        #expect(try Ledger(path: scratch.ledger).totals() == before)
        #expect(before.states == [.pending: 7, .failed: 1, .completed: 1] && before.publishedBytes == 70)
    }

    /// Takes back what the fourth version brought.
    static func becomeThird(_ path: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.write { db in
            for trigger in [
                "jobs_total_insert", "jobs_total_update", "jobs_total_completed", "job_files_total_insert", "job_files_total_delete",
                "jobs_line_insert", "jobs_line_join", "jobs_line_leave",
            ] {
                try db.execute(sql: "DROP TRIGGER \(trigger)")
            }
            try db.execute(
                sql: """
                    DROP TABLE speeds;
                    DROP TABLE job_totals;
                    DROP TABLE export_totals;
                    DROP TABLE waiting_lines;
                    DROP INDEX jobs_waiting_again;
                    DROP INDEX jobs_waiting_control;
                    DROP INDEX jobs_waiting;
                    CREATE INDEX jobs_waiting ON jobs (state, priority, uid, seq, next_try_ns);
                    ALTER TABLE jobs DROP COLUMN is_long;
                    DELETE FROM grdb_migrations WHERE identifier IN ('4 totals', '5 speeds');
                    PRAGMA user_version = 3;
                    """
            )
        }
        try database.close()
    }
}
