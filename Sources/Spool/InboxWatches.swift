import Files
import Glibc

/// What inotify watches in a spool: the inbox and the team folders in it.
///
/// Used by one thread.
struct InboxWatches: ~Copyable {
    /// What changed, gathered from any number of events.
    struct Changes {
        var movedIn: Set<InboxPath> = []
        /// Whether the inbox should be scanned.
        var needsScan = false
        /// Whether folders came or went, so that the watches must be looked over.
        var needsRefresh = false
    }

    private static let mask = UInt32(
        IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | Int32(IN_ONLYDIR) | Int32(IN_DONT_FOLLOW)
    )

    private let inbox: String
    /// inotify's file descriptor; negative where inotify can't be used now.
    private(set) var descriptor: Int32 = -1
    /// Which folder a watch is on; nil stands for the inbox itself.
    private var folders: [Int32: EntryName?] = [:]
    /// The folder that was watched as the inbox.
    private var watched: FileStatus?
    /// Why changes are not all seen, where they aren't: the scans at intervals must do.
    private(set) var problem: FileError?

    init(inbox: String) {
        self.inbox = inbox
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Compares what is watched with what lies at the inbox's path now, and watches what isn't watched yet.
    ///
    /// - Returns: whether something new is watched, so that what came before the watch must be scanned for.
    mutating func refresh() -> Bool {
        problem = nil
        do throws(FileError) {
            let status = try FileSystem.status(of: inbox)
            var isNew = false
            if descriptor < 0 || status.inode != watched?.inode || status.device != watched?.device {
                // A watch follows its folder when that is renamed or unmounted, so another folder needs another watch.
                try reopen()
                watched = status
                isNew = true
            }
            let folder = try Folder(inbox)
            for entry in try folder.list() where !entry.name.isHidden && !entry.name.isRequest && entry.isFolder != false {
                // Watching a folder again gives the same watch.
                let watch = Self.add(descriptor, "\(inbox)/", entry.name)
                if watch >= 0 {
                    if folders.updateValue(entry.name, forKey: watch) == nil { isNew = true }
                } else if errno == ENOSPC || errno == ENOMEM {
                    problem = Self.limitReached(inbox, errno)
                }
            }
            return isNew
        } catch {
            problem = error
            drop()
            return false
        }
    }

    /// Reads all events that are there.
    mutating func read() -> Changes {
        var changes = Changes()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while descriptor >= 0 {
            let got = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            for event in InotifyEvent.parse(Array(buffer[..<got])) { apply(event, to: &changes) }
        }
        return changes
    }

    /// What one event means.
    mutating func apply(_ event: InotifyEvent, to changes: inout Changes) {
        if event.isOverflow {
            changes.needsScan = true
            changes.needsRefresh = true
            return
        }
        guard let team = folders[event.watch] else { return }
        if event.has(Int(IN_DELETE_SELF)) || event.has(Int(IN_MOVE_SELF)) || event.has(Int(IN_UNMOUNT)) || event.has(Int(IN_IGNORED)) {
            if !event.has(Int(IN_IGNORED)) { inotify_rm_watch(descriptor, event.watch) }
            folders[event.watch] = nil
            if team == nil { watched = nil }
            changes.needsScan = true
            changes.needsRefresh = true
        } else if event.name.isRequest {
            changes.needsScan = true
            if event.has(Int(IN_MOVED_TO)) { changes.movedIn.insert(InboxPath(team: team, name: event.name)) }
        } else if team == nil, event.has(Int(IN_ISDIR)), !event.name.isHidden {
            changes.needsScan = true
            changes.needsRefresh = true
        }
    }

    private mutating func reopen() throws(FileError) {
        drop()
        let opened = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard opened >= 0 else { throw Self.limitReached(inbox, errno) }
        let watch = Self.add(opened, "", EntryName(inbox))
        guard watch >= 0 else {
            let reason = errno
            close(opened)
            throw Self.limitReached(inbox, reason)
        }
        descriptor = opened
        folders[watch] = .some(nil)
    }

    private mutating func drop() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        folders = [:]
        watched = nil
    }

    private static func add(_ descriptor: Int32, _ prefix: String, _ name: EntryName) -> Int32 {
        EntryName(bytes: prefix.utf8 + name.bytes).withCString { inotify_add_watch(descriptor, $0, mask) }
    }

    /// inotify says "no space left on device" and means its own limits, which leads people astray.
    private static func limitReached(_ path: String, _ errno: Int32) -> FileError {
        switch errno {
        case ENOSPC: FileError("watch (fs.inotify.max_user_watches is used up)", path, errno: errno)
        case EMFILE: FileError("watch (fs.inotify.max_user_instances is used up)", path, errno: errno)
        default: FileError("watch", path, errno: errno)
        }
    }
}
