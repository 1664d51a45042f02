import Checksums
import ExportCore
import Files
import Glibc

/// The finished files of one export, as they lie in the work folder.
struct PackageTree {
    private static let deepest = 64
    // So few that they are in the nearest caches when they are hashed and handed on.
    fileprivate static let pieceBytes = 128 << 10

    /// The folder that holds them.
    let root: String
    let cancellation: Cancellation

    /// Calls `body` for each file with its path below the root and its size, in the order of the paths' bytes.
    ///
    /// - Throws: what `body` throws, `FileError`, `CancellationError`, or `internal` where there is anything but files and
    ///   folders.
    func forEachFile(_ body: (_ path: String, _ bytes: Int64) throws -> Void) throws {
        try visit("", depth: 0, body)
    }

    /// The size of all files.
    func totalBytes() throws -> Int64 {
        var total: Int64 = 0
        try forEachFile { _, bytes in total += bytes }
        return total
    }

    private func visit(_ folder: String, depth: Int, _ body: (String, Int64) throws -> Void) throws {
        guard depth < Self.deepest else {
            throw ExportError(.internal, "The export's files lie more than \(Self.deepest) folders deep, which cannot be packaged.")
        }
        var entries: [(key: String, status: FileStatus)] = []
        for name in try FileSystem.list(folder.isEmpty ? root : "\(root)/\(folder)") {
            try cancellation.check()
            let status = try FileSystem.status(of: "\(root)/\(folder)\(name)")
            // With the slash behind them folders sort as the paths of their files do: "a.b" before "a/b" before "a0".
            entries.append((status.kind == .directory ? name + "/" : name, status))
        }
        entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (name, status) in entries {
            switch status.kind {
            case .directory: try visit(folder + name, depth: depth + 1, body)
            case .regular: try body(folder + name, status.bytes)
            case .symbolicLink, .special:
                throw ExportError(.internal, "\(root)/\(folder)\(name) is neither a file nor a folder, so it cannot be packaged.")
            }
        }
    }

    /// Reads a file from its beginning, hashes it, and hands it on piece by piece.
    ///
    /// - Parameters:
    ///   - path: below the root.
    ///   - bytes: how long it was.
    ///   - room: where the next piece is put; asked for each, and never empty.
    ///   - body: takes a piece.
    /// - Throws: what `body` throws, `FileError`, `ChecksumError`, `CancellationError`, or `io_error` where the file is not
    ///   as long as it was.
    func read(
        _ path: String,
        bytes: Int64,
        into room: () throws -> UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> SHA256Digest {
        let file = try OpenFile.reading("\(root)/\(path)", nofollow: true)
        _ = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        var hash = try SHA256()
        var rest = bytes
        while true {
            try cancellation.check()
            let piece = try room()
            let got = Glibc.read(file.descriptor, piece.baseAddress, min(piece.count, Self.pieceBytes))
            if got < 0 {
                if errno == EINTR { continue }
                throw FileError("read", file.path, errno: errno)
            }
            guard got > 0 else { break }
            guard got <= rest else { throw Self.changed(file.path) }
            rest -= Int64(got)
            let content = UnsafeRawBufferPointer(rebasing: piece[..<got])
            try hash.update(content)
            try body(content)
        }
        guard rest == 0 else { throw Self.changed(file.path) }
        return try hash.finish()
    }

    private static func changed(_ path: String) -> ExportError {
        ExportError(
            .ioError,
            "\(path) changed while it was being packaged.",
            hint: "Nothing else may write to the work folder; retry the job.",
            location: .init(file: path)
        )
    }
}

/// Room for one piece of a file after the other.
final class PieceBuffer {
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: PackageTree.pieceBytes, alignment: 64)

    deinit {
        bytes.deallocate()
    }

    func room() -> UnsafeMutableRawBufferPointer { bytes }
}
