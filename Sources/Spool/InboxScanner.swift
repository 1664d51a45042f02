import ExportCore
public import Files
import Glibc

/// A request in the inbox that is ready to be claimed, or to be refused.
public struct Candidate: Hashable, Sendable {
    /// Where it lies.
    public let path: InboxPath
    /// What it was when it was found ready.
    public let identity: EntryIdentity
    /// When it came or last changed, by the clock of its server: the order of arrival.
    let changed: Timestamp
}

/// What a scan of the inbox found.
public struct InboxScan: Sendable {
    /// Requests that are ready, in order of arrival.
    public var candidates: [Candidate] = []
    /// When the next of the others may be ready, or nil where none waits.
    public var nextDue: ContinuousClock.Instant?
    /// Folders of teams that could not be looked into.
    public var problems: [FileError] = []
}

/// Finds the requests in the inbox and decides when they are ready.
///
/// A request that was renamed into the inbox is whole by definition. Anything else (written in place, linked in, found
/// at a rescan) is ready once its inode, size and modification time, read through a fresh open, stayed the same for the
/// time to settle: a second `echo >> x.yaml` must not find half its request gone.
public struct InboxScanner: Sendable {
    private struct Sighting {
        var identity: EntryIdentity
        var since: ContinuousClock.Instant
    }

    private let layout: SpoolLayout
    private let settle: Duration
    private var sightings: [InboxPath: Sighting] = [:]

    /// A scanner that has seen nothing yet.
    ///
    /// - Parameters:
    ///   - layout: the spool.
    ///   - settle: how long a file that was not renamed in must stay the same.
    public init(_ layout: SpoolLayout, settle: Duration = .seconds(2)) {
        self.layout = layout
        self.settle = settle
    }

    /// Looks through the inbox and the team folders in it.
    ///
    /// - Parameters:
    ///   - now: the present, by a clock that never goes back.
    ///   - movedIn: what is known to have been renamed into place since the last scan.
    /// - Throws: `FileError` where the inbox itself can't be listed.
    public mutating func scan(now: ContinuousClock.Instant = .now, movedIn: Set<InboxPath> = []) throws(FileError) -> InboxScan {
        var scan = InboxScan()
        var seen: [InboxPath: Sighting] = [:]
        let inbox = try Folder(layout.inbox)
        // Most of a long-used inbox are sidecars.
        for entry in try inbox.list(where: { $0.name.isRequest || $0.isFolder != false }) {
            if entry.name.isRequest {
                look(at: InboxPath(name: entry.name), in: inbox, now: now, movedIn: movedIn, &scan, &seen)
            } else if !entry.name.isHidden, entry.isFolder != false {
                do throws(FileError) {
                    if entry.isFolder == nil, try inbox.status(of: entry.name)?.kind != .directory { continue }
                    let team = try inbox.folder(entry.name)
                    for inner in try team.list() where inner.name.isRequest {
                        look(at: InboxPath(team: entry.name, name: inner.name), in: team, now: now, movedIn: movedIn, &scan, &seen)
                    }
                } catch {
                    if !error.isMissing { scan.problems.append(error) }
                }
            }
        }
        sightings = seen
        scan.candidates.sort { left, right in
            left.changed != right.changed
                ? left.changed < right.changed : left.path.name.bytes.lexicographicallyPrecedes(right.path.name.bytes)
        }
        return scan
    }

    private func look(
        at path: InboxPath,
        in folder: borrowing Folder,
        now: ContinuousClock.Instant,
        movedIn: Set<InboxPath>,
        _ scan: inout InboxScan,
        _ seen: inout [InboxPath: Sighting]
    ) {
        guard let status = Self.freshStatus(of: path.name, in: folder) else { return }
        var sighting = Sighting(identity: status.identity, since: now)
        if let before = sightings[path], before.identity == status.identity { sighting.since = before.since }
        seen[path] = sighting
        let due = sighting.since.advanced(by: settle)
        if movedIn.contains(path) || due <= now {
            scan.candidates.append(Candidate(path: path, identity: status.identity, changed: status.changed))
        } else {
            scan.nextDue = min(scan.nextDue ?? due, due)
        }
    }

    /// What the kernel says through an open made just now, which on NFS asks the server instead of a cache.
    ///
    /// Only plain files are opened: opening a device may do something.
    private static func freshStatus(of name: EntryName, in folder: borrowing Folder) -> FileStatus? {
        guard let status = try? folder.status(of: name) else { return nil }
        guard status.kind == .regular, let file = try? folder.open(name), let fresh = try? file.status() else { return status }
        return fresh
    }
}
