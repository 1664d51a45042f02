import Glibc

/// What identifies a file and its content, as far as a directory can tell: the file itself, its size and when it was
/// last written.
///
/// A name says nothing, because a rename over it leaves no trace.
public struct EntryIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64
    /// Its size.
    public let bytes: Int64
    /// Nanoseconds of the modification time, by the clock of the file's server.
    let modified: Int64
}

/// What the kernel says about one entry of a folder.
struct EntryStatus: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case regular
        case directory
        case symbolicLink
        case special
    }

    var kind: Kind
    var identity: EntryIdentity
    var links: UInt64
    /// Nanoseconds of the change time, by the clock of the file's server.
    var changed: Int64
    var owner: UInt32
    var mode: UInt32

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .special
            }
        identity = EntryIdentity(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            bytes: Int64(status.st_size),
            modified: Self.nanoseconds(status.st_mtim)
        )
        links = UInt64(status.st_nlink)
        changed = Self.nanoseconds(status.st_ctim)
        owner = status.st_uid
        mode = status.st_mode & 0o7777
    }

    /// Nanoseconds since the epoch.
    ///
    /// A file's owner sets its times to anything, so the sum saturates.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (seconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return time.tv_sec < 0 ? .min : .max }
        let (sum, sumOverflow) = seconds.addingReportingOverflow(Int64(time.tv_nsec))
        return sumOverflow ? .max : sum
    }
}
