import CHDF5
public import ExportCore
import Files
import Glibc

/// A call of the HDF5 library that failed, with the library's own words.
public struct HDF5Error: Error, Hashable, Sendable {
    /// What was being done, as the end of the sentence "could not …".
    public var operation: String
    /// The file concerned.
    public var path: String
    /// What the library says, outermost call first; empty where it says nothing.
    public var reason: String
    /// The kernel's number for the reason, where the failure was one of writing.
    public var errno: Int32

    /// A failed call, with the words on the library's error stack, which is emptied.
    init(_ operation: String, _ path: String) {
        // Read before any further call: a full disk is only told apart by the number that the failing write left.
        let number = Glibc.errno
        self.operation = operation
        self.path = path
        reason = HDF5Error.takeStack()
        errno = reason.contains("No space left on device") ? ENOSPC : reason.contains("quota exceeded") ? EDQUOT : number
    }

    /// A system call that failed on a file of the library's.
    init(_ operation: String, _ path: String, _ failure: FileError) {
        self.operation = operation
        self.path = path
        reason = failure.reason
        errno = failure.errno
    }

    private final class Words {
        var lines: [String] = []
    }

    /// The messages on this thread's error stack, which is emptied.
    private static func takeStack() -> String {
        let words = Words()
        let collect: H5E_walk2_t = { _, entry, context in
            guard let entry, let context else { return 0 }
            let words = Unmanaged<Words>.fromOpaque(context).takeUnretainedValue()
            if let description = entry.pointee.desc, words.lines.count < 8 {
                words.lines.append(String(cString: description))
            }
            return 0
        }
        H5Ewalk2(hid_t(H5E_DEFAULT), H5E_WALK_DOWNWARD, collect, Unmanaged.passUnretained(words).toOpaque())
        H5Eclear2(hid_t(H5E_DEFAULT))
        return words.lines.joined(separator: "; ")
    }
}

extension HDF5Error: CustomStringConvertible {
    /// A sentence: what could not be done, to which file, and the library's words.
    public var description: String {
        "Could not \(operation) in the HDF5 file \(path)" + (reason.isEmpty ? "." : ": \(reason).")
    }
}

extension HDF5Error: ExportErrorConvertible {
    /// A full file system is `storage_full`; any other failure to write or read our own files is `io_error`.
    public var exportError: ExportError {
        if errno == ENOSPC || errno == EDQUOT || errno == EFBIG {
            return ExportError(
                .storageFull,
                "Could not \(operation) in the HDF5 file \(path): no space is left on its file system.",
                hint: "Free some space or enlarge the file system; the job can then be retried.",
                location: .init(file: path)
            )
        }
        return ExportError(.ioError, description, location: .init(file: path))
    }
}
