package import Bytes

/// Which parts of the mapped file were read last.
///
/// Older ones are given back to the kernel, so that the memory of a process that reads a recording through does not grow
/// with the recording. Counted in whole stretches of a megabyte: giving back exactly what was read would leave the pages at
/// the edges of every chunk, which add up to hundreds of megabytes in a long recording.
package struct TouchedPages {
    /// Stretches by their number, the one touched last at the end.
    private var stretches: [Int] = []
    /// What was touched last.
    private var latest = 0..<0
    /// A range too long to be kept as stretches, until something else is touched.
    private var large: Range<Int>?

    /// Nothing touched yet.
    package init() {}

    private static let shift = 20
    /// As many stretches of the file stay mapped; more than a chunk of any recorder.
    private static let limit = 32
    /// The same in bytes.
    static let limitBytes = limit << shift

    /// Notes that a range is being read.
    @inline(__always)
    package mutating func touch(_ range: Range<Int>, of file: MappedFile) {
        let wanted = (range.lowerBound &>> Self.shift)..<((max(range.upperBound, range.lowerBound &+ 1) &- 1) &>> Self.shift &+ 1)
        if wanted != latest { touch(stretches: wanted, of: file) }
    }

    @inline(never)
    private mutating func touch(stretches wanted: Range<Int>, of file: MappedFile) {
        latest = wanted
        if let large { Self.release(large, of: file) }
        large = nil
        guard wanted.count <= Self.limit else {
            for stretch in stretches { Self.release(stretch..<(stretch + 1), of: file) }
            stretches = []
            large = wanted
            return
        }
        for stretch in wanted {
            // Messages of one moment may lie in several chunks, which are then read in turns.
            if let place = stretches.lastIndex(of: stretch) { stretches.remove(at: place) }
            stretches.append(stretch)
        }
        let excess = stretches.count - Self.limit
        guard excess > 0 else { return }
        for stretch in stretches.prefix(excess) { Self.release(stretch..<(stretch + 1), of: file) }
        stretches.removeFirst(excess)
    }

    private static func release(_ stretches: Range<Int>, of file: MappedFile) {
        let start = stretches.lowerBound << shift
        guard start < file.count else { return }
        file.release(start..<min(stretches.upperBound << shift, file.count))
    }
}
