import ExportCore
public import Files
import Glibc
public import Sidecars

/// Writes `NAME.status.json` and `NAME.error.json` beside the place where `NAME.yaml` was dropped.
///
/// Each is replaced as a whole by rename, readable by everyone who may enter the folder, and never written through a
/// symbolic link.
public struct SidecarStore: Sendable {
    private let layout: SpoolLayout

    /// The sidecars of a spool's inbox.
    public init(_ layout: SpoolLayout) {
        self.layout = layout
    }

    /// Brings both sidecars of a request to what its job's status says, as `write(_:)` does for several.
    ///
    /// - Throws: `FileError`; its `isMissing` says that the folder is gone, so that nobody waits for the sidecar.
    public func write(_ status: StatusDocument) throws(FileError) {
        if let error = write([status])[0] { throw error }
    }

    /// Brings both sidecars of each request to what its job's status says: there is an error sidecar if and only if the job
    /// failed.
    ///
    /// A folder is flushed once for all that are written in it.
    ///
    /// - Parameter statuses: the jobs; the `request` of each says where the sidecars stand.
    /// - Returns: for each why it could not be written; nil where it was.
    public func write(_ statuses: [StatusDocument]) -> [FileError?] {
        var failures = [FileError?](repeating: nil, count: statuses.count)
        var written: [EntryName?: (path: InboxPath, indices: [Int])] = [:]
        for (index, status) in statuses.enumerated() {
            do throws(FileError) {
                let path = try place(status)
                written[path.team, default: (path, [])].indices.append(index)
            } catch {
                failures[index] = error
            }
        }
        for (path, indices) in written.values {
            do throws(FileError) {
                try retryingStaleHandles { () throws(FileError) in try open(path).synchronize() }
            } catch {
                for index in indices { failures[index] = error }
            }
        }
        return failures
    }

    /// Puts both sidecars of a request in their place.
    /// - Returns: The request's path.
    private func place(_ status: StatusDocument) throws(FileError) -> InboxPath {
        guard let path = InboxPath(status.request) else { throw FileError("find the folder of", status.request, errno: EINVAL) }
        let (statusName, errorName) = Self.names(path.name)
        let statusBytes = try Self.json(statusName) { try status.json() }
        let failure = status.state == .failed ? status.error : nil
        let errorBytes = try failure.map { (error) throws(FileError) in
            try Self.json(errorName) { try ErrorDocument(error: error, attempt: status.attempt).json() }
        }
        try retryingStaleHandles { () throws(FileError) in
            let folder = try open(path)
            // Whoever sees `failed` finds the reason beside it, and a job that has not failed is never seen with one.
            if let errorBytes {
                try folder.write(errorName, errorBytes, mode: 0o644)
            } else {
                try folder.remove(errorName)
            }
            try folder.write(statusName, statusBytes, mode: 0o644)
        }
        return path
    }

    /// Removes both sidecars of a request whose job ended long ago.
    public func remove(of request: String) throws(FileError) {
        guard let path = InboxPath(request) else { throw FileError("find the folder of", request, errno: EINVAL) }
        let (statusName, errorName) = Self.names(path.name)
        try retryingStaleHandles { () throws(FileError) in
            let folder: Folder
            do throws(FileError) {
                folder = try open(path)
            } catch {
                // Where the folder is gone, so are the sidecars.
                guard error.isMissing else { throw error }
                return
            }
            try folder.remove(errorName)
            try folder.remove(statusName)
        }
    }

    /// Removes what a crash left half-written in the inbox and the team folders, as far as it can be removed.
    ///
    /// Called at start, by the one daemon of the spool.
    public func removeTemporaries() throws(FileError) {
        let inbox = try Folder(layout.inbox)
        for entry in try inbox.list() {
            if TemporaryName.matches(entry.name) {
                if entry.isFolder != true { try? inbox.remove(entry.name) }
            } else if !entry.name.isHidden, entry.isFolder != false, let team = try? inbox.folder(entry.name) {
                for inner in (try? team.list()) ?? [] where TemporaryName.matches(inner.name) && inner.isFolder != true {
                    try? team.remove(inner.name)
                }
            }
        }
    }

    private static func names(_ request: EntryName) -> (status: EntryName, error: EntryName) {
        let stem = request.stem
        return (EntryName(bytes: stem + ".status.json".utf8), EntryName(bytes: stem + ".error.json".utf8))
    }

    private func open(_ path: InboxPath) throws(FileError) -> Folder {
        let inbox = try Folder(layout.inbox)
        guard let team = path.team else { return inbox }
        return try inbox.folder(team)
    }

    /// Only a number that JSON can't hold makes encoding fail, and the documents hold none.
    private static func json(_ name: EntryName, _ body: () throws -> [UInt8]) throws(FileError) -> [UInt8] {
        do {
            return try body()
        } catch {
            throw FileError("encode", name.presentable, errno: EILSEQ)
        }
    }

    /// A network file system forgets handles when its server restarts; opening the folder anew helps.
    private func retryingStaleHandles(_ body: () throws(FileError) -> Void) throws(FileError) {
        for _ in 0..<3 {
            do throws(FileError) {
                return try body()
            } catch {
                guard error.errno == ESTALE else { throw error }
            }
        }
        try body()
    }
}
