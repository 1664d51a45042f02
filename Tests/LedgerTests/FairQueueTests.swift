import ExportCore
import TestSupport
import Testing

@testable import Ledger

@Suite struct FairQueueTests {
    @Test func `a position told from the lengths of the lines is the place in the whole order`() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            let count = Int.random(in: 1...25, using: &generator)
            let waiting = try (0..<count).map { number in
                FairQueue.Waiting(
                    id: try #require(JobID("job-\(number)")),
                    sequence: Int64(number),
                    uid: UInt32.random(in: 1...4, using: &generator),
                    priority: Int.random(in: 0...2, using: &generator)
                )
            }
            var turns: [UInt32: Int64] = [:]
            for (turn, uid) in [UInt32](1...4).shuffled(using: &generator).prefix(Int.random(in: 0...4, using: &generator)).enumerated() {
                turns[uid] = Int64(turn + 1)
            }
            let groups = Dictionary(grouping: waiting) { [Int($0.uid), $0.priority] }.values
            let lines = groups.map { group in
                FairQueue.Line(uid: group[0].uid, priority: group[0].priority, count: group.count, first: group.map(\.sequence).min() ?? 0)
            }
            for (place, id) in FairQueue.order(waiting, turns: turns).enumerated() {
                let job = try #require(waiting.first { $0.id == id })
                let line = try #require(lines.first { $0.uid == job.uid && $0.priority == job.priority })
                let rank = waiting.count { $0.uid == job.uid && $0.priority == job.priority && $0.sequence < job.sequence }
                #expect(FairQueue.position(rank: rank, in: line, lines: lines, turns: turns) == place)
            }
        }
    }
}
