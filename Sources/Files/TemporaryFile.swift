import Glibc

/// A file for bytes that don't fit into memory, whose name goes with this value.
///
/// Who opened or mapped it meanwhile keeps its bytes; the kernel frees them when the last one is done.
public struct TemporaryFile: ~Copyable {
    /// Its path, valid as long as this value lives.
    public let path: String
    private let file: OpenFile

    /// Makes an empty file that only this user may read.
    public init(in directory: String = TemporaryFile.directory) throws(FileError) {
        path = "\(directory)/.exportd-\(getpid())-\(uniqueNumber())-\(String(UInt32.random(in: .min ... .max), radix: 16))"
        file = try OpenFile.creating(path, mode: 0o600)
    }

    deinit {
        unlink(path)
    }

    /// Writes all the bytes at the end.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try file.write(bytes)
    }

    /// The directory for temporary files: `TMPDIR`, else `/tmp`.
    public static var directory: String {
        guard let path = getenv("TMPDIR"), path.pointee != 0 else { return "/tmp" }
        return String(cString: path)
    }
}
