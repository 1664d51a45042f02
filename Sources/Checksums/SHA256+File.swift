public import ExportCore
internal import Files
internal import Glibc

extension SHA256 {
    /// The digest and size of a file, read once from its beginning in pieces of 1 MiB.
    ///
    /// - Throws: `FileError`, `ChecksumError`, or `CancellationError` once `cancellation` is set.
    public static func digest(ofFile path: String, cancellation: Cancellation? = nil) throws -> (digest: SHA256Digest, bytes: Int64) {
        let file = try OpenFile.reading(path)
        _ = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        var hash = try SHA256()
        var total: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            try cancellation?.check()
            let got = read(file.descriptor, buffer.baseAddress, buffer.count)
            if got < 0 {
                if errno == EINTR { continue }
                throw FileError("read", path, errno: errno)
            }
            if got == 0 { break }
            try hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
            total += Int64(got)
        }
        return (try hash.finish(), total)
    }
}
