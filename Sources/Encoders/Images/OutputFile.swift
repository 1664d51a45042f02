import Files

/// A file that is written front to back in large pieces.
struct OutputFile: ~Copyable {
    private static let block = 1 << 20

    private let file: OpenFile

    /// Creates the file.
    init(_ path: String) throws {
        file = try .creating(path)
    }

    /// Writes what was gathered once it is much, and empties it.
    func take(_ bytes: inout [UInt8]) throws {
        if bytes.count >= Self.block { try finish(&bytes) }
    }

    /// Writes what was gathered and empties it.
    func finish(_ bytes: inout [UInt8]) throws {
        try file.write(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Appends the whole of another file, behind all that was finished.
    func append(contentsOf path: String) throws {
        let other = try OpenFile.reading(path)
        try other.copy(0..<other.status().bytes, to: file)
    }
}
