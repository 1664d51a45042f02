public import ExportCore
import Glibc

/// A system call on a path that failed.
public struct FileError: Error, Hashable, Sendable {
    /// What was being done, as the end of the sentence "could not …": `open`, `rename to /x/y`.
    public var operation: String
    /// The path it was done to.
    public var path: String
    /// The kernel's number for the reason.
    public var errno: Int32

    /// A failed system call.
    public init(_ operation: String, _ path: String, errno: Int32) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    /// The kernel's words for the reason.
    public var reason: String {
        var buffer = [CChar](repeating: 0, count: 256)
        // The GNU variant may return a pointer to a constant string instead of filling the buffer.
        return buffer.withUnsafeMutableBufferPointer { pointer in
            guard let base = pointer.baseAddress, strerror_r(errno, base, pointer.count) == 0 else { return "error \(errno)" }
            return String(cString: base)
        }
    }

    /// Whether the path does not exist.
    public var isMissing: Bool { errno == ENOENT || errno == ENOTDIR }
    /// Whether something is there already.
    public var isExisting: Bool { errno == EEXIST || errno == ENOTEMPTY }
    /// Whether the file system has no room left, for anyone or for this user.
    public var isFull: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }
}

extension FileError: CustomStringConvertible {
    /// A sentence: what could not be done, to which path, and the kernel's reason.
    public var description: String {
        "Could not \(operation) \(path): \(reason)."
    }
}

extension FileError: ExportErrorConvertible {
    /// The failure in the contract's words: full file systems are `storage_full`, everything else `io_error`.
    public var exportError: ExportError {
        switch errno {
        case ENOSPC, EDQUOT:
            ExportError(
                .storageFull,
                "Could not \(operation) \(path): no space is left on its file system.",
                hint: "Free some space or enlarge the file system; the job can then be retried.",
                location: .init(file: path)
            )
        case EFBIG:
            ExportError(
                .storageFull,
                "Could not \(operation) \(path): the file would exceed a size limit.",
                hint: "Raise the limit on file sizes; the job can then be retried.",
                location: .init(file: path)
            )
        case EROFS:
            ExportError(
                .ioError,
                "Could not \(operation) \(path): its file system is read-only.",
                hint: "Make it writable again; the job can then be retried.",
                location: .init(file: path)
            )
        case EACCES, EPERM:
            ExportError(
                .ioError,
                "Could not \(operation) \(path): permission denied.",
                hint: "Give the daemon's account access to it.",
                retryable: false,
                location: .init(file: path)
            )
        case ESTALE:
            ExportError(
                .ioError,
                "Could not \(operation) \(path): the network file system's handle went stale.",
                hint: "It is tried again by itself.",
                location: .init(file: path)
            )
        default:
            ExportError(.ioError, description, location: .init(file: path))
        }
    }
}
