import Glibc

/// Whether it costs less to read a mapped file where it is mapped than to have it copied.
///
/// What comes from a disk with read-ahead lies in the kernel's cache in large pieces, each mapped with one fault, and reading it there
/// spares the copy. What a writer left there page by page takes a fault for every few pages, which costs more than copying them. Both
/// occur within one file, and nothing tells but trying.
public struct MappingTrial {
    private let mapped: MappedFile
    /// The answer, and for which places it stands.
    private var isCheap = false
    private var places = 0..<0
    /// For how long the next answer stands if mapping isn't cheap: trying costs something then.
    private var pause = shortestPause

    /// As much is mapped to find out.
    private static let tried = 512 << 10
    /// With more faults than these for that much, copying costs less, as measured.
    private static let mostFaults = 2
    private static let placesIfCheap = 4 << 20
    /// Hardly less than the kernel's largest pieces.
    private static let shortestPause = 2 << 20
    private static let longestPause = 64 << 20

    /// Trials of a file, none made so far.
    public init(_ mapped: MappedFile) {
        self.mapped = mapped
    }

    /// No trials: the answer is known.
    package init(_ mapped: MappedFile, isCheap: Bool) {
        (self.mapped, self.isCheap, places) = (mapped, isCheap, 0..<Int.max)
    }

    /// Whether mapping is the cheaper way from a place of the file on.
    ///
    /// - Parameter touch: takes the range that was mapped for trying, where something was.
    public mutating func isCheap(from place: Int, _ touch: (Range<Int>) -> Void) -> Bool {
        if places.contains(place) { return isCheap }
        guard place >= 0, place < mapped.count else { return false }
        let range = place..<min(mapped.count, place + Self.tried)
        touch(range)
        // A kernel that can't be asked is never asked again.
        guard let faults = mapped.populate(range) else {
            (isCheap, places) = (false, 0..<Int.max)
            return false
        }
        isCheap = faults * Self.tried <= Self.mostFaults * range.count
        places = place..<(place + (isCheap ? Self.placesIfCheap : pause))
        pause = isCheap ? Self.shortestPause : min(2 * pause, Self.longestPause)
        return isCheap
    }
}
