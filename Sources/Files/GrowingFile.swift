/// A file that is written from its beginning to its end, for which blocks are reserved ahead.
public struct GrowingFile: ~Copyable {
    private let file: OpenFile
    private var written: Int64 = 0
    private var reserve = BlockReserve()

    /// Creates a new file; fails where the name exists.
    public init(creating path: String) throws(FileError) {
        file = try OpenFile.creating(path)
    }

    /// The path that it was created by.
    public var path: String { file.path }

    /// Appends bytes.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        let end = written + Int64(bytes.count)
        reserve.reach(end, in: file.descriptor)
        try file.write(bytes)
        written = end
    }

    /// Appends the bytes of pieces that follow each other.
    public mutating func write(_ pieces: [UnsafeRawBufferPointer]) throws(FileError) {
        let end = pieces.reduce(written) { $0 + Int64($1.count) }
        reserve.reach(end, in: file.descriptor)
        try file.write(pieces)
        written = end
    }

    /// Gives back what was reserved too much, and waits until the bytes are on storage.
    public func synchronize() throws(FileError) {
        try reserve.trim(to: written, in: file)
        try file.synchronize()
    }

    /// Gives back what was reserved too much, and closes the file.
    public consuming func closeChecked() throws(FileError) {
        try reserve.trim(to: written, in: file)
        try file.closeChecked()
    }
}
