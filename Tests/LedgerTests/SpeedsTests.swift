import Ledger
import Testing

@Suite struct SpeedsTests {
    @Test func `how fast work was done outlives the daemon`() throws {
        let scratch = Scratch()
        let first = try Ledger(path: scratch.ledger)
        #expect(try first.speeds().isEmpty)
        try first.keep(speeds: ["a": 1, "b": 2])
        try first.keep(speeds: ["b": 3.5])
        try first.close()
        #expect(try Ledger(path: scratch.ledger).speeds() == ["a": 1, "b": 3.5])
    }
}
