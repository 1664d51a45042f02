internal import ExportCore
internal import Files
internal import Glibc

/// Reads the members of a bundle in the order of their paths' bytes, whatever order they were added in.
///
/// Memory is bounded whatever the members' sizes: their bytes are handed on in pieces. The list of members stays in memory, 32
/// bytes and a path for each.
public struct BundleReader: ~Copyable {
    /// One member.
    public struct Member: Hashable, Sendable {
        /// Its path in the package.
        public var path: String
        /// How many bytes it has; of a further name that of the path which it names.
        public var bytes: Int64
        /// Whether it is a further name of a file, whose path its bytes are.
        public var isLink: Bool
    }

    /// Where a member's path and content lie in the file.
    private struct Place {
        var pathStart: Int
        var pathBytes: Int32
        var isLink: Bool
        var start: Int64
        var bytes: Int64
    }

    private static let headBytes = 12
    private static let windowBytes = 1 << 20

    private let file: OpenFile
    private let end: Int64
    private let window: UnsafeMutableRawBufferPointer
    /// What of the file is in the window.
    private var held: Range<Int64> = 0..<0
    /// The paths of all members, one behind the other.
    private var paths: [UInt8] = []
    private var places: [Place] = []
    private var isListed = false
    /// Whether some members are further names of files; known once the first member was asked for.
    public private(set) var hasLinks = false
    private var nextPlace = 0
    private var rest: Range<Int64> = 0..<0

    /// Opens a bundle.
    ///
    /// - Returns: nil where there is none, which is what a writer without members leaves.
    public init?(_ path: String) throws {
        guard try FileSystem.statusIfPresent(of: path) != nil else { return nil }
        let file = try OpenFile.reading(path, nofollow: true)
        end = try file.status().bytes
        self.file = file
        window = .allocate(byteCount: Self.windowBytes, alignment: 64)
    }

    deinit {
        window.deallocate()
    }

    /// The next member; nil behind the last one.
    ///
    /// - Throws: `FileError`, `io_error` where the bundle is damaged, or `internal` where two members have one path.
    public mutating func next() throws -> Member? {
        if !isListed {
            try list()
            isListed = true
        }
        guard nextPlace < places.count else { return nil }
        let place = places[nextPlace]
        nextPlace += 1
        rest = place.start..<place.start + place.bytes
        let path = String(decoding: paths[place.pathStart..<place.pathStart + Int(place.pathBytes)], as: UTF8.self)
        return Member(path: path, bytes: place.bytes, isLink: place.isLink)
    }

    /// Hands on the member's bytes, piece by piece; a small one mostly comes whole.
    ///
    /// - Throws: what `body` throws, `FileError`, or `io_error` where the bundle is damaged.
    public mutating func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        while !rest.isEmpty {
            // One that does not end in the window is read from its own beginning, not from the window's end.
            let wanted = min(rest.upperBound, rest.lowerBound + Int64(Self.windowBytes))
            if !(held.contains(rest.lowerBound) && held.upperBound >= wanted) { try fill(from: rest.lowerBound, atLeast: wanted) }
            let start = Int(rest.lowerBound - held.lowerBound)
            let count = Int(min(rest.upperBound, held.upperBound) - rest.lowerBound)
            rest = rest.lowerBound + Int64(count)..<rest.upperBound
            try body(UnsafeRawBufferPointer(rebasing: window[start..<start + count]))
        }
    }

    // MARK: - The list

    private mutating func list() throws {
        var position: Int64 = 0
        while position < end {
            try need(position + Int64(Self.headBytes), from: position)
            let head = UnsafeRawBufferPointer(window)
            let at = Int(position - held.lowerBound)
            let marked = UInt32(littleEndian: head.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            let length = Int(marked & ~BundleWriter.linkMark)
            let bytes = UInt64(littleEndian: head.loadUnaligned(fromByteOffset: at + 4, as: UInt64.self))
            guard length > 0, length <= BundleWriter.longestPath else { throw damage() }
            position += Int64(Self.headBytes)
            try need(position + Int64(length), from: position)
            let path = Int(position - held.lowerBound)
            position += Int64(length)
            guard bytes <= UInt64(end - position) else { throw damage() }
            places.append(
                Place(
                    pathStart: paths.count,
                    pathBytes: Int32(length),
                    isLink: marked != UInt32(length),
                    start: position,
                    bytes: Int64(bytes)
                )
            )
            hasLinks = hasLinks || marked != UInt32(length)
            paths.append(contentsOf: UnsafeRawBufferPointer(rebasing: window[path..<path + length]))
            position += Int64(bytes)
        }
        let paths = paths
        try paths.withUnsafeBytes { paths in
            func path(_ place: Place) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: paths[place.pathStart..<place.pathStart + Int(place.pathBytes)])
            }
            func order(_ left: Place, _ right: Place) -> Int32 {
                let (left, right) = (path(left), path(right))
                // Paths are at least a byte long, so both have an address.
                guard let a = left.baseAddress, let b = right.baseAddress else { return 0 }
                let common = memcmp(a, b, min(left.count, right.count))
                return common != 0 ? common : Int32(left.count) - Int32(right.count)
            }
            let isSorted = zip(places, places.dropFirst()).allSatisfy { order($0, $1) < 0 }
            if isSorted { return }
            places.sort { order($0, $1) < 0 }
            for (left, right) in zip(places, places.dropFirst()) where order(left, right) == 0 {
                throw ExportError(.internal, "Two files of the export are called \(String(decoding: path(left), as: UTF8.self)).")
            }
        }
    }

    // MARK: - The window

    /// Makes sure that the window holds the bytes up to `wanted`.
    private mutating func need(_ wanted: Int64, from position: Int64) throws {
        guard wanted <= end else { throw damage() }
        if position >= held.lowerBound, wanted <= held.upperBound { return }
        try fill(from: position, atLeast: wanted)
    }

    private mutating func fill(from position: Int64, atLeast wanted: Int64) throws {
        var filled = 0
        while position + Int64(filled) < wanted {
            let got = pread(file.descriptor, window.baseAddress?.advanced(by: filled), window.count - filled, off_t(position) + filled)
            if got < 0 {
                if errno == EINTR { continue }
                throw FileError("read", file.path, errno: errno)
            }
            guard got > 0 else { throw damage() }
            filled += got
        }
        held = position..<position + Int64(filled)
    }

    private func damage() -> ExportError {
        ExportError(
            .ioError,
            "\(file.path) is not what was written: it changed or is damaged.",
            hint: "Nothing else may write to the work folder; retry the job.",
            location: .init(file: file.path)
        )
    }
}
