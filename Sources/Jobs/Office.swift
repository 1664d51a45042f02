import Configuration
import ExportCore
import Files
import Ledger
import Logging
import Plans
import Requests
import Sidecars
import Spool
import Synchronization

/// What all that handles jobs shares: ledger, spool, configuration, and the queues on which each of them may block.
final class Office: Sendable {
    let ledger: Ledger
    let layout: SpoolLayout
    let claimer: Claimer
    let outbox: Outbox
    let pool: WorkerPool
    let logger: Logger
    let workQueue = IOQueue("work")
    /// Called whenever a job has ended, so that those who wait for that are told.
    let onEnd = Mutex<(@Sendable () -> Void)?>(nil)
    let now: @Sendable () -> Timestamp
    private let sidecars: SidecarStore
    private let ledgerQueue = IOQueue("ledger")
    private let spoolQueue = IOQueue("spool")
    /// The public files about usage.
    let quotaBoard: QuotaBoard
    private let current: Mutex<SiteConfiguration>
    /// Jobs whose sidecars could not be written.
    private let lagging = Mutex(Laggards())
    private let changeCount = Mutex(0)
    private let waitingReport = Mutex<Task<Void, Never>?>(nil)

    init(
        ledger: Ledger,
        configuration: SiteConfiguration,
        pool: WorkerPool,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.ledger = ledger
        self.pool = pool
        self.logger = logger
        self.now = now
        layout = SpoolLayout(root: configuration.spool)
        claimer = Claimer(layout, limit: Int(clamping: configuration.limits.maximumRequestBytes))
        outbox = Outbox(layout)
        sidecars = SidecarStore(layout)
        quotaBoard = QuotaBoard(folder: "\(layout.status)/quota", logger: logger)
        current = Mutex(configuration)
    }

    /// The configuration as it is now.
    var configuration: SiteConfiguration {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    /// Grows with every change that readers of the status page would see.
    var changes: Int { changeCount.withLock { $0 } }

    /// The limits of quota.
    var quotaPolicy: QuotaPolicy { configuration.quota }

    /// Works on the ledger.
    func onLedger<Value: Sendable>(_ body: @escaping @Sendable (Ledger) throws -> Value) async throws -> Value {
        try await ledgerQueue.run { [ledger] in try body(ledger) }
    }

    /// Works on the spool, after everything that was asked of it before.
    func onSpool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await spoolQueue.run(body)
    }

    // MARK: Where things lie

    /// The work folder of a job.
    func work(of job: JobID) -> WorkFolder {
        WorkFolder(path: "\(configuration.work)/\(job)")
    }

    /// The cache of parts.
    var cache: PartCache {
        let cache = configuration.cache
        return PartCache(path: "\(cache.path)/parts", maximumBytes: cache.maximumBytes)
    }

    /// A runner under the configuration as it is now.
    func runner() -> JobRunner {
        JobRunner(
            pool: pool,
            site: SiteSettings(configuration),
            cache: cache,
            io: workQueue,
            countCrash: { [self] job, step in try await onLedger { try $0.recordWorkerCrash(job, part: step) } },
            logger: logger
        )
    }

    // MARK: Sidecars

    /// So many requests are taken and reported together: enough to share what each would wait for, few enough that the first
    /// of them does not wait for long.
    static let atOnce = 32

    /// Removes what a crash left half-written beside requests.
    func removeTemporaries() async throws {
        try await onSpool { [sidecars] in try sidecars.removeTemporaries() }
    }

    /// Brings a job's sidecars to what the ledger says now.
    func report(_ id: JobID) async {
        await report([id])
    }

    /// Brings the sidecars of jobs to what the ledger says now.
    ///
    /// A spool that can't be written delays that, and nothing else.
    func report(_ ids: [JobID]) async {
        guard !ids.isEmpty else { return }
        changeCount.withLock { $0 += 1 }
        var failures: [JobID: any Error] = [:]
        do {
            failures = try await onSpool { [self] in
                let standings = try ledger.standings(of: ids, quotaPolicy)
                for standing in standings where standing.job.kind == RequestKind.export.rawValue { quotaBoard.note(standing.job.user) }
                let statuses = standings.filter(\.ownsSidecars).map(Self.status)
                var failures: [JobID: any Error] = [:]
                for (status, failure) in zip(statuses, sidecars.write(statuses)) {
                    // Where only the folder is gone that the request was dropped in, nobody waits for the sidecar.
                    guard let failure, !(failure.isMissing && FileSystem.exists(layout.inbox)) else { continue }
                    failures[status.job] = failure
                }
                return failures
            }
        } catch {
            for id in ids { failures[id] = error }
        }
        for id in ids {
            let isNews = lagging.withLock { lagging in
                if failures[id] == nil { lagging.remove(id) }
                return failures[id] != nil && lagging.add(id)
            }
            guard isNews, let error = failures[id] else { continue }
            logger.warning("A sidecar could not be written; it is tried again.", metadata: ["job": "\(id)", "reason": "\(error)"])
        }
    }

