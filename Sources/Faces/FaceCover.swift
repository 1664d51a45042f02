/// What of a camera's pictures is to be covered: some rectangles in some of its frames.
public struct FaceCover: Sendable {
    /// One face in one frame.
    public struct Entry: Hashable, Sendable {
        /// The frame's number, as it was given to the tracker.
        public let frame: Int
        /// What is covered.
        public let area: FaceArea
        /// Whether no detector saw it in this very frame.
        public let isTracked: Bool

        /// The rectangle that is covered, margins included; it may reach beyond the picture.
        public var box: FaceBox { area.box }
    }

    /// All entries, by frame.
    public let entries: [Entry]
    /// Frames that were checked, by a detector or by following what it saw, as ranges of their numbers in order.
    let checked: [ClosedRange<Int>]
    /// Frames that detectors looked at.
    public let looks: Int
    /// The detectors with their versions.
    public let detector: String

    /// How many frames were checked.
    public var frames: Int { checked.reduce(0) { $0 + $1.count } }

    /// Whether a frame was checked; of others nothing is known.
    public func isKnown(_ frame: Int) -> Bool {
        var (low, high) = (0, checked.count)
        while low < high {
            let middle = (low + high) / 2
            if checked[middle].upperBound < frame { low = middle + 1 } else { high = middle }
        }
        return low < checked.count && checked[low].lowerBound <= frame
    }

    /// The rectangles of a frame.
    public func boxes(of frame: Int) -> ArraySlice<Entry> {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].frame < frame { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < entries.count, entries[end].frame == frame { end += 1 }
        return entries[low..<end]
    }

    /// Frames with at least one face.
    public var framesWithFaces: Int { zip(entries, entries.dropFirst()).count { $0.frame != $1.frame } + (entries.isEmpty ? 0 : 1) }

    /// Frames whose faces no detector saw in that very frame.
    public var trackedOnlyFrames: Int {
        var count = 0
        var start = 0
        while start < entries.count {
            var end = start
            var isTracked = true
            while end < entries.count, entries[end].frame == entries[start].frame {
                isTracked = isTracked && entries[end].isTracked
                end += 1
            }
            if isTracked { count += 1 }
            start = end
        }
        return count
    }
}
