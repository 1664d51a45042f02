public import ExportCore
public import Formats

/// Stretches of log time in nanoseconds, both ends included, in order and apart from each other.
public struct TimeWindows: Hashable, Sendable {
    /// The stretches.
    public let ranges: [ClosedRange<UInt64>]

    /// All of time.
    public static let everything = TimeWindows([0...UInt64.max])

    /// The union of some stretches.
    public init(_ ranges: [ClosedRange<UInt64>]) {
        var merged: [ClosedRange<UInt64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            // Stretches that touch are one: nothing lies between two neighbouring nanoseconds.
            if let last = merged.last, range.lowerBound <= last.upperBound || range.lowerBound - last.upperBound == 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    /// What a selection means for one recording.
    ///
    /// - Parameters:
    ///   - segments: the annotated segments, both ends of which belong to them.
    ///   - recorded: the first and the last log time of the recording, from which offsets count; nil where it holds nothing.
    public init(_ selection: TimeSelection, segments: [Segment], recorded: ClosedRange<UInt64>?) {
        switch selection {
        case .recording:
            self = .everything
        case .segments:
            self.init(
                segments.compactMap { segment in
                    guard segment.range.end.nanoseconds >= 0 else { return nil }
                    return UInt64(clamping: segment.range.start.nanoseconds)...UInt64(segment.range.end.nanoseconds)
                }
            )
        case .window(let from, let to):
            let start = from.map { Self.time($0, recorded) } ?? 0
            let end = to.map { Self.time($0, recorded) }
            // The end is the first instant that is not taken any more.
            guard let last = end.map({ $0 == 0 ? nil : $0 - 1 }) ?? UInt64.max, start <= last else {
                self.init([])
                return
            }
            self.init([start...last])
        }
    }

    private static func time(_ point: TimeSelection.Point, _ recorded: ClosedRange<UInt64>?) -> UInt64 {
        switch point {
        case .instant(let instant): return UInt64(clamping: instant.nanoseconds)
        case .offset(let nanoseconds):
            let (sum, overflow) = (recorded?.lowerBound ?? 0).addingReportingOverflow(UInt64(clamping: nanoseconds))
            return overflow ? .max : sum
        }
    }

    /// Whether an instant lies in one of the stretches.
    public func contains(_ time: UInt64) -> Bool {
        let place = firstPlace(endingFrom: time)
        return place < ranges.count && ranges[place].lowerBound <= time
    }

    /// Whether a stretch lies in them as a whole.
    public func covers(_ range: ClosedRange<UInt64>) -> Bool {
        let place = firstPlace(endingFrom: range.upperBound)
        return place < ranges.count && ranges[place].lowerBound <= range.lowerBound
    }

    /// Whether a stretch shares an instant with them.
    public func overlaps(_ range: ClosedRange<UInt64>) -> Bool {
        let place = firstPlace(endingFrom: range.lowerBound)
        return place < ranges.count && ranges[place].lowerBound <= range.upperBound
    }

    /// What they share with a stretch.
    public func clipped(to range: ClosedRange<UInt64>) -> TimeWindows {
        var shared: [ClosedRange<UInt64>] = []
        for place in firstPlace(endingFrom: range.lowerBound)..<ranges.count {
            guard ranges[place].lowerBound <= range.upperBound else { break }
            shared.append(ranges[place].clamped(to: range))
        }
        return TimeWindows(shared)
    }

    /// The union with others.
    public func union(_ other: TimeWindows) -> TimeWindows {
        TimeWindows(ranges + other.ranges)
    }

    /// The place of the first stretch that ends at an instant or later.
    private func firstPlace(endingFrom time: UInt64) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
