import Archive
import Bundles
import Checksums
import Compression
public import ExportCore
import Files
import Glibc
public import Plans
public import Requests

/// Makes the package that a user takes away from the finished files of one export.
///
/// Everything is written under names that begin with a dot, flushed to storage, and only then given its final name:
/// nothing half-written ever has one. A package that is there already under the final name is replaced.
public struct Packager {
    /// The name of the manifest inside a package.
    public static let manifestName = "manifest.json"
    /// The name of the page for people inside the package of an export that has one.
    public static let reportName = "report.html"

    static let hasManifest = ExportError(.internal, "The export has a file called \(manifestName), which is the manifest's own name.")

    /// So many small files of a folder are flushed one by one, which waits for nobody else's; of more the file system is flushed once,
    /// since a hundred thousand flushes take minutes.
    private static let mostFlushes = 256
    private static let smallBytes: Int64 = 1 << 20

    private let destination: String
    private let threads: Int
    private let cancellation: Cancellation
    private let progress: (Int64) -> Void

    /// A packager that writes to a folder.
    ///
    /// - Parameters:
    ///   - destination: an existing folder to which nothing else writes meanwhile.
    ///   - threads: how many threads may compress, at least 1; the package's bytes do not depend on it.
    ///   - cancellation: ends the work and removes what was written.
    ///   - progress: told how many bytes of the files are in the package, after every piece.
    public init(destination: String, threads: Int, cancellation: Cancellation, progress: @escaping (_ bytesDone: Int64) -> Void) {
        self.destination = destination
        self.threads = threads
        self.cancellation = cancellation
        self.progress = progress
    }

    /// Packages a folder of files, with `manifest.json` in the package and a copy of it beside the package.
    ///
    /// - Parameters:
    ///   - tree: the folder; only files and folders may be in it, and none may be called `manifest.json` at its top.
    ///   - bundle: a bundle of further files, sorted among those of the folder; nothing need be there.
    ///   - name: the package's name without an extension; also the folder in the archive that holds everything.
    ///   - kind: `<name>.tar.gz`, or a folder `<name>`, into which files are linked where the file system can.
    ///   - manifest: what the manifest says besides the files.
    ///   - manifestName: what the copy beside the package is called.
    ///   - reportName: what the copy of `report.html` beside the package is called, where the folder has one.
    /// - Returns: name, size and digest of the package: of the archive, or of the folder's manifest.
    /// - Throws: `ExportError` (`storage_full` with the bytes needed where there is no room), or `CancellationError`.
    public func package(
        tree: String,
        bundle: String? = nil,
        as name: String,
        kind: ExportRequest.PackageKind,
        manifest: Manifest,
        manifestName: String,
        reportName: String
    ) throws -> AssemblySummary {
        try PackageName.check(name)
        let content = PackageContent(
            tree: PackageTree(root: tree, cancellation: cancellation),
            bundle: bundle,
            cancellation: cancellation
        )
        let unfinished = Unfinished(destination: destination, name: name, manifestName: manifestName)
        var needed: Int64 = 0
        do {
            try unfinished.remove()
            guard !FileSystem.exists("\(tree)/\(Self.manifestName)") else {
                throw Self.hasManifest
            }
            let size = try content.size()
            needed = size.tree + size.bundle
            try checkSpace(for: size, kind: kind, tree: tree)
            let made =
                switch kind {
                case .tarGzip: try makeArchive(of: content, as: name, manifest, unfinished)
                case .directory: try makeFolder(of: content, as: name, manifest, unfinished)
                }
            // Whoever wants to look at it needs not unpack anything.
            let report = "\(tree)/\(Self.reportName)"
            if FileSystem.exists(report) {
                try FileSystem.writeAtomically("\(destination)/\(reportName)", try FileSystem.read(report, limit: .max))
            }
            return AssemblySummary(
                file: made.file,
                bytes: made.bytes,
                sha256: made.digest.hexadecimal,
                episodes: manifest.episodes,
                frames: manifest.frames,
                warnings: manifest.warnings
            )
        } catch {
            // The failure itself is what matters; what cannot be removed now goes when the destination does.
            try? unfinished.remove()
            if error is CancellationError { throw error }
            let failure = ExportError(error)
            throw failure.code == .storageFull ? failure.needing(needed, at: destination) : failure
        }
    }

