import Glibc

/// A file that has no name any more: the kernel frees its bytes when it is closed, or when the process ends, however it does.
struct UnnamedFile: ~Copyable {
    private let file: OpenFile
    private let directory: String

    /// Makes an empty file in a directory.
    init(in directory: String) throws(FileError) {
        let path = "\(directory)/.exportd-\(getpid())-\(uniqueNumber())-\(String(UInt32.random(in: .min ... .max), radix: 16))"
        do throws(FileError) {
            file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        } catch {
            // Nobody knows the file's own name.
            throw FileError("make a temporary file in", directory, errno: error.errno)
        }
        self.directory = directory
        unlink(path)
    }

    /// Writes all the bytes at a place.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let result = pwrite(file.descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written, offset + written)
            if result < 0 {
                if errno == EINTR { continue }
                throw FileError("write a temporary file in", directory, errno: errno)
            }
            written += result
        }
    }

    /// Maps the file's first bytes to be read; all of them must have been written.
    ///
    /// Who gets them unmaps them. They stay when the file is closed.
    func map(_ count: Int) throws(FileError) -> UnsafeRawBufferPointer {
        guard let address = mmap(nil, count, PROT_READ, MAP_SHARED, file.descriptor, 0), address != MAP_FAILED else {
            throw FileError("map a temporary file in", directory, errno: errno)
        }
        return UnsafeRawBufferPointer(start: address, count: count)
    }
}
