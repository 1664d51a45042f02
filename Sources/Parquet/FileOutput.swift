internal import Files
import Glibc

/// A file that is written from front to back, small pieces gathered before they go to the kernel.
///
/// Once writing failed, everything fails: a file with a hole in it must not get a footer.
final class FileOutput {
    private static let gatheredBytes = 256 << 10

    let path: String
    /// Where the next byte goes.
    private(set) var offset: Int64 = 0
    private var file: OpenFile?
    private var gathered: [UInt8] = []
    private var failure: FileError?

    /// - Throws: `FileError`, also where the file exists.
    init(creating path: String) throws(FileError) {
        self.path = path
        file = try OpenFile.creating(path)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if let failure { throw failure }
        if gathered.count + bytes.count > Self.gatheredBytes { try flush() }
        if bytes.count > Self.gatheredBytes / 4 {
            try flush()
            try attempt { file throws(FileError) in try file.write(bytes) }
        } else {
            gathered.append(contentsOf: bytes)
        }
        offset += Int64(bytes.count)
    }

    func write(_ bytes: [UInt8]) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { buffer in
            do throws(FileError) { try write(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Appends a range of another file, inside the kernel where it can.
    func copy(_ range: Range<Int64>, of source: borrowing OpenFile) throws(FileError) {
        // Small pieces are gathered with their neighbours, as those that are written are.
        if range.upperBound - range.lowerBound <= Int64(Self.gatheredBytes / 4) {
            let bytes = try source.read(at: range.lowerBound, count: range.count)
            guard bytes.count == range.count else { throw FileError("read all of", source.path, errno: EIO) }
            return try write(bytes)
        }
        try flush()
        try attempt { file throws(FileError) in try source.copy(range, to: file) }
        offset += Int64(range.count)
    }

    /// Writes what is gathered and closes the file.
    func close() throws(FileError) {
        try flush()
        if let open = file.take() { try open.closeChecked() }
    }

    private func flush() throws(FileError) {
        guard !gathered.isEmpty else { return }
        try attempt { file throws(FileError) in try file.write(gathered) }
        gathered.removeAll(keepingCapacity: true)
    }

    private func attempt(_ body: (borrowing OpenFile) throws(FileError) -> Void) throws(FileError) {
        if let failure { throw failure }
        guard let open = file.take() else { return }
        do throws(FileError) {
            try body(open)
        } catch {
            failure = error
            file = consume open
            throw error
        }
        file = consume open
    }
}
