import Testing

@testable import Encoders

@Suite struct LeRobotStatisticsTests {
    /// The quantile that sorting gives.
    private func sorted(_ values: [Float], _ share: Double) -> Double {
        Double(values.sorted()[Quantile.rank(share, of: values.count)])
    }

    private func rows(_ count: Int, width: Int, seed: UInt64) -> [[Float]] {
        var state = seed
        return (0..<count).map { _ in
            (0..<width).map { column in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let value = Float(Int32(truncatingIfNeeded: state >> 32)) / 1e6
                return column == 0 ? value : (value / 100).rounded() * Float(column)
            }
        }
    }

    @Test(arguments: [(1, 3), (2, 1), (99, 2), (2_000, 4)], [0, 1 << 20])
    func `quantiles are those of the sorted values, whether values are sorted or counted`(
        shape: (count: Int, width: Int),
        sortable: Int
    ) throws {
        let (count, width) = shape
        let rows = rows(count, width: width, seed: UInt64(count))
        var passes = 0
        let found = try OrderStatistics(width: width, count: count, sortable: sortable).quantiles { body in
            passes += 1
            for row in rows { try row.withUnsafeBufferPointer(body) }
        }
        #expect(passes == (sortable == 0 ? 2 : 1))
        for (quantile, values) in zip(Quantile.all, found) {
            for column in 0..<width { #expect(values[column] == sorted(rows.map { $0[column] }, quantile.share)) }
        }
    }

    @Test func `counting tells negative numbers, zeros and equal numbers apart`() throws {
        let values: [Float] = [-3, -1e-20, -0.5, 0, 0, 0.5, 2, 2, 2, 1e30]
        let repeated = Array(repeatElement(values, count: 200).joined())
        let found = try OrderStatistics(width: 1, count: repeated.count, sortable: 0).quantiles { body in
            for value in repeated { try [value].withUnsafeBufferPointer(body) }
        }
        #expect(found.map { $0[0] } == Quantile.all.map { sorted(repeated, $0.share) })
    }

    @Test func `moments added up are those of all values`() {
        let values = (0..<1_000).map { Double($0 * $0 % 97) + 1e9 }
        var all = Moments()
        var halves = (Moments(), Moments())
        for (index, value) in values.enumerated() {
            all.add(value)
            if index < 300 { halves.0.add(value) } else { halves.1.add(value) }
        }
        halves.0.merge(halves.1)
        let mean = values.reduce(0, +) / 1_000
        let std = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1_000).squareRoot()
        for moments in [all, halves.0] {
            #expect(abs(moments.mean - mean) < 1e-5 && abs(moments.std - std) < 1e-6)
            #expect(moments.min == values.min() && moments.max == values.max() && moments.count == 1_000)
        }
    }

    @Test func `moments of counted numbers are those of the numbers themselves`() {
        var added = Moments()
        for number in 40..<90 { added.add(Double(number) / 30) }
        let known = Moments.ofRange(from: 40, count: 50, scale: 1.0 / 30)
        #expect(abs(added.mean - known.mean) < 1e-12 && abs(added.std - known.std) < 1e-12)
        #expect(abs(added.min - known.min) < 1e-12 && abs(added.max - known.max) < 1e-12)
    }

    @Test(arguments: [(1, [0]), (3, [0, 1, 2]), (101, [0, 1, 2, 3])])
    func `frames are sampled from the first to the last`(length: Int, first: [Int]) {
        let frames = PixelStatistics.sampledFrames(of: length)
        #expect(Array(frames.prefix(first.count)) == first)
        #expect(frames.last == length - 1)
        #expect(frames.count == max(min(100, length), min(Int(Double(length).squareRoot()), 100)))
    }

    @Test func `long episodes are sampled by the power of three quarters`() {
        #expect(PixelStatistics.sampledFrames(of: 10_000).count == 1_000)
        #expect(PixelStatistics.sampledFrames(of: 3_000_000).count == 10_000)
        #expect(PixelStatistics.sampledFrames(of: 600).count == 121)
    }

    @Test func `large pictures are thinned out to about 150 pixels`() {
        #expect(PixelStatistics.step(width: 299, height: 200) == 1)
        #expect(PixelStatistics.step(width: 640, height: 480) == 4)
        #expect(PixelStatistics.step(width: 480, height: 1_280) == 8)
    }

    @Test func `a picture's colours are counted apart and scaled to one`() {
        var pixels = PixelStatistics()
        pixels.add(rgb: [0, 51, 255, 255, 51, 255, 0, 51, 255, 255, 51, 255])
        let statistics = pixels.statistics
        #expect(statistics.min == [0, 0.2, 1] && statistics.max == [1, 0.2, 1])
        #expect(statistics.mean == [0.5, 0.2, 1] && statistics.std == [0.5, 0, 0])
        #expect(statistics.count == 1 && statistics.quantiles[2] == [0, 0.2, 1])
    }

    @Test func `whole datasets are dealt out to splits by their shares, the same way every time`() throws {
        let datasets = (0..<20).map { (id: "recording \($0)", frames: 100) }
        let splits = SplitAssignment(["val": 0.2, "train": 0.8])
        #expect(splits.names == ["train", "val"])
        let dealt = try splits.datasets(datasets)
        #expect(dealt.map(\.count) == [16, 4])
        #expect(Set(dealt.flatMap { $0 }) == Set(0..<20))
        #expect(try splits.datasets(datasets) == dealt)
        #expect(try SplitAssignment(["train": 0.9, "val": 0.1]).datasets(Array(datasets.prefix(2))).map(\.count) == [1, 1])
        #expect(try SplitAssignment([:]).datasets(datasets) == [Array(0..<20)])
    }
}
