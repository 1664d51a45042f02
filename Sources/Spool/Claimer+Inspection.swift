import ExportCore
import Files
import Glibc

// What a thing with a request's name is, and why it can't be a request.
extension Claimer {
    /// A sentence about something that can't be a request, once its path is known.
    typealias Problem = @Sendable (InboxPath) -> ExportError

    /// What a thing with a request's name is.
    struct Inspection {
        var status: FileStatus
        /// Its bytes, where it can be a request.
        var text: [UInt8]?
        /// Why it can't be a request.
        var problem: Problem?
    }

    /// Reads a request once, or says why it can't be one; nil where it is gone or changes while it is read.
    func inspect(_ name: EntryName, in folder: borrowing Folder) throws(FileError) -> Inspection? {
        guard let status = try folder.status(of: name) else { return nil }
        if let problem = Self.problem(of: name, status, limit: limit) { return Inspection(status: status, problem: problem) }
        do throws(FileError) {
            let file = try folder.open(name)
            let before = try file.status()
            if let problem = Self.problem(of: name, before, limit: limit) { return Inspection(status: before, problem: problem) }
            let text = try file.read(upTo: limit + 1)
            let after = try file.status()
            guard before.identity == after.identity, before.changed == after.changed, text.count == after.bytes else { return nil }
            return Inspection(status: after, text: text)
        } catch {
            switch error.errno {
            case ENOENT: return nil
            case EACCES, EPERM:
                return Inspection(
                    status: status,
                    problem: {
                        Self.refusal(
                            $0,
                            "can't be read by the daemon.",
                            "Give its group the right to read it (`chmod g+r`) before you drop it."
                        )
                    }
                )
            case EIO, EINVAL, EISDIR, ELOOP, ENXIO, EOPNOTSUPP:
                return Inspection(
                    status: status,
                    problem: { Self.refusal($0, "can't be read: \(error.reason).", "Drop it again as a plain file.") }
                )
            default: throw error
            }
        }
    }

    /// Why something can't be a request, by what the kernel says of it.
    private static func problem(of name: EntryName, _ status: FileStatus, limit: Int) -> Problem? {
        switch status.kind {
        case .directory: return { refusal($0, "is a folder.", "Drop the request as a plain file.") }
        case .symbolicLink: return { refusal($0, "is a symbolic link, which is never followed.", "Drop a copy of the file itself.") }
        case .special: return { refusal($0, "is a FIFO, socket or device.", "Drop the request as a plain file.") }
        case .regular: break
        }
        if status.links > 1 {
            return {
                refusal($0, "has \(status.links) hard links, so that it could be changed from elsewhere.", "Drop a copy (`cp`, then `mv`).")
            }
        }
        if status.bytes > limit {
            return {
                refusal(
                    $0,
                    "has \(status.bytes) bytes; a request has at most \(limit).",
                    "Name datasets by patterns instead of listing them."
                )
            }
        }
        if name.text == nil {
            return { refusal($0, "has a name that is not UTF-8 or holds control characters.", "Rename it and drop it again.") }
        }
        if !name.canCarrySidecar {
            return { refusal($0, "has a name that is too long for NAME.status.json beside it.", "Give it a shorter name.") }
        }
        return nil
    }

    /// What a rename out of the inbox says that will not pass by itself, as a reason to refuse.
    static func immovable(_ error: FileError) -> Problem? {
        guard [EACCES, EPERM, EBUSY, EXDEV].contains(error.errno) else { return nil }
        return {
            refusal(
                $0,
                "can't be taken out of its folder by the daemon: \(error.reason).",
                "The daemon's account must own the folder that requests are dropped in."
            )
        }
    }

    static func refusal(_ path: InboxPath, _ what: String, _ hint: String) -> ExportError {
        ExportError(.requestUnreadable, "The request \(path) \(what)", hint: hint, location: .init(file: path.text))
    }
}
