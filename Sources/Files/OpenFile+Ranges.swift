import CLinux
import Glibc

extension OpenFile {
    /// Reads `count` bytes from `offset` on, wherever the file's position is; fewer only at the end of the file.
    public func read(at offset: Int64, count: Int) throws(FileError) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        if let failure { throw FileError("read", path, errno: failure) }
        return bytes
    }

    /// Appends a range of this file's bytes to another file at its position.
    ///
    /// The kernel copies them itself where both file systems allow it, and shares the blocks where they can.
    ///
    /// - Throws: EIO where this file ends within the range.
    public func copy(_ range: Range<Int64>, to target: borrowing OpenFile) throws(FileError) {
        var position = off_t(range.lowerBound)
        let end = off_t(range.upperBound)
        while position < end {
            let copied = copy_between_files(descriptor, &position, target.descriptor, end - position)
            if copied > 0 { continue }
            if copied == 0 { throw FileError("read", path, errno: EIO) }
            switch errno {
            case EINTR: continue
            // Two file systems, or one that can't: copy by hand.
            case EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EBADF:
                let bytes = try read(at: Int64(position), count: min(end - position, 1 << 20))
                guard !bytes.isEmpty else { throw FileError("read", path, errno: EIO) }
                try target.write(bytes)
                position += bytes.count
            default: throw FileError("copy to \(target.path) from", path, errno: errno)
            }
        }
    }
}
