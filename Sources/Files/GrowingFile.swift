internal import CLinux
import Glibc

/// A file that is written from its beginning to its end, for which blocks are reserved ahead.
///
/// File systems that delay the choice of blocks account for each block of each write by itself, which is a third of what writing costs them;
/// blocks that are there already cost nothing. Where there is no room, or the file system can't, the file is written all the same.
public struct GrowingFile: ~Copyable {
    private let file: OpenFile
    private var written: Int64 = 0
    /// Up to where blocks were asked for; beyond any file once that was refused.
    private var reserved = firstStep

    /// A file that stays smaller reserves nothing.
    private static let firstStep: Int64 = 4 << 20
    private static let largestStep: Int64 = 64 << 20

    /// Creates a new file; fails where the name exists.
    public init(creating path: String) throws(FileError) {
        file = try OpenFile.creating(path)
    }

    /// The path that it was created by.
    public var path: String { file.path }

    /// Appends bytes.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        let end = written + Int64(bytes.count)
        reserve(upTo: end)
        try file.write(bytes)
        written = end
    }

    /// Appends the bytes of pieces that follow each other.
    public mutating func write(_ pieces: [UnsafeRawBufferPointer]) throws(FileError) {
        let end = pieces.reduce(written) { $0 + Int64($1.count) }
        reserve(upTo: end)
        try file.write(pieces)
        written = end
    }

    private mutating func reserve(upTo end: Int64) {
        while reserved < end {
            let step = min(reserved, Self.largestStep)
            reserved = reserve_blocks(file.descriptor, off_t(reserved), off_t(step)) == 0 ? reserved + step : .max
        }
    }

    /// Gives back what was reserved too much, and waits until the bytes are on storage.
    public func synchronize() throws(FileError) {
        try trim()
        try file.synchronize()
    }

    /// Gives back what was reserved too much, and closes the file.
    public consuming func closeChecked() throws(FileError) {
        try trim()
        try file.closeChecked()
    }

    private func trim() throws(FileError) {
        guard reserved > Self.firstStep else { return }
        guard ftruncate(file.descriptor, off_t(written)) == 0 else { throw FileError("shorten", path, errno: errno) }
    }
}
