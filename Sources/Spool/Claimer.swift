public import ExportCore
public import Files
import Glibc
public import Sidecars
import Synchronization

/// A request that is the daemon's now: read whole, and moved out of everyone else's reach.
public struct ClaimedRequest: Hashable, Sendable {
    /// The job that it becomes.
    public let job: JobID
    /// The request's path below the inbox, such as `team/nightly.yaml`.
    public let request: String
    /// The numeric id of the file's owner: by the kernel's word the user who submitted it.
    public let owner: UInt32
    /// The bytes of the request, as they were read once.
    public let text: [UInt8]
}

/// Something in the inbox that has a request's name and can't be one.
public struct RefusedRequest: Hashable, Sendable {
    /// The job that records the refusal.
    public let job: JobID
    /// Its path below the inbox, changed where it holds what can't be shown.
    public let request: String
    /// The numeric id of its owner.
    public let owner: UInt32
    /// Why it was refused: always `request_unreadable`.
    public let error: ExportError
    /// Whether it was moved out of the inbox.
    ///
    /// Where the kernel forbade that it stays, and isn't reported again.
    public let isMoved: Bool
}

/// What came of an attempt to claim.
public enum ClaimOutcome: Hashable, Sendable {
    /// The request was claimed.
    case claimed(ClaimedRequest)
    /// The thing can't be a request.
    case refused(RefusedRequest)
    /// Nothing to do: someone else took or removed it, it is still being written (a later scan finds it again), or its
    /// refusal was reported before.
    case nothing
}

/// Takes requests out of the inbox, each exactly once.
///
/// A claim is a rename into `claimed/<job>/request/`, a folder of its own for every attempt: of two claimers one wins, and
/// what lies there after a crash still says which request it is. The ledger decides what becomes of it.
public final class Claimer: Sendable {
    private let layout: SpoolLayout
    let limit: Int
    /// What could not be moved out of the inbox and was reported.
    private let reported = Mutex<Set<EntryIdentity>>([])

    /// A claimer for a spool.
    ///
    /// - Parameters:
    ///   - layout: the spool.
    ///   - limit: the largest request in bytes.
    public init(_ layout: SpoolLayout, limit: Int = 1 << 20) {
        self.layout = layout
        self.limit = limit
    }

    /// Claims a request that a scan found ready, as `claim(_:now:)` does several.
    ///
    /// - Throws: `FileError` where the spool itself fails (gone, full, stale handles); the request is still in the inbox or
    ///   lies in `claimed/`, where `unfinished` finds it.
    public func claim(_ candidate: Candidate, now: Timestamp = .now()) throws(FileError) -> ClaimOutcome {
        try claim([candidate], now: now)[0].get()
    }

    /// Claims requests that a scan found ready.
    ///
    /// Folders are flushed once for all of them, so that a flood is claimed faster than one by one.
    ///
    /// - Parameter now: the time of acceptance, which names the jobs.
    /// - Returns: what came of each; a failure says that the spool itself fails, and its request is still in the inbox or
    ///   lies in `claimed/`, where `unfinished` finds it.
    public func claim(_ candidates: [Candidate], now: Timestamp = .now()) -> [Result<ClaimOutcome, FileError>] {
        var outcomes = [Result<ClaimOutcome, FileError>](repeating: .success(.nothing), count: candidates.count)
        /// Takes a step for each claim that is under way; those that it says nothing of are under way still.
        func step(_ claims: [Claim], _ body: (Claim) throws(FileError) -> ClaimOutcome?) -> [Claim] {
            claims.filter { claim in
                do throws(FileError) {
                    guard let outcome = try body(claim) else { return true }
                    outcomes[claim.index] = .success(outcome)
                } catch {
                    outcomes[claim.index] = .failure(error)
                }
                return false
            }
        }
        var claims: [Claim] = []
        for (index, candidate) in candidates.enumerated() {
            do throws(FileError) {
                if let claim = try begin(candidate.path, index, now: now) { claims.append(claim) }
            } catch {
                outcomes[index] = .failure(error)
            }
        }
        guard !claims.isEmpty else { return outcomes }
        do throws(FileError) {
            // Before a request is moved into its folder, that folder must be there to stay.
            try Folder(layout.claimed).synchronize()
        } catch {
            return outcomes.enumerated().map { index, outcome in
                guard let claim = claims.first(where: { $0.index == index }) else { return outcome }
                try? discardFolders(of: claim.job)
                return .failure(error)
            }
        }
        claims = step(claims) { (claim) throws(FileError) in try take(claim) }
        // Without this a loss of power might bring a request back into the inbox after the ledger has it. It is the daemon's
        // by now whatever a flush says, so a failed one does not undo the claim.
        let sources = Dictionary(grouping: claims, by: \.path.team).values.compactMap(\.first)
        for claim in sources { try? synchronizeSource(of: claim.path) }
        _ = step(claims) { (claim) throws(FileError) in try finish(claim) }
        return outcomes
    }

