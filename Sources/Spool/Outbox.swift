public import ExportCore
public import Files
import Glibc
public import Sidecars

/// Where the packages of finished jobs are published, each job's folder as a whole and by one rename.
public struct Outbox: Sendable {
    private let layout: SpoolLayout

    /// The outbox of a spool.
    public init(_ layout: SpoolLayout) {
        self.layout = layout
    }

    /// Where a published job lies.
    public func folder(of job: JobID) -> String { "\(layout.outbox)/\(job)" }

    /// Whether a job has been published.
    public func isPublished(_ job: JobID) -> Bool {
        (try? FileSystem.status(of: folder(of: job)))?.kind == .directory
    }

    /// The private folder that a job's packages are written to before they are published.
    public func stagingFolder(of job: JobID) -> String { "\(layout.claimed)/\(job)/package" }

    /// Makes a job's staging folder, and empties it where an earlier run left something.
    ///
    /// - Returns: its path.
    public func prepareStaging(of job: JobID) throws(FileError) -> String {
        let path = stagingFolder(of: job)
        try FileSystem.removeTree(path)
        try FileSystem.makeDirectories(path, mode: 0o700)
        return path
    }

    /// Publishes what lies in a job's staging folder, together with `request.yaml` and `status.json`.
    ///
    /// Everything is on storage before the rename, so the outbox never shows half a job. A job that is published already
    /// stays as it is.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - request: the request's bytes, as the ledger holds them.
    ///   - status: the job's status once it is published.
    public func publish(_ job: JobID, request: [UInt8], status: StatusDocument) throws(FileError) {
        if isPublished(job) { return }
        let staging = stagingFolder(of: job)
        try Self.write("\(staging)/request.yaml", request)
        try writeStatus(status, in: staging)
        try Self.settle(staging)
        do throws(FileError) {
            try FileSystem.rename(staging, to: folder(of: job))
        } catch {
            // After a lost reply NFS says "no such file" of a rename that it has done.
            guard isPublished(job), !FileSystem.exists(staging) else { throw error }
        }
        try FileSystem.synchronizeDirectory(layout.outbox)
        try FileSystem.synchronizeDirectory(FileSystem.parent(of: staging))
    }

    /// Takes what a job published out of the outbox and removes it: packages that have expired, and what a failed run left.
    ///
    /// They vanish by one rename, so that nobody sees half a job.
    public func withdraw(_ job: JobID) throws(FileError) {
        let trash = "\(layout.claimed)/\(Self.withdrawn)\(job)"
        if isPublished(job) {
            try FileSystem.removeTree(trash)
            try FileSystem.rename(folder(of: job), to: trash)
            try FileSystem.synchronizeDirectory(layout.outbox)
        }
        try FileSystem.removeTree(trash)
    }

    /// Removes what was taken out and, because the daemon was stopped, not removed.
    public func removeWithdrawn() throws(FileError) {
        for name in try FileSystem.list(layout.claimed) where name.hasPrefix(Self.withdrawn) {
            try FileSystem.removeTree("\(layout.claimed)/\(name)")
        }
    }

    /// What the names of folders begin with that have been taken out of the outbox.
    private static let withdrawn = ".withdrawn-"

    private func writeStatus(_ status: StatusDocument, in folder: String) throws(FileError) {
        let bytes: [UInt8]
        do {
            bytes = try status.json()
        } catch {
            // Only a number that JSON can't hold makes encoding fail, and the document holds none.
            throw FileError("encode", "\(folder)/status.json", errno: EILSEQ)
        }
        try Self.write("\(folder)/status.json", bytes)
    }

    private static func write(_ path: String, _ bytes: [UInt8]) throws(FileError) {
        try FileSystem.removeFile(path)
        let file = try OpenFile.creating(path)
        try file.write(bytes)
        try file.closeChecked()
    }

    /// So many files are flushed one by one, which waits for nobody else's; of more the file system is flushed once, since a hundred
    /// thousand flushes take minutes even where there is nothing left to write.
    private static let mostFlushes = 256

    /// Makes a tree readable whatever the umask of its writers was, and waits until all of it is on storage.
    private static func settle(_ path: String) throws(FileError) {
        var files = 0
        try settle(path, files: &files)
        if files > mostFlushes { try FileSystem.synchronizeFileSystem(of: path) }
    }

    private static func settle(_ path: String, files: inout Int) throws(FileError) {
        let folder = try OpenFile(path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        for name in try FileSystem.list(path) {
            let inner = "\(path)/\(name)"
            if try FileSystem.status(of: inner).kind == .directory {
                try settle(inner, files: &files)
            } else {
                let file = try OpenFile(inner, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
                try setMode(of: file, to: 0o644)
                files += 1
                if files <= mostFlushes { try file.synchronize() }
            }
        }
        try setMode(of: folder, to: 0o755)
        try folder.synchronize()
    }

    /// Leaves a mode alone that is right already: setting it would make the kernel write it again.
    private static func setMode(of file: borrowing OpenFile, to mode: UInt32) throws(FileError) {
        guard try file.status().mode != mode else { return }
        guard fchmod(file.descriptor, mode) == 0 else { throw FileError("set the mode of", file.path, errno: errno) }
    }
}
