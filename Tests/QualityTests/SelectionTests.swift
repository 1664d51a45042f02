import TestSupport
import Testing

@testable import Quality

@Suite struct `Selected elements` {
    @Test func `are those of the sorted array, whatever its order`() {
        var random = SeededGenerator(seed: 4)
        for count in [1, 2, 3, 17, 18, 100, 5_000] {
            let arrays: [[Int64]] = [
                (0..<count).map { _ in Int64.random(in: -1_000_000...1_000_000, using: &random) },
                (0..<count).map { _ in Int64.random(in: 0...3, using: &random) },
                (0..<count).map(Int64.init), (0..<count).map { Int64(-$0) }, Array(repeating: 7, count: count),
                // Up and down again, which misleads the choice of pivots.
                (0..<count).map { Int64(min($0, count - $0)) },
            ]
            for array in arrays {
                let sorted = array.sorted()
                let ranks = [0, count / 4, count / 2, count / 2, count * 99 / 100, count - 1]
                var own = array
                #expect(own.select(ranks) == ranks.map { sorted[$0] })
                #expect(own.sorted() == sorted)
            }
        }
    }
}
