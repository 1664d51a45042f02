import Glibc

/// A file in memory under a name that stays, for readers that look where links lead to.
public final class NamedInputFile: Sendable {
    /// The path to give to the reader.
    public let path: String
    private let descriptor: Int32

    /// An empty file.
    public init(_ name: String) {
        path = "/dev/shm/\(name)"
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        precondition(descriptor >= 0, "There is no room for a file in memory")
    }

    /// Replaces the file's content.
    public func fill(_ bytes: UnsafeRawBufferPointer) {
        precondition(ftruncate(descriptor, 0) == 0)
        guard !bytes.isEmpty else { return }
        precondition(pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count)
    }
}