    /// A claim that is under way.
    private struct Claim {
        /// Its place among those that are claimed together.
        let index: Int
        let path: InboxPath
        let job: JobID
        /// What lay in the inbox when it began.
        let first: Inspection
    }

    /// Reads a request and makes the folder that it is moved to; nil where it is gone or still being written.
    private func begin(_ path: InboxPath, _ index: Int, now: Timestamp) throws(FileError) -> Claim? {
        guard let source = try open(path), let first = try inspect(path.name, in: source) else { return nil }
        return Claim(index: index, path: path, job: try makeFolders(for: path, now: now), first: first)
    }

    /// Moves a request into its folder.
    /// - Returns: nil where it lies there now, or what came of it.
    private func take(_ claim: Claim) throws(FileError) -> ClaimOutcome? {
        let (path, job, first) = (claim.path, claim.job, claim.first)
        do throws(FileError) {
            guard let source = try open(path), try move(path, from: source, to: job) else {
                try discardFolders(of: job)
                return .nothing
            }
            return nil
        } catch {
            try? discardFolders(of: job)
            guard let immovable = Self.immovable(error) else { throw error }
            let problem = first.problem ?? immovable
            // It is tried again at every scan, because rights may be mended, and reported once.
            let isNew = reported.withLock { reported in
                // Long before so many things lie around, someone has read the log.
                if reported.count >= 10_000 { reported.removeAll() }
                return reported.insert(first.status.identity).inserted
            }
            if !isNew { return .nothing }
            return .refused(
                RefusedRequest(job: job, request: path.text, owner: first.status.user, error: problem(path), isMoved: false)
            )
        }
    }

    /// Says what a request is that lies in its folder.
    private func finish(_ claim: Claim) throws(FileError) -> ClaimOutcome {
        let (path, job, first) = (claim.path, claim.job, claim.first)
        if first.problem == nil, let text = first.text {
            let target = try Folder(requestFolder(of: job, team: path.team))
            if try target.status(of: path.name)?.identity == first.status.identity {
                return .claimed(ClaimedRequest(job: job, request: path.text, owner: first.status.user, text: text))
            }
        }
        // The name stood for another file when it was renamed than when it was read. What lies in `claimed/` counts.
        return try reclaim(job)
    }

    /// The jobs that have a folder in `claimed/`: at start, everything that was begun and not cleared away.
    public func unfinished() throws(FileError) -> [JobID] {
        let claimed = try Folder(layout.claimed)
        return try claimed.list().compactMap { $0.name.text.flatMap(JobID.init) }
    }

    /// Looks again at what was claimed for a job: for the time between the rename and the entry into the ledger.
    ///
    /// - Returns: `nothing` where the claim had not happened; its empty folders are removed.
    public func reclaim(_ job: JobID) throws(FileError) -> ClaimOutcome {
        guard let path = try find(job) else {
            try discardFolders(of: job)
            return .nothing
        }
        let folder = try Folder(requestFolder(of: job, team: path.team))
        var inspection = try inspect(path.name, in: folder)
        // Its owner may still have it open and write. Nobody else can reach it, so that is for the owner to explain.
        for _ in 0..<10 where inspection == nil { inspection = try inspect(path.name, in: folder) }
        guard let inspection else {
            guard let status = try folder.status(of: path.name) else { return .nothing }
            let error = Self.refusal(path, "kept changing while it was read.", "Write it under another name, then rename it (`mv`).")
            return .refused(RefusedRequest(job: job, request: path.text, owner: status.user, error: error, isMoved: true))
        }
        let owner = inspection.status.user
        if let problem = inspection.problem {
            return .refused(RefusedRequest(job: job, request: path.text, owner: owner, error: problem(path), isMoved: true))
        }
        return .claimed(ClaimedRequest(job: job, request: path.text, owner: owner, text: inspection.text ?? []))
    }

