import ExportCore
import Files
import GRDB
import Glibc
import Sidecars
import Testing

@testable import Ledger

@Suite struct OpeningTests {
    private let scratch = Scratch()

    private func kind(_ body: () throws -> Void) -> LedgerError.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LedgerError)?.kind
        }
    }

    private func edit(_ sql: String) throws {
        let queue = try DatabaseQueue(path: scratch.ledger)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test func `a new ledger lies in a private folder and is readable by its group`() throws {
        let ledger = try Ledger(path: scratch.ledger)
        #expect(try FileSystem.status(of: "\(scratch.path)/state").mode == 0o750)
        #expect(try FileSystem.status(of: scratch.ledger).mode == 0o640)
        #expect(try FileSystem.status(of: "\(scratch.ledger)-wal").mode == 0o640)
        #expect(try ledger.list().isEmpty)
        #expect(!ledger.isFull)
    }

    @Test func `what was written is there after the ledger is opened again`() throws {
        let first = try Ledger(path: scratch.ledger)
        try first.accept(newJob(1))
        try first.close()
        let second = try Ledger(path: scratch.ledger)
        #expect(try second.job(id(1))?.request == "r1.yaml")
    }

    @Test func `a ledger of a newer schema is refused and left alone`() throws {
        try Ledger(path: scratch.ledger).close()
        try edit("PRAGMA user_version = 99")
        #expect(kind { _ = try Ledger(path: scratch.ledger) } == .newerSchema)
        #expect(kind { _ = try Ledger.readOnly(path: scratch.ledger) } == .newerSchema)
    }

    @Test(arguments: [
        "CREATE TABLE t (x); DROP TABLE t", "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)",
    ])
    func `a ledger whose making was cut off is made by the next daemon`(sql: String) throws {
        try FileSystem.makeDirectories("\(scratch.path)/state")
        try edit(sql)
        let ledger = try Ledger(path: scratch.ledger)
        #expect(try ledger.counts() == [:])
    }

    @Test func `a database of another program is refused and left alone`() throws {
        try FileSystem.makeDirectories("\(scratch.path)/state")
        try edit("CREATE TABLE theirs (x)")
        let before = try FileSystem.read(scratch.ledger, limit: 1 << 20)
        #expect(kind { _ = try Ledger(path: scratch.ledger) } == .notALedger)
        #expect(try FileSystem.read(scratch.ledger, limit: 1 << 20) == before)
    }

    @Test func `a file that is no database is refused and left alone`() throws {
        try FileSystem.makeDirectories("\(scratch.path)/state")
        let text = Array(String(repeating: "not a database\n", count: 100).utf8)
        try FileSystem.writeAtomically(scratch.ledger, text)
        #expect(kind { _ = try Ledger(path: scratch.ledger) } == .corrupt)
        #expect(try FileSystem.read(scratch.ledger, limit: 1 << 20) == text)
    }

    @Test func `a damaged ledger is refused`() throws {
        let ledger = try Ledger(path: scratch.ledger)
        for number in 1...200 { try ledger.accept(newJob(number)) }
        try ledger.close()
        var bytes = try FileSystem.read(scratch.ledger, limit: 1 << 24)
        for index in stride(from: 8192, to: bytes.count, by: 3) { bytes[index] ^= 0x5A }
        try FileSystem.writeAtomically(scratch.ledger, bytes)
        #expect(kind { _ = try Ledger(path: scratch.ledger) } == .corrupt)
    }

    @Test func `reading goes on beside a writer, and after it has gone`() throws {
        let writer = try Ledger(path: scratch.ledger)
        try writer.accept(newJob(1))
        let beside = try Ledger.readOnly(path: scratch.ledger)
        #expect(try beside.list().count == 1)
        try writer.accept(newJob(2))
        #expect(try beside.list().count == 2)
        try beside.close()
        try writer.close()
        #expect(!FileSystem.exists("\(scratch.ledger)-wal"))
        let after = try Ledger.readOnly(path: scratch.ledger)
        #expect(try after.list().count == 2)
        #expect(!FileSystem.exists("\(scratch.ledger)-wal"))
    }

    @Test func `nothing can be written through a ledger that was opened to read`() throws {
        try Ledger(path: scratch.ledger).accept(newJob(1))
        let reader = try Ledger.readOnly(path: scratch.ledger)
        #expect(throws: LedgerError.self) { try reader.start(id(1)) }
        #expect(try reader.job(id(1))?.state == .pending)
    }

    @Test func `a ledger that is not there cannot be read`() {
        #expect(throws: LedgerError.self) { try Ledger.readOnly(path: scratch.ledger) }
        #expect(!FileSystem.exists(scratch.ledger))
    }

    @Test func `a path with a question mark or a percent sign names itself`() throws {
        let path = "\(scratch.path)/state/a?b%20#c.sqlite"
        let ledger = try Ledger(path: path)
        try ledger.accept(newJob(1))
        try ledger.close()
        #expect(try Ledger.readOnly(path: path).list().count == 1)
    }

    @Test func `every change is flushed to storage before it counts`() throws {
        let ledger = try Ledger(path: scratch.ledger)
        let (journal, synchronous) = try ledger.database.writeWithoutTransaction { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
        }
        #expect(journal == "wal")
        // 2 is FULL.
        #expect(synchronous == 2)
    }

    @Test(arguments: [
        "UPDATE job_events SET reason = ''", "DELETE FROM job_events", "DELETE FROM jobs",
        "REPLACE INTO job_events SELECT * FROM job_events",
    ])
    func `the past cannot be rewritten, whoever tries`(sql: String) throws {
        let ledger = try Ledger(path: scratch.ledger)
        try ledger.accept(newJob(1))
        #expect(throws: DatabaseError.self) { try edit(sql) }
        #expect(try ledger.events(of: id(1)).count == 1)
    }

    @Test func `a wrong type never gets into a column`() throws {
        let ledger = try Ledger(path: scratch.ledger)
        try ledger.accept(newJob(1))
        #expect(throws: DatabaseError.self) { try edit("UPDATE jobs SET attempt = 'two'") }
        #expect(throws: DatabaseError.self) { try edit("UPDATE jobs SET state = 'lost'") }
        #expect(throws: DatabaseError.self) { try edit("UPDATE jobs SET state = 'failed'") }
    }
}
