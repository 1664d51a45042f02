public import ExportCore
public import Glibc

/// What the kernel says about a file: enough to tell whether it is the same file with the same content.
public struct FileStatus: Hashable, Sendable {
    /// What kind of thing a name stands for.
    public enum Kind: Hashable, Sendable {
        case regular
        case directory
        case symbolicLink
        /// A FIFO, socket or device.
        case special
    }

    /// What kind of thing it is.
    public var kind: Kind
    /// The file system that it lies on.
    public var device: UInt64
    /// Its number on that file system.
    public var inode: UInt64
    /// How many names it has.
    public var links: UInt64
    /// Size in bytes.
    public var bytes: Int64
    /// Modification time, by the clock of the file's server.
    public var modified: Timestamp
    /// Change time, by the clock of the file's server.
    public var changed: Timestamp
    /// The owner's numeric id.
    public var user: UInt32
    /// The group's numeric id.
    public var group: UInt32
    /// Permission bits.
    public var mode: UInt32

    /// What stat(2) and its like answered.
    public init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .special
            }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        links = UInt64(status.st_nlink)
        bytes = Int64(status.st_size)
        modified = Self.timestamp(status.st_mtim)
        changed = Self.timestamp(status.st_ctim)
        user = status.st_uid
        group = status.st_gid
        mode = status.st_mode & 0o7777
    }
    /// A file's owner sets its times to anything, so one that no timestamp holds becomes the nearest that there is.
    private static func timestamp(_ time: timespec) -> Timestamp {
        let (seconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return Timestamp(nanoseconds: time.tv_sec < 0 ? .min : .max) }
        let (sum, sumOverflow) = seconds.addingReportingOverflow(Int64(time.tv_nsec))
        return Timestamp(nanoseconds: sumOverflow ? .max : sum)
    }
}