    /// Clears away what a job has in `claimed/`, once the ledger says that it ended.
    ///
    /// A request that could be read is removed: the ledger holds its text. Anything else is kept in `rejected/` for a
    /// person to look at.
    public func close(_ job: JobID) throws(FileError) {
        if let path = try find(job) {
            try keepIfRejected(path, job)
        }
        try FileSystem.removeTree(folder(of: job))
    }

    private func keepIfRejected(_ path: InboxPath, _ job: JobID) throws(FileError) {
        let folder = try Folder(requestFolder(of: job, team: path.team))
        // What changes all the time can't be read either.
        if let inspection = try inspect(path.name, in: folder), inspection.problem == nil { return }
        let rejected = try Folder(layout.rejected)
        let prefix = "\(job)-"
        let kept = EntryName(bytes: prefix.utf8 + path.name.bytes.suffix(EntryName.maximumBytes - prefix.utf8.count))
        try folder.rename(path.name, to: rejected, as: kept)
        try rejected.synchronize()
    }
}

// MARK: Steps

extension Claimer {
    /// The folder of a candidate, or nil where it is gone or no longer a folder.
    private func open(_ path: InboxPath) throws(FileError) -> Folder? {
        let inbox = try Folder(layout.inbox)
        guard let team = path.team else { return inbox }
        do throws(FileError) {
            return try inbox.folder(team)
        } catch {
            if error.isMissing || error.errno == ELOOP { return nil }
            throw error
        }
    }

    /// The folder of a job in `claimed/`.
    private func folder(of job: JobID) -> String { "\(layout.claimed)/\(job)" }

    private func requestFolder(of job: JobID, team: EntryName?) -> String {
        let base = "\(folder(of: job))/\(Self.request)"
        return team.map { "\(base)/\($0.presentable)" } ?? base
    }

    private static let request = "request"

    /// Makes `claimed/<job>/request/[team/]` under a name that no job has yet; it is there to stay once `claimed/` is flushed.
    func makeFolders(for path: InboxPath, now: Timestamp) throws(FileError) -> JobID {
        let claimed = try Folder(layout.claimed)
        while true {
            let job = JobID.new(at: now)
            if FileSystem.exists("\(layout.outbox)/\(job)") { continue }
            do throws(FileError) {
                try claimed.makeFolder(EntryName(job.text), mode: 0o700)
            } catch {
                if error.isExisting { continue }
                throw error
            }
            let base = try claimed.folder(EntryName(job.text))
            try base.makeFolder(EntryName(Self.request), mode: 0o700)
            let request = try base.folder(EntryName(Self.request))
            if let team = path.team { try request.makeFolder(EntryName(team.presentable), mode: 0o700) }
            return job
        }
    }

    /// Renames a request into a job's folder.
    ///
    /// - Returns: false where it is gone from the inbox and did not arrive.
    func move(_ path: InboxPath, from source: borrowing Folder, to job: JobID) throws(FileError) -> Bool {
        let target = try Folder(requestFolder(of: job, team: path.team))
        do throws(FileError) {
            try source.rename(path.name, to: target, as: path.name)
        } catch {
            // After a lost reply NFS says "no such file" of a rename that it has done. The folder is this claim's alone, so
            // what lies in it was renamed by it.
            if try target.status(of: path.name) == nil {
                if error.errno == ENOENT { return false }
                throw error
            }
        }
        // Flushed before the folder that it has left, so that it is always in one of them.
        try? target.synchronize()
        return true
    }

    private func synchronizeSource(of path: InboxPath) throws(FileError) {
        try open(path)?.synchronize()
    }

    /// Where the request in a job's folder was dropped, or nil where there is none.
    private func find(_ job: JobID) throws(FileError) -> InboxPath? {
        do throws(FileError) {
            let request = try Folder(requestFolder(of: job, team: nil))
            for entry in try request.list() {
                if entry.name.isRequest { return InboxPath(name: entry.name) }
                let team = try request.folder(entry.name)
                if let inner = try team.list().first { return InboxPath(team: entry.name, name: inner.name) }
            }
            return nil
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// Removes the folders of a claim that did not happen; one that holds anything after all stays.
    private func discardFolders(of job: JobID) throws(FileError) {
        let base = folder(of: job)
        let request = requestFolder(of: job, team: nil)
        let teams = (try? FileSystem.list(request)) ?? []
        for path in teams.map({ "\(request)/\($0)" }) + [request, base] where rmdir(path) != 0 {
            guard errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR else {
                throw FileError("remove folder", path, errno: errno)
            }
        }
    }
}