    /// A job as its sidecar tells it.
    private static func status(_ standing: JobStanding) -> StatusDocument {
        let isKnown = standing.job.role != Identity.Role.unknown.rawValue
        var status = standing.job.status(
            queuePosition: standing.queuePosition,
            quota: isKnown ? StatusDocument.Quota(standing.usage) : nil
        )
        if standing.job.state == .pending, isHeldBack(standing.job), let pause = standing.pause { status.warnings.append(Warning(pause)) }
        return status
    }

    /// Whether a pause of the queue keeps a job waiting.
    private static func isHeldBack(_ job: Job) -> Bool {
        job.kind == RequestKind.export.rawValue || job.kind == RequestKind.preview.rawValue
    }

    /// Brings the sidecars of all jobs that wait to what is true now, of which the queue's pause is a part.
    ///
    /// Returns at once; what is begun again is not done twice.
    func reportWaiting() {
        let wave = Task {
            guard let waiting = try? await onLedger({ try $0.openJobs(running: false) }) else { return }
            for some in waiting.chunks(of: Self.atOnce) where !Task.isCancelled { await report(Array(some)) }
        }
        waitingReport.withLock { last in
            last?.cancel()
            last = wave
        }
    }

    /// Removes the sidecars of a job, unless a later request of the same name has taken them over.
    func removeSidecars(of job: Job) async throws {
        try await onSpool { [ledger, sidecars] in
            guard try ledger.ownsSidecars(job) else { return }
            try sidecars.remove(of: job.request)
        }
    }

    /// Reports a job that has ended, removes its work, and clears its claim away.
    func close(_ id: JobID, keepParts: Bool) async {
        await report(id)
        onEnd.withLock(\.self)?()
        do {
            // A daemon that was killed behind publishing a job, and before the ledger knew, has left packages of a job that was
            // cancelled or failed since.
            let isOrphan = try await onLedger { ledger in
                try ledger.job(id)?.state.isTerminal == true && ledger.files(of: id).isEmpty
            }
            if isOrphan {
                try await onSpool { [outbox] in if outbox.isPublished(id) { try outbox.withdraw(id) } }
            }
        } catch {
            logger.warning(
                "Packages of a job that did not complete could not be removed.",
                metadata: ["job": "\(id)", "reason": "\(ExportError(error))"]
            )
        }
        do {
            try await runner().cleanUp(work(of: id), keepParts: keepParts)
        } catch {
            logger.warning("Work of a job that ended could not be removed.", metadata: ["job": "\(id)", "reason": "\(ExportError(error))"])
        }
        if lagging.withLock({ !$0.contains(id) }) { await closeClaim(id) }
    }

    /// Writes the sidecars that could not be written before.
    ///
    /// A spool that takes none of some of them is left in peace for now; the next call begins with others.
    func catchUp() async {
        var tried: Set<JobID> = []
        while true {
            let turn = lagging.withLock { $0.next(Self.atOnce) }.filter { tried.insert($0).inserted }
            guard !turn.isEmpty else { return }
            await report(turn)
            let written = lagging.withLock { lagging in turn.filter { !lagging.contains($0) } }
            guard !written.isEmpty else { return }
            for id in written {
                let ended = try? await onLedger { try $0.job(id)?.state.isTerminal ?? true }
                if ended == true { await closeClaim(id) }
            }
        }
    }

    private func closeClaim(_ id: JobID) async {
        do {
            try await onSpool { [claimer] in try claimer.close(id) }
        } catch {
            // What is left is found at the next start.
            logger.notice(
                "What was claimed for a job could not be cleared away.",
                metadata: ["job": "\(id)", "reason": "\(ExportError(error))"]
            )
        }
    }
}

extension Array {
    /// The elements in their order, so many together.
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}

extension Warning {
    /// Why a job waits although its turn may have come.
    fileprivate init(_ pause: QueuePause) {
        self.init(
            "queue_paused",
            "The queue has been paused since \(pause.since.rfc3339) by \(pause.actor); jobs wait until an administrator resumes it."
        )
    }
}
