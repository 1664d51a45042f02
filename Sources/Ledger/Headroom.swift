import Files
import Glibc

/// Room on the ledger's file system that is kept back for the day when it is full: a file beside the ledger that is
/// given up so that jobs can still be brought to their end.
struct Headroom: Sendable {
    /// Enough for many thousand changes of state in the write-ahead log.
    static let bytes = 4 << 20

    /// The file that takes up the room.
    let path: String

    /// Whether the room is there.
    var isHeld: Bool {
        (try? FileSystem.status(of: path))?.bytes == Int64(Self.bytes)
    }

    /// Takes the room, if it is not held already.
    func hold() throws(FileError) {
        if isHeld { return }
        try FileSystem.removeFile(path)
        let file = try OpenFile.creating(path, mode: 0o600)
        // posix_fallocate(3) returns its error instead of setting errno, and writes zeros where the file system cannot
        // allocate without.
        let error = posix_fallocate(file.descriptor, 0, off_t(Self.bytes))
        guard error == 0 else {
            try FileSystem.removeFile(path)
            throw FileError("reserve \(Self.bytes) bytes for", path, errno: error)
        }
    }

    /// Gives the room up.
    ///
    /// - Returns: whether there was any.
    func release() -> Bool {
        unlink(path) == 0
    }
}
