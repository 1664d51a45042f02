import Configuration
import ExportCore
import Files
import Ledger
import Logging
import Plans
import Sidecars
import Spool
import StatusPage
import Synchronization

/// Keeps `status/` up to date: the page, the queue as JSON, and the metrics.
///
/// Written at most every two seconds, when something has changed, and now and then so that readers see that the daemon
/// lives. A spool or a ledger that can't be used delays that, and nothing else.
final class StatusBoard: Sendable {
    /// So many ended jobs are on the page; all are in the ledger.
    static let recentJobs = 200
    /// So many waiting jobs are on the page; the rest are counted.
    static let listedQueue = 100
    /// So many users' allowances are on the page.
    static let listedUsers = 100
    private static let pause = Duration.seconds(2)
    private static let longestPause = Duration.seconds(30)
    /// Counting the cache looks at every file in it.
    private static let cachePause = Duration.seconds(60)

    private let office: Office
    private let since: Timestamp
    private let page: StatusPage
    private let cacheSize = Mutex<(bytes: Int64?, counted: ContinuousClock.Instant)?>(nil)
    /// The daemon's state in a word, what keeps it from its work, and how many parts are worked on.
    private let health: @Sendable () async -> (state: String, problems: [String], busy: Int)

    init(
        office: Office,
        health: @escaping @Sendable () async -> (state: String, problems: [String], busy: Int)
    ) throws {
        self.office = office
        self.health = health
        since = office.now()
        page = try StatusPage()
    }

