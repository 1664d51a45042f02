import ExportCore
import Files
import Glibc

/// The right to change the catalogue's index, held by one process at a time: two scans at once would each do the other's
/// work, and one could remove what the other has just found.
enum ScanLock {
    /// Waits until no one else holds the lock, and holds it for the length of a call.
    ///
    /// It ends with the process, too.
    ///
    /// - Parameter index: The index's file; the lock is a file beside it.
    /// - Throws: `FileError`, `CancellationError`, whatever `body` throws.
    static func hold<Value>(index: String, cancellation: Cancellation, _ body: () throws -> Value) throws -> Value {
        let path = index + ".lock"
        let file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o644)
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw FileError("lock", path, errno: errno) }
            try cancellation.check()
            usleep(20_000)
        }
        defer { _ = flock(file.descriptor, LOCK_UN) }
        return try body()
    }
}
