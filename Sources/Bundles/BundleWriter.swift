internal import ExportCore
internal import Files
internal import Synchronization

/// Writes many small files of a package into one file, one behind the other.
///
/// A hundred thousand label files cost the kernel seconds to create, to open again and to remove; as members of a bundle they
/// cost no more than their bytes. Whoever packages them reads them back in the order of their paths.
///
/// A member may also be a further name of a file of the package.
///
/// The file is there once something was added. A member is its path's length (32 bits, little-endian, the highest being set for a
/// further name), its size (64 bits), its path, and its bytes or the path of the file that it names.
public final class BundleWriter: Sendable {
    /// The longest path that a member may have, in bytes.
    static let longestPath = 4_096
    /// What is added to the path's length of a further name.
    static let linkMark: UInt32 = 1 << 31

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
        try add(member, bytes, mark: 0)
    }

    /// Adds a further name of a file, so that it is in the package twice but takes its room once.
    ///
    /// - Parameters:
    ///   - member: its path in the package, behind the target's in the order of bytes.
    ///   - target: the path in the package of a file that is no member.
    /// - Throws: as `add(_:_:)`.
    public func link(_ member: String, to target: String) throws {
        try add(member, Array(target.utf8), mark: Self.linkMark)
    }

    private func add(_ member: String, _ bytes: [UInt8], mark: UInt32) throws {
        let length = member.utf8.count
        guard length > 0, length <= Self.longestPath else {
            throw ExportError(.internal, "A file of the package has a path of \(length) bytes; from 1 to \(Self.longestPath) are possible.")
        }
        try state.withLock { state in
            withUnsafeBytes(of: (UInt32(length) | mark).littleEndian) { state.held.append(contentsOf: $0) }
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
