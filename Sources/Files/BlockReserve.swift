import CLinux
import Glibc

/// Blocks that are reserved ahead of what is written to a file from its beginning to its end.
///
/// File systems that delay the choice of blocks account for each block of each write by itself, which is a third of what writing costs them;
/// blocks that are there already cost nothing. Where there is no room, or the file system can't, the file is written all the same.
struct BlockReserve {
    /// A file that stays smaller reserves nothing.
    private static let firstStep: Int64 = 4 << 20
    private static let largestStep: Int64 = 64 << 20

    /// Up to where blocks were asked for; beyond any file once that was refused.
    private var reserved = firstStep

    /// Reserves blocks where a file is going to reach beyond those that it has.
    mutating func reach(_ end: Int64, in descriptor: Int32) {
        while reserved < end {
            let step = min(reserved, Self.largestStep)
            reserved = reserve_blocks(descriptor, off_t(reserved), off_t(step)) == 0 ? reserved + step : .max
        }
    }

    /// Gives back what lies beyond the file's end, which is at `end`.
    func trim(to end: Int64, in file: borrowing OpenFile) throws(FileError) {
        guard reserved > Self.firstStep else { return }
        guard ftruncate(file.descriptor, off_t(end)) == 0 else { throw FileError("shorten", file.path, errno: errno) }
    }
}

/// Reserves blocks for a file that someone else writes, such as a library that opens files by itself.
public struct GrowthReserve: ~Copyable {
    private let file: OpenFile
    private var reserve = BlockReserve()
    private var end: Int64 = 0

    /// So far a library may be ahead of what it was given, with what it writes of its own.
    private static let margin: Int64 = 1 << 20

    /// A reserve for a file that is there.
    public init(_ path: String) throws(FileError) {
        file = try OpenFile(path, flags: O_WRONLY | O_NOFOLLOW)
    }

    /// Tells that so many more bytes are going to be written.
    public mutating func expect(_ bytes: Int) {
        end += Int64(bytes)
        reserve.reach(end + Self.margin, in: file.descriptor)
    }

    /// Gives back what was reserved beyond the file's present end; nothing may be written to it meanwhile.
    public func trim() throws(FileError) {
        try reserve.trim(to: file.status().bytes, in: file)
    }
}
