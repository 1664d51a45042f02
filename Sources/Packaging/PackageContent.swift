import Bundles
import Checksums
import ExportCore
import Files

/// Everything that goes into a package: the files of a folder, and the files and further names that a bundle holds.
struct PackageContent {
    /// One file of the package.
    struct File {
        var path: String
        var bytes: Int64
        /// Whether it is a member of the bundle.
        var isBundled: Bool
        /// The file that it is a further name of, whose size and digest are its own; that one came before.
        var linkTarget: String?
    }

    /// Hands on a file's bytes piece by piece, and tells their digest; of a further name only the digest.
    typealias Read = (_ take: (UnsafeRawBufferPointer) throws -> Void) throws -> SHA256Digest

    let tree: PackageTree
    /// Where the bundle lies, if there is one.
    let bundle: String?
    let cancellation: Cancellation

    /// The size of all files of the folder, and about that of the bundle's.
    func size() throws -> (tree: Int64, bundle: Int64) {
        let bundled = try bundle.flatMap { try FileSystem.statusIfPresent(of: $0)?.bytes }
        return (try tree.totalBytes(), bundled ?? 0)
    }

    /// Calls `body` for each file, in the order of the paths' bytes, wherever it lies; it gives back the digest of what it read.
    ///
    /// - Parameters:
    ///   - room: where pieces of the folder's files are put when `body` reads them.
    ///   - body: takes a file.
    /// - Throws: what `body` throws, `FileError`, `ChecksumError`, `CancellationError`, or an `ExportError` where something is not
    ///   as it was written.
    func forEachFile(
        into room: @escaping () throws -> UnsafeMutableRawBufferPointer,
        _ body: (File, _ read: Read) throws -> SHA256Digest
    ) throws {
        guard let bundle, var reader = try BundleReader(bundle) else {
            return try tree.forEachFile { path, bytes in
                _ = try body(File(path: path, bytes: bytes, isBundled: false)) { try tree.read(path, bytes: bytes, into: room, $0) }
            }
        }
        var member = try reader.next()
        // What further names are told by; a bundle without any needs none of it.
        var named: [ExactPath: (bytes: Int64, digest: SHA256Digest)] = [:]
        let hasLinks = reader.hasLinks
        func handOn(_ member: BundleReader.Member) throws {
            guard member.path != Packager.manifestName else { throw Packager.hasManifest }
            if member.isLink {
                let target = try Self.text(of: &reader)
                guard let file = named[ExactPath(target)] else {
                    throw ExportError(.internal, "\(member.path) names \(target), which does not come before it in the package.")
                }
                _ = try body(File(path: member.path, bytes: file.bytes, isBundled: true, linkTarget: target)) { _ in file.digest }
                return
            }
            _ = try body(File(path: member.path, bytes: member.bytes, isBundled: true)) { take in
                var hash = try SHA256()
                try reader.read { piece in
                    try hash.update(piece)
                    try take(piece)
                }
                return try hash.finish()
            }
        }
        func handOnMembers(before path: String?) throws {
            while let next = member {
                if let path {
                    guard ExactPath(next.path) != ExactPath(path) else {
                        throw ExportError(.internal, "Two files of the export are called \(path).")
                    }
                    guard next.path.utf8.lexicographicallyPrecedes(path.utf8) else { return }
                }
                try cancellation.check()
                try handOn(next)
                member = try reader.next()
            }
        }
        try tree.forEachFile { path, bytes in
            try handOnMembers(before: path)
            let file = File(path: path, bytes: bytes, isBundled: false)
            let digest = try body(file) { try tree.read(path, bytes: bytes, into: room, $0) }
            if hasLinks { named[ExactPath(path)] = (bytes, digest) }
        }
        try handOnMembers(before: nil)
    }

    private static func text(of reader: inout BundleReader) throws -> String {
        var bytes: [UInt8] = []
        try reader.read { bytes.append(contentsOf: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
