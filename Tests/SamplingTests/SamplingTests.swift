import ExportCore
import Files
import Sampling
import TestSupport
import Testing

private func samples(
    at times: [Int64],
    _ method: SamplingMethod,
    _ tolerance: SyncTolerance,
    hertz rate: Double
) throws -> StreamTimes {
    StreamTimes(times: SpilledArray(times), method: method, tolerance: tolerance, rate: try hertz(rate))
}

private func range(_ start: Int64, _ end: Int64) throws -> TimeRange {
    try #require(TimeRange(start: Timestamp(nanoseconds: start), end: Timestamp(nanoseconds: end)))
}

private func hertz(_ value: Double) throws -> Hertz {
    try #require(Hertz(value))
}

@Suite struct TickGridTests {
    @Test func `ticks are thirds of a hundred milliseconds rounded to the nearest nanosecond`() throws {
        let grid = try #require(TickGrid(range: range(1_000_000_000, 1_100_000_000), rate: hertz(30)))
        #expect((0..<grid.count).map { grid[$0] } == [1_000_000_000, 1_033_333_333, 1_066_666_667, 1_100_000_000])
    }

    @Test func `the end of a segment is part of it and one nanosecond less is not`() throws {
        #expect(try #require(TickGrid(range: range(0, 1_000_000_000), rate: hertz(10))).count == 11)
        #expect(try #require(TickGrid(range: range(0, 999_999_999), rate: hertz(10))).count == 10)
    }

    @Test func `a tick is never after the end although it is rounded`() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let start = Int64.random(in: 0...2_000_000_000_000_000_000, using: &generator)
            let end = start + Int64.random(in: 0...20_000_000_000, using: &generator)
            let rate = try #require(Hertz(microhertz: Int64.random(in: 1...200_000_000, using: &generator)))
            let grid = try #require(TickGrid(range: range(start, end), rate: rate))
            #expect(grid[0] == start)
            #expect(grid[grid.count - 1] <= end)
            #expect(Int128(grid.count) * 1_000_000_000_000_000 > Int128(end - start) * Int128(rate.microhertz))
        }
    }

    @Test func `a segment of centuries is refused instead of filling memory`() throws {
        #expect(TickGrid(range: try range(0, .max), rate: try hertz(30)) == nil)
    }
}

@Suite struct PicksTests {
    private func picks(_ times: [Int64], _ method: SamplingMethod, tolerance: Int64 = 10, ticks: (Int64, Int64)) throws -> Picks {
        // One tick a nanosecond's hundredth of a microsecond would be out of range, so ticks stand a microsecond apart.
        let grid = try #require(TickGrid(range: range(ticks.0, ticks.1), rate: hertz(1_000_000)))
        return Picks(grid: grid, stream: try samples(at: times, method, .nanoseconds(tolerance), hertz: 30))
    }

    @Test func `of two samples that are equally close the earlier one is taken`() throws {
        #expect(try picks([500, 1_500], .nearest, ticks: (1_000, 1_000)).samples == [0])
        #expect(try picks([500, 1_499], .nearest, ticks: (1_000, 1_000)).samples == [1])
    }

    @Test func `of several samples at one instant nearest takes the first and previous the last`() throws {
        #expect(try picks([900, 900, 900], .nearest, ticks: (1_000, 1_000)).samples == [0])
        #expect(try picks([900, 900, 900], .previous, ticks: (1_000, 1_000)).samples == [2])
    }

    @Test func `previous never looks ahead`() throws {
        let result = try picks([1_001, 2_000], .previous, ticks: (1_000, 3_000))
        #expect(result.samples == [-1, 1, 1])
        #expect(result.withinTolerance == [false, true, false])
    }

    @Test func `a stream without samples gives none`() throws {
        #expect(try picks([], .nearest, ticks: (0, 2_000)).samples == [-1, -1, -1])
    }

