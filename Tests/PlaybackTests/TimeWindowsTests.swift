import ExportCore
import Formats
import Testing

@testable import Playback

@Suite struct `Stretches of time` {
    @Test func `that touch or overlap are one`() {
        #expect(TimeWindows([10...20, 21...30, 5...6, 28...29]).ranges == [5...6, 10...30])
        #expect(TimeWindows([0...UInt64.max, 3...4]).ranges == [0...UInt64.max])
        #expect(TimeWindows([]).ranges.isEmpty)
    }

    @Test func `answer as a list of instants would`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let ranges = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                let start = UInt64.random(in: 0...40, using: &random)
                return start...(start + UInt64.random(in: 0...10, using: &random))
            }
            let windows = TimeWindows(ranges)
            func holds(_ time: UInt64) -> Bool { ranges.contains { $0.contains(time) } }
            for time in UInt64(0)...60 { #expect(windows.contains(time) == holds(time)) }
            for start in stride(from: UInt64(0), to: 50, by: 3) {
                let range = start...(start + 7)
                #expect(windows.overlaps(range) == range.contains { holds($0) })
                #expect(windows.covers(range) == range.allSatisfy { holds($0) })
                let clipped = windows.clipped(to: range)
                for time in UInt64(0)...60 { #expect(clipped.contains(time) == (holds(time) && range.contains(time))) }
            }
        }
    }

    @Test func `are what a request says`() throws {
        let recorded: ClosedRange<UInt64> = 1_000...9_000
        func ranges(_ selection: TimeSelection, _ segments: [Segment] = []) -> [ClosedRange<UInt64>] {
            TimeWindows(selection, segments: segments, recorded: recorded).ranges
        }
        #expect(ranges(.recording) == [0...UInt64.max])
        #expect(ranges(.window(from: .offset(500), to: .offset(600))) == [1_500...1_599])
        #expect(ranges(.window(from: .instant(Timestamp(nanoseconds: 2_000)), to: nil)) == [2_000...UInt64.max])
        #expect(ranges(.window(from: nil, to: .instant(Timestamp(nanoseconds: 2_000)))) == [0...1_999])
        #expect(ranges(.window(from: .offset(5_000), to: .instant(Timestamp(nanoseconds: 6_000)))) == [])
        #expect(ranges(.window(from: .offset(.max), to: nil)).count == 1)
        #expect(ranges(.window(from: nil, to: .instant(Timestamp(nanoseconds: -5)))) == [])
        let ends: [(Int64, Int64)] = [(3_000, 4_000), (-10, -5), (-5, 20), (4_001, 5_000)]
        let segments = try ends.map { start, end in
            let range = TimeRange(start: Timestamp(nanoseconds: start), end: Timestamp(nanoseconds: end))
            return Segment(range: try #require(range), task: "t")
        }
        #expect(ranges(.segments, segments) == [0...20, 3_000...5_000])
    }
}
