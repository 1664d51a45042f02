import Files
import Glibc

/// The right to be the one daemon of a spool, held as long as this object lives.
///
/// The lock is the kernel's, on a file that only the daemon's account can open; it ends with the process that holds it,
/// however that ends, so nothing stale is ever left. The file's text only says who holds it.
public final class SpoolLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: `SpoolError` of kind `inUse` where another process holds it, naming that process.
    public init(_ layout: SpoolLayout) throws(SpoolError) {
        let path = "\(layout.claimed)/.lock"
        while true {
            let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw Self.failure(FileError("open", path, errno: errno)) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                let reason = errno
                defer { close(file) }
                guard reason == EWOULDBLOCK else { throw Self.failure(FileError("lock", path, errno: reason)) }
                throw SpoolError(
                    .inUse,
                    "The spool \(layout.root) is in use by \(Self.holder(file)).",
                    hint: "Stop that daemon, or use another spool."
                )
            }
            // Someone may have removed the file between open and lock; then the lock is on a file that nobody else finds.
            var opened = stat()
            var named = stat()
            if fstat(file, &opened) == 0, lstat(path, &named) == 0, opened.st_ino == named.st_ino, opened.st_dev == named.st_dev {
                descriptor = file
                break
            }
            close(file)
        }
        let text = "process \(getpid()) on \(Self.host())\n"
        _ = ftruncate(descriptor, 0)
        _ = Array(text.utf8).withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    deinit {
        // A child that is just being made holds a copy of the descriptor for a moment, so closing alone would not let go.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let got = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        let line = bytes.prefix(max(got, 0)).prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? "another process" : String(decoding: line, as: UTF8.self)
    }

    private static func host() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "this host" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func failure(_ error: FileError) -> SpoolError {
        SpoolError(
            .unavailable,
            "The spool's lock can't be taken. \(error)",
            hint: "The spool's file system must support locks (flock)."
        )
    }
}
