import Dispatch
import ExportCore
import Files
import Glibc
import Ledger
import Sidecars
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
    private let scratch = Scratch()

    @Test func `writers with connections of their own lose nothing and number without gaps`() throws {
        let path = scratch.ledger
        try Ledger(path: path).close()
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 4) { writer in
            do {
                let ledger = try Ledger(path: path)
                for index in 0..<25 { try ledger.accept(newJob(writer * 100 + index, uid: UInt32(writer))) }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 }.isEmpty)
        let jobs = try Ledger(path: path).list()
        #expect(jobs.map(\.sequence) == (1...100).reversed().map(Int64.init))
    }

    @Test func `of many that start the same job one does`() throws {
        let ledger = try Ledger(path: scratch.ledger)
        for number in 0..<20 { try ledger.accept(newJob(number)) }
        let wins = Mutex<[JobID]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            while let job = try? ledger.next() {
                if (try? ledger.start(job.id)) != nil { wins.withLock { $0.append(job.id) } }
            }
        }
        #expect(wins.withLock { $0.count } == 20)
        #expect(wins.withLock { Set($0).count } == 20)
    }
}

/// Whether this process may mount a small file system to fill it.
private let canMount: Bool = {
    let scratch = Scratch()
    guard mount("none", scratch.path, "tmpfs", 0, "size=1m") == 0 else { return false }
    return umount2(scratch.path, 0) == 0
}()

@Suite(.serialized) struct FullDiskTests {
    @Test(.enabled(if: canMount, "needs the right to mount a tmpfs"))
    func `on a full disk no job is taken and every running one can still be ended`() throws {
        let scratch = Scratch()
        try #require(mount("none", scratch.path, "tmpfs", 0, "size=16m") == 0)
        defer { umount2(scratch.path, Int32(MNT_DETACH)) }
        let ledger = try Ledger(path: scratch.ledger)
        for number in 0..<200 { try ledger.accept(newJob(number)) }
        for number in 0..<100 { try ledger.start(id(number)) }

        // Fill the disk to its last byte.
        let filler = try OpenFile.creating("\(scratch.path)/filler")
        let block = [UInt8](repeating: 1, count: 4096)
        while (try? filler.write(block)) != nil {}

        var refused: LedgerError?
        for number in 200..<4000 where refused == nil {
            do throws(LedgerError) { try ledger.accept(newJob(number)) } catch { refused = error }
        }
        #expect(refused?.kind == .full)
        #expect(refused?.exportError.code == .storageFull)
        for number in 0..<100 { try ledger.fail(id(number), ExportError(.storageFull, "The disk is full.")) }
        #expect(try ledger.counts()[.failed] == 100)
        #expect(ledger.isFull)
        #expect(throws: LedgerError.self) { try ledger.accept(newJob(9999)) }

        // Room again: the headroom is taken anew and jobs are accepted.
        try FileSystem.removeFile("\(scratch.path)/filler")
        _ = consume filler
        try ledger.accept(newJob(9999))
        #expect(!ledger.isFull)
        try ledger.close()
        #expect(try Ledger(path: scratch.ledger).counts()[.failed] == 100)
    }
}
