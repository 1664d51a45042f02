public import Files
import Glibc

/// Where the folders of a spool are.
///
/// All of them lie in one file system, because what moves between them moves by rename.
public struct SpoolLayout: Hashable, Sendable {
    /// The spool's own folder, as an absolute path.
    public let root: String

    /// The spool in a folder, which need not exist yet.
    public init(root: String) {
        self.root = FileSystem.absolute(root)
    }

    /// Where requests are dropped.
    public var inbox: String { "\(root)/inbox" }
    /// Where finished jobs lie.
    public var outbox: String { "\(root)/outbox" }
    /// Requests being worked on; nobody's but the daemon's.
    public var claimed: String { "\(root)/claimed" }
    /// Requests that could not be claimed as files, kept for a person to look at.
    public var rejected: String { "\(root)/rejected" }
    /// What the daemon says of itself.
    public var status: String { "\(root)/status" }

    private struct Part {
        var path: String
        var mode: UInt32
    }

    /// The folders with the modes that they get where the daemon makes them.
    ///
    /// The inbox is sticky, so that users can't remove or replace each other's requests, and hands its group down to
    /// the files in it.
    private var parts: [Part] {
        [
            Part(path: inbox, mode: 0o3770), Part(path: outbox, mode: 0o755), Part(path: claimed, mode: 0o700),
            Part(path: rejected, mode: 0o750), Part(path: status, mode: 0o755),
        ]
    }

    /// Makes what is missing of the spool, then checks it.
    ///
    /// Called at start only: a spool that vanishes while the daemon runs (an unmounted file system) must not be made again
    /// in the empty mount point.
    ///
    /// - Throws: `SpoolError` of kind `unsuitable` where the daemon's account can't work in it.
    public func prepare() throws(SpoolError) {
        do throws(FileError) {
            try FileSystem.makeDirectories(root, mode: 0o755)
            for part in parts {
                if try FileSystem.statusIfPresent(of: part.path) != nil { continue }
                try FileSystem.makeDirectories(part.path, mode: part.mode)
                // mkdir(2) takes the umask off and ignores the set-group-ID bit.
                guard chmod(part.path, part.mode) == 0 else { throw FileError("set the mode of", part.path, errno: errno) }
            }
        } catch {
            throw Self.unavailable(error)
        }
        try check()
    }

    /// Whether the spool is there and can be worked in; makes nothing.
    ///
    /// - Throws: `SpoolError` of kind `unavailable` where it is away, `unsuitable` where its folders are not right.
    public func check() throws(SpoolError) {
        var device: UInt64?
        for part in parts {
            let status: FileStatus
            do {
                status = try FileSystem.status(of: part.path)
            } catch {
                throw Self.unavailable(error)
            }
            guard status.kind == .directory else {
                throw SpoolError(
                    .unsuitable,
                    "\(part.path) is not a folder.",
                    hint: "Move it away; the daemon makes the folder at its start."
                )
            }
            guard device == nil || device == status.device else {
                throw SpoolError(
                    .unsuitable,
                    "\(part.path) lies in another file system than \(inbox), so requests can't be renamed into it.",
                    hint: "Keep the whole spool in one file system."
                )
            }
            device = status.device
            guard access(part.path, R_OK | W_OK | X_OK) == 0 else {
                if errno != EACCES { throw Self.unavailable(FileError("use", part.path, errno: errno)) }
                throw SpoolError(
                    .unsuitable,
                    "The daemon's account may not write in \(part.path).",
                    hint: "Make it the owner of the whole spool."
                )
            }
            // In a sticky folder only its owner may rename what belongs to others.
            let sticky = status.mode & UInt32(S_ISVTX) != 0
            guard !sticky || status.user == geteuid() || geteuid() == 0 else {
                throw SpoolError(
                    .unsuitable,
                    "\(part.path) is sticky and belongs to uid \(status.user), so the daemon (uid \(geteuid())) can't take requests from it.",
                    hint: "Make the daemon's account the owner of the whole spool."
                )
            }
        }
        try checkPrivacy()
    }

    /// Nobody else may reach into the folder of claimed requests: they have been checked and are trusted from then on.
    private func checkPrivacy() throws(SpoolError) {
        let status: FileStatus
        do {
            status = try FileSystem.status(of: claimed)
        } catch {
            throw Self.unavailable(error)
        }
        guard status.user == geteuid() else {
            throw SpoolError(
                .unsuitable,
                "\(claimed) belongs to user \(status.user) and this process runs as user \(geteuid()).",
                hint: "Run as the account that owns the spool, or make this account the owner of the whole spool."
            )
        }
        guard status.mode & 0o077 == 0 else {
            throw SpoolError(.unsuitable, "\(claimed) is open to others than its owner.", hint: "Set its mode to 0700.")
        }
    }

    /// Where the spool's bytes are kept: whether other machines can change it unseen.
    public func fileSystemKind() throws(FileError) -> FileSystemKind {
        try FileSystemKind(of: inbox)
    }

    private static func unavailable(_ error: FileError) -> SpoolError {
        SpoolError(
            .unavailable,
            "The spool is not available. \(error)",
            hint: "Check that its file system is mounted and its folders are there."
        )
    }
}
