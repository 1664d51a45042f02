import Glibc

/// An open file that closes itself.
///
/// Every call retries on EINTR and throws `FileError` with the path.
public struct OpenFile: ~Copyable {
    /// The path that it was opened by, for messages.
    public let path: String
    /// The kernel's number for it; valid as long as this value lives.
    public private(set) var descriptor: Int32

    /// Opens a path with the flags of open(2); `O_CLOEXEC` is added.
    public init(_ path: String, flags: Int32, mode: UInt32 = 0o644) throws(FileError) {
        var result: Int32
        repeat { result = open(path, flags | O_CLOEXEC, mode) } while result < 0 && errno == EINTR
        guard result >= 0 else { throw FileError("open", path, errno: errno) }
        self.path = path
        descriptor = result
    }

    /// Takes over a file that is open already.
    ///
    /// - Parameter path: by what it was opened, for messages.
    public init(adopting descriptor: Int32, path: String) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Opens a path to read it.
    ///
    /// - Parameter nofollow: for folders in which others may put anything: a symbolic link in the last component is refused, and a
    ///   FIFO that nobody writes into is an empty file instead of being waited for.
    public static func reading(_ path: String, nofollow: Bool = false) throws(FileError) -> OpenFile {
        try OpenFile(path, flags: O_RDONLY | (nofollow ? O_NOFOLLOW | O_NONBLOCK : 0))
    }

    /// Creates a new file to write it; fails where the name exists.
    public static func creating(_ path: String, mode: UInt32 = 0o644) throws(FileError) -> OpenFile {
        try OpenFile(path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// What the kernel says about the open file.
    public func status() throws(FileError) -> FileStatus {
        var result = stat()
        guard fstat(descriptor, &result) == 0 else { throw FileError("look at", path, errno: errno) }
        return FileStatus(result)
    }

    /// Reads up to `count` bytes from the file's position; fewer only at the end of the file.
    public func read(upTo count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(min(count, 1 << 20))
        var chunk = [UInt8](repeating: 0, count: min(max(count, 1), 1 << 16))
        while bytes.count < count {
            let wanted = min(chunk.count, count - bytes.count)
            let got = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, wanted) }
            if got < 0 {
                if errno == EINTR { continue }
                throw FileError("read", path, errno: errno)
            }
            if got == 0 { break }
            bytes.append(contentsOf: chunk[..<got])
        }
        return bytes
    }

    /// Writes all the bytes at the file's position.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let result = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if result < 0 {
                if errno == EINTR { continue }
                throw FileError("write", path, errno: errno)
            }
            written += result
        }
    }

    /// Writes all the bytes at the file's position.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) { try write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Writes all the bytes of pieces that follow each other at the file's position.
    public func write(_ pieces: [UnsafeRawBufferPointer]) throws(FileError) {
        // iovec has no place for the promise that writing only reads.
        var vectors = pieces.map { iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count) }
        var first = 0
        while first < vectors.count {
            let count = Int32(min(vectors.count - first, Self.mostVectors))
            var written = vectors[first...].withUnsafeBufferPointer { writev(descriptor, $0.baseAddress, count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError("write", path, errno: errno)
            }
            while first < vectors.count, written >= vectors[first].iov_len {
                written -= vectors[first].iov_len
                first += 1
            }
            guard first < vectors.count else { break }
            vectors[first].iov_base = vectors[first].iov_base?.advanced(by: written)
            vectors[first].iov_len -= written
        }
    }

    /// So many pieces the kernel takes in one call (IOV_MAX).
    private static let mostVectors = 1024

    /// Sets the file's position, counted from its start.
    public func seek(to offset: Int64) throws(FileError) {
        guard lseek(descriptor, Int(offset), SEEK_SET) >= 0 else { throw FileError("seek in", path, errno: errno) }
    }

    /// Waits until the file's bytes are on its storage.
    public func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("flush", path, errno: errno) }
    }

    /// Closes the file and reports what close(2) says, which on network file systems may be the first word of a failed
    /// write.
    public consuming func closeChecked() throws(FileError) {
        let open = descriptor
        descriptor = -1
        guard close(open) == 0 else { throw FileError("close", path, errno: errno) }
    }
}
