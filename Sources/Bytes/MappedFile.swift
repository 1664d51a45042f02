public import Files
import Glibc

/// A file's bytes as the kernel maps them: read-only, paged in when touched, never counted as memory of this process alone.
///
/// A mapped file that shrinks under its reader (truncated by a writer, or gone stale on NFS) raises SIGBUS, which ends the
/// process; no check beforehand can prevent that. This is why only `export-worker`, which may die without harm to the
/// queue, maps recordings: the daemon never does.
///
/// A file that grows after it was mapped is seen at the size that it had then.
public final class MappedFile: @unchecked Sendable {
    // Sendable although it holds a pointer: the mapping is read-only and is not changed between init and deinit.

    /// How the pages are going to be used: advice to the kernel's read-ahead, without effect on what is read.
    public enum Access: Sendable {
        /// No particular order.
        case normal
        /// From the front to the back: read far ahead, and drop behind.
        case sequential
        /// Here and there: don't read ahead.
        case random

        fileprivate var advice: Int32 {
            switch self {
            case .normal: MADV_NORMAL
            case .sequential: MADV_SEQUENTIAL
            case .random: MADV_RANDOM
            }
        }
    }

    /// The path that was mapped, as the caller named it.
    public let path: String
    /// What the kernel said about it when it was mapped.
    let status: FileStatus
    private let bytes: UnsafeRawBufferPointer

    /// Maps a whole regular file.
    ///
    /// - Throws: `FileError` with the kernel's reason; EISDIR for a folder, ENODEV for a device, pipe or socket.
    public init(path: String) throws(FileError) {
        // Without O_NONBLOCK, opening a named pipe would wait for its writer for ever.
        let file = try OpenFile(path, flags: O_RDONLY | O_NONBLOCK)
        status = try file.status()
        guard status.kind == .regular else { throw FileError("map", path, errno: status.kind == .directory ? EISDIR : ENODEV) }
        self.path = path
        let size = Int(status.bytes)
        // mmap refuses a length of zero.
        if size > 0 {
            guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.descriptor, 0), address != MAP_FAILED else {
                throw FileError("map", path, errno: errno)
            }
            bytes = UnsafeRawBufferPointer(start: address, count: size)
        } else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }

    deinit {
        if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
    }

    /// The file's size in bytes when it was mapped.
    public var count: Int { bytes.count }

    /// Calls `body` with the file's bytes; the pointer is valid during the call only.
    @inline(__always)
    public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(bytes)
    }

    /// Tells the kernel how the pages are going to be used from now on.
    public func expect(_ access: Access) {
        guard let address = bytes.baseAddress else { return }
        // Advice only: a kernel that doesn't take it changes nothing but speed.
        _ = madvise(UnsafeMutableRawPointer(mutating: address), bytes.count, access.advice)
    }

    /// Maps the pages of a range that is about to be read, which waits for those that aren't in the kernel's cache.
    ///
    /// - Returns: how many faults of pages that took; `nil` where the kernel can't do it (before Linux 5.14), or can't read the file.
    public func populate(_ range: Range<Int>) -> Int? {
        guard let address = bytes.baseAddress, range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        let first = range.lowerBound & ~(Self.pageSize - 1)
        let before = Self.faults
        let start = UnsafeMutableRawPointer(mutating: address) + first
        guard madvise(start, range.upperBound - first, MADV_POPULATE_READ) == 0 else { return nil }
        return Self.faults - before
    }

    /// How many pages this thread met so far that weren't mapped.
    private static var faults: Int {
        var usage = rusage()
        // RUSAGE_THREAD is for _GNU_SOURCE only, which the Glibc module is built without.
        getrusage(1, &usage)
        return usage.ru_minflt + usage.ru_majflt
    }

    /// A power of two.
    private static let pageSize = sysconf(Int32(_SC_PAGESIZE))

    /// Gives up the process's pages of a range that has been read: they stay in the kernel's cache, and touching them
    /// again only maps them anew.
    ///
    /// Without this, reading a file once makes the process appear as large as the file, and a limit on its memory would
    /// count it so.
    public func release(_ range: Range<Int>) {
        guard let address = bytes.baseAddress else { return }
        let page = Self.pageSize
        // Pages at the edges may hold neighbours that are in use.
        let first = (max(range.lowerBound, 0) + page - 1) / page * page
        let last = min(range.upperBound, bytes.count) / page * page
        guard page > 0, first < last else { return }
        // Advice only: a kernel that doesn't take it changes nothing but what is counted.
        _ = madvise(UnsafeMutableRawPointer(mutating: address) + first, last - first, MADV_DONTNEED)
    }
}
