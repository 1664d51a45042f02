package import Bytes

/// Which parts of the mapped file were read last.
///
/// Older ones are given back to the kernel, so that the memory of a process that reads a recording through does not grow
/// with the recording.
package struct TouchedPages {
    private var ranges: [Range<Int>] = []
    private var count = 0

    /// Nothing touched yet.
    package init() {}

    /// As much of the file as stays mapped; more than a chunk of any recorder.
    private static let limit = 32 << 20

    /// Notes that a range is being read.
    package mutating func touch(_ range: Range<Int>, of file: MappedFile) {
        guard ranges.last != range else { return }
        if let place = ranges.firstIndex(of: range) {
            // Messages of one moment may lie in two or three chunks, which are then read in turns.
            ranges.append(ranges.remove(at: place))
            return
        }
        ranges.append(range)
        count += range.count
        while count > Self.limit, ranges.count > 1 {
            let oldest = ranges.removeFirst()
            count -= oldest.count
            file.release(oldest)
        }
    }
}