    // MARK: - Archive

    private func makeArchive(
        of content: PackageContent,
        as name: String,
        _ manifest: Manifest,
        _ unfinished: Unfinished
    ) throws -> (file: String, bytes: Int64, digest: SHA256Digest) {
        let output = try ArchiveOutput(unfinished.package)
        let writer = try ManifestWriter(manifest, to: unfinished.manifest)
        let gzip = GzipStream(threads: threads, cancellation: cancellation) { try output.write($0) }
        let tar = try TarWriter { try gzip.write($0) }
        var done: Int64 = 0
        try content.forEachFile(into: gzip.room) { file, read in
            if let target = file.linkTarget {
                try tar.link("\(name)/\(file.path)", to: "\(name)/\(target)")
                let digest = try read { _ in }
                try writer.add(path: file.path, bytes: file.bytes, digest)
                return digest
            }
            try tar.begin("\(name)/\(file.path)", bytes: file.bytes)
            let digest = try read { piece in
                try tar.write(piece)
                done += Int64(piece.count)
                progress(done)
            }
            try writer.add(path: file.path, bytes: file.bytes, digest)
            return digest
        }
        try writer.finish()
        let written = PackageTree(root: destination, cancellation: cancellation)
        let manifestBytes = try FileSystem.status(of: unfinished.manifest).bytes
        try tar.begin("\(name)/\(Self.manifestName)", bytes: manifestBytes)
        _ = try written.read(FileSystem.name(of: unfinished.manifest), bytes: manifestBytes, into: gzip.room) { try tar.write($0) }
        try tar.finish()
        try gzip.finish()
        let made = try output.finish()
        let file = "\(name).tar.gz"
        try publish(unfinished, as: name, file: file)
        return (file, made.bytes, made.digest)
    }

    // MARK: - Folder

    private func makeFolder(
        of content: PackageContent,
        as name: String,
        _ manifest: Manifest,
        _ unfinished: Unfinished
    ) throws -> (file: String, bytes: Int64, digest: SHA256Digest) {
        let folder = unfinished.package
        try FileSystem.makeDirectories(folder)
        let writer = try ManifestWriter(manifest, to: unfinished.manifest)
        var done: Int64 = 0
        var folders: Set<ExactPath> = [ExactPath(folder)]
        var small = 0
        let piece = PieceBuffer()
        try content.forEachFile(into: piece.room) { file, read in
            let target = "\(folder)/\(file.path)"
            let parent = FileSystem.parent(of: target)
            if !folders.contains(ExactPath(parent)) {
                try FileSystem.makeDirectories(parent)
                // Those above it as well, which may hold nothing but folders: whoever flushes a folder flushes its names alone.
                var made = parent
                while folders.insert(ExactPath(made)).inserted { made = FileSystem.parent(of: made) }
            }
            func moved(_ count: Int) {
                done += Int64(count)
                progress(done)
            }
            if file.bytes < Self.smallBytes { small += 1 }
            let flushes = file.bytes >= Self.smallBytes || small <= Self.mostFlushes
            let digest: SHA256Digest
            if let named = file.linkTarget {
                digest = try read { _ in }
                if (try? FileSystem.link("\(folder)/\(named)", to: target)) == nil {
                    _ = try place(content.tree, named, file.bytes, at: target, flushes: flushes, piece, moved)
                }
            } else if file.isBundled {
                digest = try unbundle(to: target, flushes: flushes, read)
                moved(Int(file.bytes))
            } else {
                digest = try place(content.tree, file.path, file.bytes, at: target, flushes: flushes, piece, moved)
            }
            try writer.add(path: file.path, bytes: file.bytes, digest)
            return digest
        }
        if small > Self.mostFlushes { try FileSystem.synchronizeFileSystem(of: folder) }
        try writer.finish()
        let manifestBytes = try FileSystem.status(of: unfinished.manifest).bytes
        let written = PackageTree(root: destination, cancellation: cancellation)
        let digest = try place(
            written,
            FileSystem.name(of: unfinished.manifest),
            manifestBytes,
            at: "\(folder)/\(Self.manifestName)",
            flushes: true,
            piece
        ) { _ in }
        for folder in folders.map(\.text) { try FileSystem.synchronizeDirectory(folder) }
        try FileSystem.removeTree("\(destination)/\(name)")
        try publish(unfinished, as: name, file: name)
        return (name, done + manifestBytes, digest)
    }

