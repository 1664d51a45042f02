import CLinux
import Glibc

/// Where a directory's bytes are kept, as far as it matters to inotify and to SQLite.
public struct FileSystemKind: Hashable, Sendable {
    /// The name people know, such as `nfs` or `ext4`; the magic number where it is none of those known.
    public let name: String
    /// Whether other machines can change it without this kernel seeing, which makes it unfit for SQLite and blind for
    /// inotify.
    public let isNetwork: Bool

    /// What statfs(2) says of a path.
    public init(of path: String) throws(FileError) {
        var result = statfs()
        guard statfs(path, &result) == 0 else { throw FileError("look at the file system of", path, errno: errno) }
        let magic = UInt32(truncatingIfNeeded: result.f_type)
        // Numbers from linux/magic.h and statfs(2).
        let networks: [UInt32: String] = [
            0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x517B: "smb", 0x0BD0_0BD0: "lustre", 0x4750_4653: "gpfs",
            0x00C3_6400: "ceph", 0x0102_1997: "9p", 0x5346_414F: "afs", 0x6B41_4653: "kafs", 0x7461_636F: "ocfs2", 0x0116_1970: "gfs2",
            0x6573_5546: "fuse",
        ]
        let locals: [UInt32: String] = [
            0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x0102_1994: "tmpfs", 0x794C_7630: "overlay", 0x2FC1_2FC1: "zfs",
            0xF2F5_2010: "f2fs",
        ]
        isNetwork = networks[magic] != nil
        name = networks[magic] ?? locals[magic] ?? "0x\(String(magic, radix: 16))"
    }
}

extension FileSystem {
    /// Bytes that an unprivileged process may still write below a path.
    public static func freeBytes(at path: String) throws(FileError) -> Int64 {
        var result = statfs()
        guard statfs(path, &result) == 0 else { throw FileError("look at the file system of", path, errno: errno) }
        let (bytes, overflow) = Int64(clamping: result.f_bavail).multipliedReportingOverflow(by: Int64(result.f_bsize))
        return overflow ? .max : bytes
    }
}
