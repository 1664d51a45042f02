import Configuration
import ExportCore
import Files
import Glibc
import Jobs
import Ledger
import Sidecars
import Spool

/// What is known of jobs, read from the ledger where the caller may, else from the sidecars.
struct JobBook {
    private let site: SiteConfiguration
    private let spool: SpoolLayout
    private let ledger: Ledger?
    /// Why the ledger could not be read; nil where it could.
    let complaint: ExportError?

    /// The jobs of a site.
    ///
    /// A ledger that cannot be read is no failure: the sidecars are everyone's to read.
    init(_ site: SiteConfiguration) {
        self.site = site
        spool = SpoolLayout(root: site.spool)
        do throws(LedgerError) {
            ledger = try Ledger.readOnly(path: site.ledger)
            complaint = nil
        } catch {
            ledger = nil
            complaint = error.exportError
        }
    }

    /// The newest jobs, newest first.
    func list(limit: Int) throws -> [StatusDocument] {
        guard let ledger else { return Array(try sidecars().prefix(limit)) }
        var filter = JobFilter()
        filter.limit = limit
        let queue = try ledger.queue()
        return try ledger.list(filter).map { job in try status(job, ledger, queuePosition: queue.firstIndex(of: job.id)) }
    }

    /// The jobs that run, then those that wait in the order in which they will run.
    func open() throws -> [StatusDocument] {
        guard let ledger else { return try sidecars().filter { !$0.state.isTerminal } }
        var filter = JobFilter()
        filter.states = [.processing]
        let running = try ledger.list(filter).reversed().map { try status($0, ledger) }
        let waiting = try ledger.queue().enumerated().compactMap { position, id in
            try ledger.job(id).map { try status($0, ledger, queuePosition: position) }
        }
        return running + waiting
    }

    /// Since when no job is started, and by whose wish; nil where jobs are, or where the ledger cannot be read.
    func pause() throws -> QueuePause? {
        try ledger?.pause()
    }

    private func status(_ job: Job, _ ledger: Ledger, queuePosition: Int? = nil) throws -> StatusDocument {
        job.status(queuePosition: queuePosition, quota: StatusDocument.Quota(try ledger.tighterUsage(of: job.user, site.quota)))
    }

    /// Refuses to tell of a job that the caller may not see.
    ///
    /// What is known from its sidecar is everyone's to read.
    func requireVisible(_ id: JobID) throws {
        guard let ledger, let job = try ledger.job(id) else { return }
        let identity = Identity.caller(site)
        guard try !ledger.isVisible(job, to: identity.visibility) else { return }
        throw ExportError(
            .notPermitted,
            "The job \(id) belongs to \(job.user), and \(identity.name) may not see it.",
            hint: "Ask an administrator."
        )
    }

    /// The datasets of a job's selection; nothing where the ledger cannot be read.
    func datasets(of id: JobID) throws -> [JobDataset] {
        try ledger?.datasets(of: id) ?? []
    }

    /// When a job's packages were removed; nil while they are there.
    func expired(_ id: JobID) throws -> Timestamp? {
        try ledger?.job(id)?.expired
    }

    /// A job's request as it was dropped.
    func requestText(of id: JobID) throws -> [UInt8] {
        if let stored = try ledger?.request(of: id) { return stored.text }
        return try FileSystem.read("\(outbox(of: id))/request.yaml", limit: 1 << 20)
    }

    /// The job of an id, or the newest of a request's name.
    ///
    /// - Throws: `ExportError` where nothing is known of it.
    func find(_ text: String) throws -> StatusDocument {
        if let ledger, let job = try JobID(text).flatMap({ try ledger.job($0) }) ?? ledger.jobs(named: text).first {
            return try status(job, ledger, queuePosition: ledger.queuePosition(job.id))
        }
        if let place = try? InboxPlace(text, in: spool), let status = try? place.status() { return status }
        if let id = JobID(text), let status = try finished(id) ?? sidecars().first(where: { $0.job == id }) { return status }
        throw ExportError(
            .ioError,
            "Nothing is known of \"\(Output.printable(text))\": it is neither a job nor the name of a request.",
            hint: "List the jobs with `exportctl status`.",
            retryable: false
        )
    }

    /// What happened to a job, in order; nothing where the ledger cannot be read.
    func events(of job: JobID) throws -> [JobEvent] {
        try ledger?.events(of: job) ?? []
    }

    /// Where a job's packages lie.
    func outbox(of job: JobID) -> String { "\(spool.outbox)/\(job)" }

    private func finished(_ job: JobID) throws -> StatusDocument? {
        let path = "\(spool.outbox)/\(job)/status.json"
        do {
            return try StatusDocument(json: FileSystem.read(path, limit: 64 << 20))
        } catch let error as FileError where error.isMissing {
            return nil
        }
    }

    /// All status sidecars of the inbox and its team folders, newest first.
    ///
    /// What cannot be read is passed over.
    private func sidecars() throws(FileError) -> [StatusDocument] {
        var found: [StatusDocument] = []
        let names = try FileSystem.list(spool.inbox).filter { !$0.hasPrefix(".") }
        for name in names {
            let path = "\(spool.inbox)/\(name)"
            if name.hasSuffix(".status.json") {
                if let status = read(path) { found.append(status) }
            } else if let status = try FileSystem.statusIfPresent(of: path), status.kind == .directory {
                let inner = (try? FileSystem.list(path)) ?? []
                found += inner.filter { !$0.hasPrefix(".") && $0.hasSuffix(".status.json") }.compactMap { read("\(path)/\($0)") }
            }
        }
        return found.sorted { $0.createdAt > $1.createdAt }
    }

    private func read(_ path: String) -> StatusDocument? {
        guard let bytes = try? FileSystem.read(path, limit: 64 << 20, nofollow: true) else { return nil }
        return try? StatusDocument(json: bytes)
    }
}