    @Test func `picks agree with a search over all samples`() throws {
        var generator = SeededGenerator(seed: 11)
        for round in 0..<300 {
            let times = (0..<Int.random(in: 0...40, using: &generator)).map { _ in Int64.random(in: 0...30_000, using: &generator) }
                .sorted()
            let tolerance = Int64.random(in: 0...3_000, using: &generator)
            let start = Int64.random(in: 0...15_000, using: &generator)
            let grid = try #require(TickGrid(range: range(start, start + 12_000), rate: hertz(700_000)))
            for method in SamplingMethod.allCases {
                let stream = try samples(at: times, method, .nanoseconds(tolerance), hertz: 30)
                let picks = Picks(grid: grid, stream: stream)
                for k in 0..<grid.count {
                    let tick = grid[k]
                    let expected: Int
                    if method == .previous {
                        expected = times.lastIndex { $0 <= tick } ?? -1
                    } else {
                        let best = times.map { abs($0 - tick) }.min()
                        expected = times.firstIndex { abs($0 - tick) == best } ?? -1
                    }
                    #expect(picks.samples[k] == expected, "round \(round), \(method), tick \(tick)")
                    #expect(picks.withinTolerance[k] == (expected >= 0 && abs(times[expected] - tick) <= tolerance))
                }
            }
        }
    }
}

@Suite struct ToleranceTests {
    @Test func `auto is half a tick for fast streams and three quarters of the median for slow ones`() throws {
        let fast = try samples(at: (0..<100).map { $0 * 10_000_000 }, .nearest, .auto, hertz: 30)
        #expect(fast.tolerance == 16_666_666)
        let slow = try samples(at: (0..<100).map { $0 * 66_000_000 }, .nearest, .auto, hertz: 30)
        #expect(slow.tolerance == 49_500_000)
    }

    @Test(arguments: [2, 3, 8_193, 8_194, 8_195, 30_000, 30_001], [1, 20, 1_000_000, .max / 40_000] as [Int64])
    func `the median interval is that of the sorted ones, however many there are`(count: Int, longest: Int64) throws {
        var generator = SeededGenerator(seed: UInt64(count) &+ UInt64(longest))
        var time: Int64 = -50
        let times = (0..<count).map { _ in
            defer { time += .random(in: 0...longest, using: &generator) }
            return time
        }
        let intervals = zip(times, times.dropFirst()).map { $1 - $0 }.sorted()
        let middle = intervals.count / 2
        let expected = intervals.count % 2 == 1 ? intervals[middle] : (intervals[middle - 1] + intervals[middle]) / 2
        #expect(StreamTimes.medianInterval(of: SpilledArray(times)) == expected)
    }

    @Test func `the distances of many ticks come to what they would in memory`() throws {
        var generator = SeededGenerator(seed: 5)
        let times = (0..<20_000).map { Int64($0) * 33_333_333 + .random(in: 0..<30_000_000, using: &generator) }
        let grid = try #require(TickGrid(range: range(0, times[19_999]), rate: hertz(30)))
        let stream = try samples(at: times, .nearest, .auto, hertz: 30)
        let alignment = Alignment(grid: grid, streams: [stream], strict: true)
        var errors = SyncErrors(scratch: TemporaryFile.directory)
        try errors.add(alignment, stream: 0, times: stream.times, strict: true)
        let distances = alignment.pieces.joined().map { Picks.distance(times[alignment.picks[0].samples[$0]], grid[$0]) }
        let summary = try errors.summary()
        #expect(summary.ticks == distances.count && distances.count > 8_192)
        #expect(summary.mean == distances.reduce(0.0) { $0 + Double($1) } / Double(distances.count) / 1e6)
        #expect(summary.p95 == Double(distances.sorted()[(distances.count * 95 + 99) / 100 - 1]) / 1e6)
        #expect(summary.max == Double(distances.max() ?? 0) / 1e6)
    }

    @Test func `one sample has no interval and gets half a tick`() throws {
        #expect(try samples(at: [5], .nearest, .auto, hertz: 50).tolerance == 10_000_000)
    }
}

@Suite struct AlignmentTests {
    private let second: Int64 = 1_000_000_000

    private func stream(_ times: [Int64]) throws -> StreamTimes {
        try samples(at: times, .nearest, .nanoseconds(60_000_000), hertz: 10)
    }

