import Quality
import TestSupport
import Testing

/// Streams as they should not be: each has a defined result.
@Suite struct `Odd streams` {
    private let second: Int64 = 1_000_000_000

    @Test func `one message, none, and all at one time have no beat and no drops`() {
        for times in [[], [5], Array(repeating: 7, count: 40)] as [[Int64]] {
            let found = FrameGaps(times: times)
            #expect(found.rhythm == nil)
            #expect(found.drops.isEmpty)
            #expect(found.meanRate == nil)
            #expect(found.regressions == 0)
        }
        #expect(FrameGaps(times: [5]).largestGap == nil)
        #expect(FrameGaps(times: [7, 7, 7]).largestGap == 0)
    }

    @Test func `the ends of the number range do not trap`() {
        let found = FrameGaps(times: [.min, 0, .max, .min, .max, 3, 2, 1])
        #expect(found.largestGap == .max)
        #expect(NearestMatches(stream: [.min, .max], reference: [.min, 0, .max], tolerance: 5).positions == [0, nil, 1])
    }

    @Test func `a stream that runs backwards is all regressions`() {
        let found = FrameGaps(times: (0..<50).map { Int64(100 - $0) * second })
        #expect(found.regressions == 49)
        #expect(found.drops.isEmpty)
        #expect(found.largestGap == nil)
    }

    @Test func `a clock that steps by an hour is no drop, and the rate is told all the same`() {
        let plain = SyntheticStream(hertz: 30, seconds: 20, jitter: 0.1, seed: 3).times
        for step in [3600 * second, -3600 * second] {
            let stepped = plain.indices.map { $0 < 200 ? plain[$0] : plain[$0] + step }
            let found = FrameGaps(times: stepped)
            #expect(found.drops.isEmpty)
            #expect(found.steps == (step > 0 ? 1 : 0))
            #expect(found.regressions == (step < 0 ? 1 : 0))
            #expect(abs((found.rhythm?.rate ?? 0) - 30) < 0.05)
            #expect(abs((found.meanRate ?? 0) - 30) < 0.05)
            #expect(found.largestGap.map { $0 > 3599 * second } == (step > 0))
        }
    }

    @Test func `frames that a stalled recorder wrote late in a heap are not lost`() {
        var times = SyntheticStream(hertz: 30, seconds: 20, jitter: 0.02, seed: 4).times
        for index in 100..<109 { times[index] = times[109] - Int64(109 - index) * 1_000_000 }
        let found = FrameGaps(times: times)
        #expect(found.drops.isEmpty)
        #expect(found.largestGap.map { $0 > 290_000_000 } == true)
    }

    @Test func `frames timed from one another keep their beat though it wanders`() {
        var random = SeededGenerator(seed: 9)
        var times: [Int64] = [0]
        for _ in 0..<2000 { times.append(times[times.count - 1] + Int64(33_333_333 * Double.random(in: 0.75...1.25, using: &random))) }
        let lost: Set = [400, 401, 900, 1500]
        let kept = times.indices.filter { !lost.contains($0) }.map { times[$0] }
        let found = FrameGaps(times: kept)
        #expect(found.drops.map(\.missing) == [2, 1, 1])
        #expect(found.drops.map(\.before) == [times[399], times[899], times[1499]])
    }

    @Test(arguments: 0..<40 as Range<UInt64>) func `distances at random have no beat, so nothing is missing in them`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let distances: [ClosedRange<Double>] = [0.5...1.5, 0.4...1.6, 0.1...1.9, 0.3...1.1]
        var times: [Int64] = [SyntheticStream.start]
        for _ in 0..<[300, 1000, 3000][Int(seed % 3)] {
            let share = Double.random(in: distances[Int(seed % 4)], using: &random)
            times.append(times[times.count - 1] + Int64(33_333_333 * share))
        }
        let found = FrameGaps(times: times)
        #expect(found.rhythm == nil)
        #expect(found.drops.isEmpty)
    }

    @Test func `a thousand hertz beside one: each frame of the slow one meets one of the fast`() {
        let fast = SyntheticStream(hertz: 1000, seconds: 10, seed: 5).times
        let slow = SyntheticStream(hertz: 1, seconds: 10, lag: 400_000, seed: 6).times
        let matches = NearestMatches(stream: fast, reference: slow, tolerance: nil)
        // The lag lies between the fast stream's 0th and 1st millisecond, nearer to the 0th.
        #expect(matches.positions == (0..<10).map { Optional($0 * 1000) })
        #expect(StreamLag(of: slow, against: fast).map { abs($0.lag - 400_000) < 1000 } == true)
    }

    @Test func `a reference that stops early is met as far as it goes`() {
        let reference = SyntheticStream(hertz: 30, seconds: 5, seed: 7).times
        let stream = SyntheticStream(hertz: 30, seconds: 20, lag: 3e6, seed: 8).times
        let matches = NearestMatches(stream: stream, reference: reference, tolerance: nil)
        #expect(matches.positions == (0..<150).map(Optional.init))
        #expect(StreamLag(of: stream, against: reference).map { abs($0.lag - 3e6) < 1000 } == true)
    }

    @Test func `curves are thinned without losing their extremes`() {
        var values = (0..<100_000).map { Int64($0 % 7) * 1_000_000 }
        values[77_777] = 500_000_000
        values[3] = -9_000_000
        let curve = QualityPlots.curve(of: values) { Double($0) }
        #expect(curve.count <= 2000)
        #expect(curve.contains(PlotPoint(seconds: 77_777, milliseconds: 500)))
        #expect(curve.contains(PlotPoint(seconds: 3, milliseconds: -9)))
        #expect(zip(curve, curve.dropFirst()).allSatisfy { $0.seconds < $1.seconds })
    }

    @Test func `the spread of distances is that of all of them sorted`() throws {
        var random = SeededGenerator(seed: 3)
        for count in [1, 2, 3, 7, 100, 4321] {
            let distances = (0..<count).map { _ in Int64.random(in: 0...50_000_000, using: &random) }
            let times = distances.reduce(into: [SyntheticStream.start]) { $0.append($0[$0.count - 1] + $1) }
            let gaps = FrameGaps(times: times)
            let spread = try #require(gaps.spread)
            #expect(spread.distribution == Distribution(nanoseconds: distances))
            #expect(spread.histogram == Histogram(nanoseconds: distances))
            #expect(gaps.medianInterval(of: []) == distances.sorted()[count / 2])
        }
    }

    @Test func `a histogram counts every value once`() throws {
        var values = (0..<1000).map { (value: Int64) -> Int64 in 33_000_000 + value % 100 * 1000 }
        values += [900_000_000, 0]
        let histogram = try #require(Histogram(nanoseconds: values))
        #expect(histogram.counts.reduce(histogram.below + histogram.above, +) == values.count)
        #expect(histogram.above >= 1 && histogram.below >= 1)
        #expect(try #require(Histogram(nanoseconds: [5, 5])).counts.reduce(0, +) == 2)
    }
}
