import Checksums
import ExportCore
import Files

/// The file that an archive is written to, which is hashed meanwhile.
///
/// A gzip stream hands on its members from different threads but one at a time, each seeing what the one before it did,
/// and `finish` comes after all of them; so nothing here needs a lock of its own, hence unchecked.
final class ArchiveOutput: @unchecked Sendable {
    private var file: GrowingFile
    private var hash: SHA256?
    private var bytes: Int64 = 0

    /// Creates the file at `path`.
    init(_ path: String) throws {
        file = try GrowingFile(creating: path)
        hash = try SHA256()
    }

    /// Appends the bytes of pieces that follow each other.
    func write(_ pieces: [UnsafeRawBufferPointer]) throws {
        try file.write(pieces)
        for piece in pieces {
            try hash?.update(piece)
            bytes += Int64(piece.count)
        }
    }

    /// Waits until all bytes are on storage, and tells how many they are, and their digest; to be called once.
    func finish() throws -> (bytes: Int64, digest: SHA256Digest) {
        try file.synchronize()
        guard let digest = try hash.take()?.finish() else {
            throw ExportError(.internal, "\(file.path) was finished twice.")
        }
        return (bytes, digest)
    }
}
