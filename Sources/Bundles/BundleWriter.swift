internal import ExportCore
internal import Files
internal import Synchronization

/// Writes many small files of a package into one file, one behind the other.
///
/// A hundred thousand label files cost the kernel seconds to create, to open again and to remove; as members of a bundle they
/// cost no more than their bytes. Whoever packages them reads them back in the order of their paths.
///
/// The file is there once something was added. A member is its path's length (32 bits, little-endian), its size (64 bits), its
/// path and its bytes.
public final class BundleWriter: Sendable {
    /// The longest path that a member may have, in bytes.
    static let longestPath = 4_096

    private let path: String
    private let state = Mutex(State())

    private struct State: ~Copyable {
        var file: OpenFile?
        var held: [UInt8] = []
    }

    private static let block = 1 << 20

    /// A bundle without members yet, at a path where nothing stands.
    public init(_ path: String) {
        self.path = path
    }

    /// Adds a member.
    ///
    /// - Parameters:
    ///   - member: its path in the package, relative and with `/` between its components; no other file of the package has it.
    ///   - bytes: its content.
    /// - Throws: `FileError`, or `internal` where the path is empty or too long.
    public func add(_ member: String, _ bytes: [UInt8]) throws {
        let length = member.utf8.count
        guard length > 0, length <= Self.longestPath else {
            throw ExportError(.internal, "A file of the package has a path of \(length) bytes; from 1 to \(Self.longestPath) are possible.")
        }
        try state.withLock { state in
            withUnsafeBytes(of: UInt32(length).littleEndian) { state.held.append(contentsOf: $0) }
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { state.held.append(contentsOf: $0) }
            state.held.append(contentsOf: member.utf8)
            state.held.append(contentsOf: bytes)
            if state.held.count >= Self.block { try flush(&state) }
        }
    }

    /// Writes what is still held; members can be added no more.
    public func finish() throws {
        try state.withLock { state in
            if !state.held.isEmpty { try flush(&state) }
            try state.file.take()?.closeChecked()
        }
    }

    private func flush(_ state: inout State) throws {
        if state.file == nil { state.file = try OpenFile.creating(path, mode: 0o640) }
        try state.file?.write(state.held)
        state.held.removeAll(keepingCapacity: true)
    }
}