    @Test func `a hole splits the segment and pieces under half a second go`() throws {
        let grid = try #require(TickGrid(range: range(0, 4 * second), rate: hertz(10)))
        // Samples at each tick but for 1.0…1.9 s and 2.3…2.9 s: pieces 0…0.9, 2.0…2.2 (too short) and 3.0…4.0.
        let times = (0...40).filter { !(10...19).contains($0) && !(23...29).contains($0) }.map { Int64($0) * 100_000_000 }
        let alignment = Alignment(grid: grid, streams: [try stream(times)], strict: true)
        #expect(alignment.pieces == [0..<10, 30..<41])
        #expect(alignment.losses.inHoles == 17)
        #expect(alignment.losses.inShortPieces == 3)
        #expect(alignment.losses.shortPieces == 1)
        #expect(alignment.losses.trimmed == 0)
    }

    @Test func `ends where a stream is silent are trimmed`() throws {
        let grid = try #require(TickGrid(range: range(0, 4 * second), rate: hertz(10)))
        let all = (0...40).map { Int64($0) * 100_000_000 }
        let alignment = Alignment(grid: grid, streams: [try stream(all), try stream(Array(all[5...30]))], strict: true)
        #expect(alignment.pieces == [5..<31])
        #expect(alignment.losses.trimmed == 15)
    }

    @Test func `without strict matching every tick stays and what was held is counted`() throws {
        let grid = try #require(TickGrid(range: range(0, 4 * second), rate: hertz(10)))
        let times = (0...40).filter { !(10...19).contains($0) }.map { Int64($0) * 100_000_000 }
        let alignment = Alignment(grid: grid, streams: [try stream(times)], strict: false)
        #expect(alignment.pieces == [0..<41])
        var errors = SyncErrors(scratch: TemporaryFile.directory)
        try errors.add(alignment, stream: 0, times: SpilledArray(times), strict: false)
        #expect(errors.held == 10)
        #expect(errors.dropped == 0)
        #expect(try errors.summary().max == 500)
    }

    @Test func `a segment outside the recording has no piece`() throws {
        let grid = try #require(TickGrid(range: range(10 * second, 12 * second), rate: hertz(10)))
        let alignment = Alignment(grid: grid, streams: [try stream([0, second])], strict: true)
        #expect(alignment.pieces.isEmpty)
        #expect(alignment.losses.trimmed == 21)
    }

    @Test func `each kept tick has every stream within tolerance and each dropped one lacks some`() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let grid = try #require(TickGrid(range: range(0, 6 * second), rate: hertz(20)))
            let streams = try (0..<3).map { _ in
                try stream((0..<80).map { _ in Int64.random(in: 0...(6 * second), using: &generator) }.sorted())
            }
            let alignment = Alignment(grid: grid, streams: streams, strict: true)
            let kept = Set(alignment.pieces.flatMap { Array($0) })
            for k in 0..<grid.count where kept.contains(k) {
                #expect(alignment.picks.allSatisfy { $0.withinTolerance[k] })
            }
            #expect(kept.count + alignment.losses.total == grid.count)
            #expect(alignment.pieces.allSatisfy { grid[$0.upperBound - 1] - grid[$0.lowerBound] >= Alignment.minimumPieceNanoseconds })
        }
    }
}

@Suite struct InterpolationTests {
    @Test func `a tick between two samples is weighed by its distance`() throws {
        let stream = try samples(at: [0, 100], .linear, .nanoseconds(75), hertz: 30)
        #expect(Interpolation(tick: 25, nearest: 0, stream: stream)?.weight == 0.25)
        #expect(Interpolation(tick: 75, nearest: 1, stream: stream)?.weight == 0.75)
    }

    @Test func `nothing is drawn across a hole or beyond the ends`() throws {
        let stream = try samples(at: [0, 1_000], .linear, .nanoseconds(75), hertz: 30)
        #expect(Interpolation(tick: 25, nearest: 0, stream: stream) == nil)
        #expect(Interpolation(tick: -5, nearest: 0, stream: stream) == nil)
        #expect(Interpolation(tick: 1_005, nearest: 1, stream: stream) == nil)
    }
}
