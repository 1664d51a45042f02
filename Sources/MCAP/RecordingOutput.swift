import Compression
import Files
import Glibc

/// The file that a writer writes: bytes one after the other, with their checksum.
///
/// Small records are gathered; large blobs go to the file directly. After a failed write every further one fails too, since the
/// file would have a hole.
final class RecordingOutput {
    /// How many bytes were put so far; what is gathered included.
    private(set) var position = 0

    private let path: String
    private var file: GrowingFile?
    private var failure: FileError?
    private var gathered: [UInt8] = []
    private var checksum = CRC32()

    /// So large that the cost of a call disappears in that of the bytes.
    private static let gatherLimit = 128 << 10

    /// Creates the file, which must not exist.
    init(path: String) throws(FileError) {
        self.path = path
        file = try GrowingFile(creating: path)
        gathered.reserveCapacity(Self.gatherLimit)
    }

    func put(_ bytes: [UInt8]) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) { try put(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    func put(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if let failure { throw failure }
        let isLarge = bytes.count > Self.gatherLimit / 2
        // What was gathered stands before what goes to the file directly.
        if isLarge || bytes.count > Self.gatherLimit - gathered.count { try flush() }
        if isLarge {
            try write(bytes)
        } else {
            gathered.append(contentsOf: bytes)
        }
        position += bytes.count
    }

    /// The checksum of everything since the beginning, or since it was last taken.
    func takeChecksum() throws(FileError) -> UInt32 {
        try flush()
        defer { checksum = CRC32() }
        return checksum.value
    }

    /// The checksum of everything since it was last taken, which goes on.
    func currentChecksum() throws(FileError) -> UInt32 {
        try flush()
        return checksum.value
    }

    /// Writes what is gathered and closes the file.
    func close() throws(FileError) {
        try flush()
        if let open = file.take() { try open.closeChecked() }
    }

    private func flush() throws(FileError) {
        var failure: FileError?
        gathered.withUnsafeBytes { buffer in
            do throws(FileError) { try write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        gathered.removeAll(keepingCapacity: true)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if let failure { throw failure }
        guard !bytes.isEmpty else { return }
        checksum.update(bytes)
        do throws(FileError) {
            try writeToFile(bytes)
        } catch {
            failure = error
            throw error
        }
    }

    private func writeToFile(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        guard file != nil else { throw FileError("write", path, errno: EBADF) }
        try file?.write(bytes)
    }
}
