import Glibc

/// A file in memory that holds the fuzzer's input of one run, for readers that take a path.
public struct InputFile: ~Copyable, Sendable {
    private let descriptor: Int32

    /// The path to give to the reader.
    public var path: String { "/proc/self/fd/\(descriptor)" }

    /// An empty file.
    public init() {
        var template = Array("/dev/shm/fuzz-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        precondition(descriptor >= 0, "There is no room for a file in memory")
        // The file lives on under its descriptor, and ends with the process.
        unlink(template)
    }

    /// Replaces the file's content.
    public borrowing func fill(_ parts: UnsafeRawBufferPointer...) {
        precondition(ftruncate(descriptor, 0) == 0)
        var offset = 0
        for part in parts where !part.isEmpty {
            precondition(pwrite(descriptor, part.baseAddress, part.count, offset) == part.count)
            offset += part.count
        }
    }

    deinit { close(descriptor) }
}