    /// Writes whenever something has changed, until the task is cancelled.
    func run() async {
        var shown: (change: Int, problems: [String], state: String)?
        var written = ContinuousClock.now
        var complained = false
        await removeTemporaries()
        while !Task.isCancelled {
            let change = office.changes
            let health = await health()
            let isNew = shown.map { $0.change != change || $0.problems != health.problems || $0.state != health.state } ?? true
            if isNew || ContinuousClock.now - written >= Self.longestPause {
                do {
                    try await write(health)
                    shown = (change, health.problems, health.state)
                    complained = false
                } catch {
                    if !complained {
                        office.logger.warning(
                            "The status page could not be written; it is tried again.",
                            metadata: ["reason": "\(ExportError(error))"]
                        )
                    }
                    complained = true
                }
                written = .now
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Removes what a crash left half-written.
    private func removeTemporaries() async {
        // What can't be removed now is found at the next start.
        try? await office.onSpool { [status = office.layout.status] in
            for folder in [status, "\(status)/quota"] where FileSystem.exists(folder) {
                for name in try FileSystem.list(folder) where name.hasPrefix(".") && name.hasSuffix(".tmp") {
                    try FileSystem.removeFile("\(folder)/\(name)")
                }
            }
        }
    }

    /// Writes everything as it is now, under a state that the daemon's own parts don't know of.
    func write(_ state: String) async throws {
        var health = await health()
        health.state = state
        try await write(health)
    }

    private func write(_ health: (state: String, problems: [String], busy: Int)) async throws {
        let surroundings = await surroundings()
        var snapshot = ServiceSnapshot(
            writtenAt: office.now().rfc3339,
            health: ServiceSnapshot.Health(
                version: Version.current,
                since: since.rfc3339,
                state: health.state,
                problems: health.problems + surroundings.problems,
                workers: office.configuration.workers,
                busy: health.busy,
                freeBytes: surroundings.free,
                minimumFreeBytes: office.configuration.limits.minimumFreeBytes,
                cacheBytes: surroundings.cache
            )
        )
        var totals: LedgerTotals?
        do {
            (snapshot, totals) = try await office.onLedger { [snapshot, office] ledger in
                var snapshot = snapshot
                try snapshot.fill(from: ledger, policy: office.quotaPolicy)
                return (snapshot, try ledger.totals())
            }
        } catch {
            // The page says it; what runs is still told by the sidecars.
            snapshot.health.problems.append("The ledger can't be read: \(ExportError(error).message)")
        }
        if totals != nil, let pause = try await office.onLedger({ try $0.pause() }) {
            snapshot.health.pause = ServiceSnapshot.Pause(since: pause.since.rfc3339, actor: pause.actor)
            if snapshot.health.state == "serving" { snapshot.health.state = "paused" }
        }
        let files = try Self.files(snapshot, totals, page, at: office.now())
        try await office.onSpool { [folder = office.layout.status] in try Self.write(files, into: folder) }
    }

    private static func files(
        _ snapshot: ServiceSnapshot,
        _ totals: LedgerTotals?,
        _ page: StatusPage,
        at now: Timestamp
    ) throws -> [(name: String, bytes: [UInt8])] {
        [
            ("queue.json", try StatusPage.json(snapshot)), ("index.html", page.html(snapshot)),
            ("metrics.prom", Metrics(snapshot, totals, now: now).bytes),
        ]
    }

    private static func write(_ files: [(name: String, bytes: [UInt8])], into folder: String) throws {
        for (name, bytes) in files { try FileSystem.writeAtomically("\(folder)/\(name)", bytes, mode: 0o644) }
    }

    /// Says where people look why the daemon could not even start.
    static func tell(_ error: ExportError, in layout: SpoolLayout, _ configuration: SiteConfiguration, at now: Timestamp) {
        let advice = error.hint.map { " \($0)" } ?? ""
        let snapshot = ServiceSnapshot(
            writtenAt: now.rfc3339,
            health: ServiceSnapshot.Health(
                version: Version.current,
                since: now.rfc3339,
                state: "stopped",
                problems: ["exportd could not start, and takes no requests: \(error.message)\(advice)"],
                workers: configuration.workers,
                busy: 0,
                freeBytes: try? FileSystem.freeBytes(at: layout.outbox),
                minimumFreeBytes: configuration.limits.minimumFreeBytes
            )
        )
        // A page that can't be written either must not hide the error itself.
        try? write(files(snapshot, nil, StatusPage(), at: now), into: layout.status)
    }

    /// What the ledger does not know: space, the cache, and stores that are away.
    private func surroundings() async -> (free: Int64?, cache: Int64?, problems: [String]) {
        let stores = office.configuration.stores
        let (outbox, cache) = (office.layout.outbox, office.cache.path)
        let known = cacheSize.withLock { $0 }
        let isStale = known.map { ContinuousClock.now - $0.counted >= Self.cachePause } ?? true
        let found = try? await office.workQueue.run {
            (
                free: try? FileSystem.freeBytes(at: outbox),
                cache: isStale ? try? FileSystem.treeBytes(cache) : known?.bytes,
                problems: stores.filter { !FileSystem.exists($0) }.map { "The store \($0) is not there." }
            )
        }
        guard let found else { return (nil, known?.bytes, []) }
        if isStale { cacheSize.withLock { $0 = (found.cache, .now) } }
        return found
    }
}

extension ServiceSnapshot {
    /// Takes over what the ledger holds.
    fileprivate mutating func fill(from ledger: Ledger, policy: QuotaPolicy) throws(LedgerError) {
        var filter = JobFilter()
        filter.states = [.processing]
        running = try ledger.list(filter).reversed().map { Entry($0, position: nil) }
        queueLength = try ledger.queueLength()
        queue = []
        for (position, id) in try ledger.queue(limit: StatusBoard.listedQueue).enumerated() {
            if let job = try ledger.job(id), job.state == .pending { queue.append(Entry(job, position: position)) }
        }
        recent = try ledger.recentlyEnded(limit: StatusBoard.recentJobs).map { Entry($0, position: nil) }
        let system = try ledger.systemUsage(policy)
        quota = [Quota(system)] + (try ledger.allUsage(policy)).prefix(StatusBoard.listedUsers).map { Quota($0) }
    }
}

extension ServiceSnapshot.Entry {
    fileprivate init(_ job: Job, position: Int?) {
        self.init(job: job.id, request: job.request, user: job.user, state: job.state.rawValue, createdAt: job.created.rfc3339)
        title = job.title
        priority = job.priority == .normal ? nil : "\(job.priority)"
        kind = job.kind
        formats = job.exports.map(\.format)
        startedAt = job.started?.rfc3339
        finishedAt = job.finished?.rfc3339
        queuePosition = position
        percent = job.progress.percent
        etaSeconds = job.state == .processing ? job.progress.etaSeconds : nil
        current = job.state == .processing ? job.progress.current : nil
        datasetsDone = job.progress.datasetsDone
        datasetsTotal = job.progress.datasetsTotal
        let published = job.exports.compactMap(\.bytes)
        bytes = published.isEmpty ? nil : published.reduce(0, +)
        isPublished = job.state == .completed && job.kind == "export" && job.expired == nil
        if job.expired != nil { state = "expired" }
        warnings = job.warnings.count
        error = job.error?.code.rawValue
        message = job.error?.message
    }
}

extension ServiceSnapshot.Quota {
    fileprivate init(_ usage: QuotaUsage) {
        self.init(scope: usage.user ?? "system", window: usage.window.rawValue)
        usedExports = usage.usedExports
        reservedExports = usage.reservedExports
        limitExports = usage.limit.exports
        usedBytes = usage.usedBytes
        reservedBytes = usage.reservedBytes
        limitBytes = usage.limit.bytes
        resetsAt = usage.resetsAt?.exactRFC3339
    }
}

extension Metrics {
    /// The numbers of a snapshot, and where the ledger could be read its sums.
    fileprivate init(_ snapshot: ServiceSnapshot, _ totals: LedgerTotals?, now: Timestamp) {
        self.init()
        let health = snapshot.health
        add("info", .gauge, "The daemon's version.", labels: ["version"], [([health.version], 1)])
        add("written_timestamp_seconds", .gauge, "When this file was written.", Double(now.nanoseconds / 1_000_000) / 1_000)
        add("ledger_up", .gauge, "Whether the ledger can be read.", totals == nil ? 0 : 1)
        add("problems", .gauge, "Things that keep the daemon from its work.", Double(health.problems.count))
        add("paused", .gauge, "Whether an administrator has paused the queue.", health.state == "paused" ? 1 : 0)
        add("workers", .gauge, "Jobs that may run at a time.", Double(health.workers))
        add("parts_in_work", .gauge, "Parts that are being worked on.", Double(health.busy))
        add("free_bytes", .gauge, "Free bytes of the spool's file system.", health.freeBytes.map(Double.init))
        add("cache_bytes", .gauge, "Bytes of finished parts that are kept for later jobs.", health.cacheBytes.map(Double.init))
        let user = ["user"]
        add(
            "quota_used_exports",
            .gauge,
            "Exports used in the current window.",
            labels: user,
            snapshot.quota.map { ([$0.scope], Double($0.usedExports)) }
        )
        add(
            "quota_used_bytes",
            .gauge,
            "Bytes used in the current window.",
            labels: user,
            snapshot.quota.map { ([$0.scope], Double($0.usedBytes)) }
        )
        add(
            "quota_limit_exports",
            .gauge,
            "Exports that the current window allows.",
            labels: user,
            snapshot.quota.compactMap { quota in quota.limitExports.map { ([quota.scope], Double($0)) } }
        )
        guard let totals else { return }
        add("jobs", .gauge, "Jobs by state.", labels: ["state"], JobState.allCases.map { ([$0.rawValue], Double(totals.states[$0] ?? 0)) })
        add("queue_length", .gauge, "Jobs that wait.", Double(snapshot.queueLength))
        let oldest = totals.oldestPending.map { max(0, Double(now.nanoseconds - $0.nanoseconds) / 1e9) } ?? 0
        add("oldest_pending_seconds", .gauge, "How long the oldest waiting job has waited.", oldest)
        add("published_bytes_total", .counter, "Bytes of all packages that were published.", Double(totals.publishedBytes))
        add("export_duration_seconds_total", .counter, "Seconds that completed exports took, summed.", totals.completedSeconds)
        add(
            "failures",
            .gauge,
            "Failed jobs by the code of their error.",
            labels: ["code"],
            totals.failures.sorted { $0.key < $1.key }.map { ([$0.key], Double($0.value)) }
        )
        add(
            "last_success_timestamp_seconds",
            .gauge,
            "When the last export completed.",
            totals.lastSuccess.map { Double($0.nanoseconds / 1_000_000) / 1_000 }
        )
        add("denied_total", .counter, "Actions that were denied.", Double(totals.denied))
    }
}
