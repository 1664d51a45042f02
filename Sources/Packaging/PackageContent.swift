import Bundles
import Checksums
import ExportCore
import Files

/// Everything that goes into a package: the files of a folder and the members of a bundle.
struct PackageContent {
    /// One file of the package.
    struct File {
        var path: String
        var bytes: Int64
        /// Whether it is a member of the bundle.
        var isBundled: Bool
    }

    /// Hands on a file's bytes piece by piece, and tells their digest.
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

    /// Calls `body` for each file, in the order of the paths' bytes, wherever it lies.
    ///
    /// - Throws: what `body` throws, `FileError`, `ChecksumError`, `CancellationError`, or an `ExportError` where something is not
    ///   as it was written.
    func forEachFile(_ body: (File, _ read: Read) throws -> Void) throws {
        guard let bundle, var reader = try BundleReader(bundle) else {
            return try tree.forEachFile { path, bytes in
                try body(File(path: path, bytes: bytes, isBundled: false)) { try tree.read(path, bytes: bytes, $0) }
            }
        }
        var member = try reader.next()
        func handOnMembers(before path: String?) throws {
            while let next = member {
                if let path {
                    guard next.path != path else { throw ExportError(.internal, "Two files of the export are called \(path).") }
                    guard next.path.utf8.lexicographicallyPrecedes(path.utf8) else { return }
                }
                try cancellation.check()
                guard next.path != Packager.manifestName else { throw Packager.hasManifest }
                try body(File(path: next.path, bytes: next.bytes, isBundled: true)) { take in
                    var hash = try SHA256()
                    try reader.read { piece in
                        try hash.update(piece)
                        try take(piece)
                    }
                    return try hash.finish()
                }
                member = try reader.next()
            }
        }
        try tree.forEachFile { path, bytes in
            try handOnMembers(before: path)
            try body(File(path: path, bytes: bytes, isBundled: false)) { try tree.read(path, bytes: bytes, $0) }
        }
        try handOnMembers(before: nil)
    }
}