    /// Gives a file of the tree a second name at `target`, or copies it where it cannot have one, and tells its digest.
    ///
    /// - Parameter flushes: whether to wait until it is on storage; else it is there once its file system is flushed.
    private func place(
        _ tree: PackageTree,
        _ path: String,
        _ bytes: Int64,
        at target: String,
        flushes: Bool,
        _ buffer: PieceBuffer,
        _ progress: (Int) -> Void
    ) throws -> SHA256Digest {
        let isLinked = (try? FileSystem.link("\(tree.root)/\(path)", to: target)) != nil
        let file = try isLinked ? OpenFile.reading(target, nofollow: true) : OpenFile.creating(target)
        // Users read packages, whatever the mode in the private work folder.
        guard fchmod(file.descriptor, 0o644) == 0 else { throw FileError("set the mode of", target, errno: errno) }
        let digest = try tree.read(path, bytes: bytes, into: buffer.room) { piece in
            if !isLinked { try file.write(piece) }
            progress(piece.count)
        }
        if flushes { try file.synchronize() }
        try file.closeChecked()
        return digest
    }

    /// Makes a file of a member of a bundle, and tells its digest.
    ///
    /// - Parameter flushes: as of `place`.
    private func unbundle(to target: String, flushes: Bool, _ read: PackageContent.Read) throws -> SHA256Digest {
        let file = try OpenFile.creating(target)
        if try file.status().mode != 0o644 {
            guard fchmod(file.descriptor, 0o644) == 0 else { throw FileError("set the mode of", target, errno: errno) }
        }
        let digest = try read { try file.write($0) }
        if flushes { try file.synchronize() }
        try file.closeChecked()
        return digest
    }

    // MARK: - Names and room

    /// Gives the finished package its final name; the manifest first, so that the package is never without it.
    private func publish(_ unfinished: Unfinished, as name: String, file: String) throws {
        try cancellation.check()
        try FileSystem.rename(unfinished.manifest, to: "\(destination)/\(unfinished.manifestName)")
        try FileSystem.rename(unfinished.package, to: "\(destination)/\(file)")
        try FileSystem.synchronizeDirectory(destination)
    }

    /// A package takes at most what its files take: better to say so before hours of work than to fill the file system.
    private func checkSpace(for size: (tree: Int64, bundle: Int64), kind: ExportRequest.PackageKind, tree: String) throws {
        let isLinked = try kind == .directory && FileSystem.status(of: tree).device == FileSystem.status(of: destination).device
        let bytes = size.bundle + (isLinked ? 0 : size.tree)
        guard try FileSystem.freeBytes(at: destination) < bytes else { return }
        throw FileError("write a package to", destination, errno: ENOSPC).exportError
    }
}

/// The names under which a package is written until it is finished.
///
/// They follow from its name, so that what a crash left is removed by the next attempt.
private struct Unfinished {
    let package: String
    let manifest: String
    /// What the manifest is called once it is finished.
    let manifestName: String

    init(destination: String, name: String, manifestName: String) {
        self.manifestName = manifestName
        package = "\(destination)/.\(name).unfinished"
        manifest = "\(destination)/.\(name).manifest.json.unfinished"
    }

    func remove() throws(FileError) {
        try FileSystem.removeTree(package)
        try FileSystem.removeTree(manifest)
    }
}

extension ExportError {
    /// The same error with how much room the package takes and how much there is.
    fileprivate func needing(_ bytes: Int64, at destination: String) -> ExportError {
        var copy = self
        copy.message += " The package takes up to \(bytes) bytes"
        if let free = try? FileSystem.freeBytes(at: destination) { copy.message += "; \(free) bytes are free" }
        copy.message += "."
        return copy
    }
}
