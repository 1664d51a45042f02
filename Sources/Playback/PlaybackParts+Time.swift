import ExportCore
import Formats
import MCAP
import Plans
import Recordings

extension PlaybackParts {
    /// A recording that would have more parts than this is gone through by its messages.
    ///
    /// Most of the parts are empty then: a clock was set while it was made, and what lies between is decades.
    private static let mostStretches: UInt64 = 5_000

    /// Writes parts of a length of log time.
    func write(partsOf length: UInt64) throws {
        guard let extent else { return }
        let last = (extent.upperBound - extent.lowerBound) / length
        if copier.isTangled || last >= Self.mostStretches {
            try writeTangled(from: extent.lowerBound, partsOf: length)
            return
        }
        for number in 0...last {
            let start = extent.lowerBound + number * length
            let end = start.addingReportingOverflow(length - 1)
            let last = end.overflow ? extent.upperBound : min(end.partialValue, extent.upperBound)
            let before = begunParts
            for range in windows.clipped(to: start...last).ranges {
                enter(range, newPart: begunParts == before)
                try copier.copy(.init(TimeWindows([range])), into: self)
            }
        }
    }

    /// Reads everything once, by time, where each chunk holds messages of many parts, or few parts have messages.
    private func writeTangled(from first: UInt64, partsOf length: UInt64) throws {
        var current: UInt64?
        for range in windows.ranges {
            var isEntered = false
            try content.source.forEachInLogOrder(in: range) { head, data in
                let number = (head.logTime - first) / length
                if number != current || !isEntered {
                    let start = max(first + number * length, range.lowerBound)
                    enter(start...range.upperBound, newPart: number != current)
                    current = number
                    isEntered = true
                }
                try write(head, data)
            }
        }
    }
}
