import Testing

@testable import Encoders

@Suite struct TimeQueueTests {
    @Test func `times come in order and equal ones by their position`() {
        let streams: [[Int64]] = [[3, 3, 9], [], [1, 4, 9, 10], [.min, .max]]
        var next = streams.map { _ in 0 }
        func time(_ index: Int) -> Int64? { next[index] < streams[index].count ? streams[index][next[index]] : nil }
        var queue = TimeQueue(streams.indices.map { time($0) })
        var seen: [(Int64, Int)] = []
        while let index = queue.first {
            seen.append((streams[index][next[index]], index))
            next[index] += 1
            queue.replaceFirst(with: time(index))
        }
        let expected = streams.enumerated().flatMap { index, times in times.map { ($0, index) } }.sorted { $0 < $1 }
        #expect(seen.elementsEqual(expected, by: ==))
    }

    @Test func `intervals tell rate, median and the longest`() throws {
        let statistics = try #require(IntervalStatistics([0, 10, 20, 50]))
        #expect((statistics.rate, statistics.median, statistics.longest) == (6e7, 10, 30))
        #expect(IntervalStatistics([1]) == nil)
        #expect(IntervalStatistics([.min, .max])?.longest == .max)
        #expect(try #require(IntervalStatistics([4, 4])).rate == nil)
        #expect(try #require(IntervalStatistics([.min, .max])).rate == 1e9 / 0x1p64)
    }

    @Test func `the rate is as exact as times of today are`() throws {
        let start: Int64 = 1_772_360_000_000_000_007
        #expect(try #require(IntervalStatistics([start, start + 1_100])).rate == 1e9 / 1_100)
        #expect(try #require(IntervalStatistics([start, start + 1])).rate == 1e9)
    }
}

@Suite struct IntervalStatisticsTests {
    @Test func `the median of intervals that are not held is the one of those that are`() {
        var random = SystemRandomNumberGenerator()
        for count in [2, 3, 4, 5, 100, 1_001] {
            for spread in [Int64(0), 1, 70_000, 5_000_000_000, 1 << 53] {
                var time = Int64(-5)
                let times = (0..<count).map { _ in
                    time += Int64.random(in: 0...spread, using: &random)
                    return time
                }
                let intervals = zip(times.dropFirst(), times).map { $0 - $1 }.sorted()
                let found = IntervalStatistics(times)
                #expect(found?.median == intervals[(intervals.count - 1) / 2])
                #expect(found?.longest == intervals.last)
            }
        }
        #expect(IntervalStatistics([1]) == nil)
        #expect(IntervalStatistics([.min, .max])?.longest == .max)
    }
}
