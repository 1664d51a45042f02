import ExportCore
import Ledger
import Testing

@Suite struct PausingTests {
    private let scratch = Scratch()

    @Test func `a paused queue holds back exports and lets through what could resume it`() throws {
        let ledger = try Ledger(path: scratch.ledger)
        let root = Actor(uid: 0, name: "root")
        try ledger.accept(newJob(1))
        #expect(try ledger.setPaused(true, by: root))
        #expect(try !ledger.setPaused(true, by: root))
        #expect(try ledger.next() == nil)
        var resume = newJob(2)
        resume.kind = "queue"
        try ledger.accept(resume)
        #expect(try ledger.next()?.id == id(2))
        try ledger.close()
        let again = try Ledger(path: scratch.ledger)
        #expect(try again.pause()?.actor == "root")
        #expect(try again.setPaused(false, by: root))
        #expect(try again.next()?.id == id(1))
        #expect(try again.audit(limit: 9).map(\.action) == ["queue resume", "queue pause"])
    }

    @Test func `only failures that may succeed are tried again`() throws {
        let ledger = try Ledger(path: scratch.ledger)
        for number in 1...5 { try ledger.accept(newJob(number)) }
        try ledger.fail(id(1), ExportError(.internal, "It failed."))
        try ledger.fail(id(2), ExportError(.requestInvalid, "It is wrong."))
        try ledger.fail(id(3), ExportError(.quotaExceeded, "It is too much."))
        try ledger.fail(id(4), ExportError(.internal, "It failed."))
        try ledger.accept(newJob(6, request: "r4.yml"))
        #expect(try ledger.retryable() == [id(1), id(3)])
        #expect(try ledger.openJobs(running: false) == [id(5), id(6)])
    }
}
