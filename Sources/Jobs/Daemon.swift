public import Configuration
public import ExportCore
import Files
import Ledger
public import Logging
import Plans
public import Sidecars
import Spool
import Synchronization

/// The daemon without its coat: from requests in the inbox to packages in the outbox.
///
/// What surrounds it (signals, the service manager, the command line) tells it when to begin, to look again, to reload
/// and to stop.
public final class Daemon: Sendable {
    private let office: Office
    private let dispatcher: Dispatcher
    private let intake: Intake
    private let notifier: Notifier
    private let sweep = Bell()
    private let board: StatusBoard
    private let lock: Mutex<SpoolLock?>
    private let serving = Mutex<Task<Void, Never>?>(nil)
    private let stopping = Mutex(false)
    private let showing = Mutex<Task<Void, Never>?>(nil)

    /// Takes the spool and opens the ledger.
    ///
    /// - Parameters:
    ///   - worker: How workers are started.
    ///   - width: How many workers run at once; nil takes the number of cores.
    /// - Throws: `ExportError` where spool or ledger can't be used, or another daemon has the spool.
    public init(
        configuration: SiteConfiguration,
        worker: WorkerSettings,
        width: Int? = nil,
        backoff: Backoff = Backoff(),
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) throws(ExportError) {
        do {
            let layout = SpoolLayout(root: configuration.spool)
            try layout.prepare()
            lock = try Mutex(SpoolLock(layout))
            let ledger: Ledger
            do throws(LedgerError) {
                ledger = try Ledger(path: configuration.ledger, allowNetworkFileSystem: configuration.allowNetworkLedger, clock: now)
            } catch {
                // The journal is where administrators look; everybody else looks here.
                StatusBoard.tell(error.exportError, in: layout, configuration, at: now())
                throw error
            }
            for folder in [configuration.work, configuration.cache.path] { try FileSystem.makeDirectories(folder, mode: 0o750) }
            let pool = WorkerPool(settings: worker, width: width)
            office = Office(ledger: ledger, configuration: configuration, pool: pool, logger: logger, now: now)
            dispatcher = Dispatcher(office: office, backoff: backoff)
            let standard: Duration = try layout.fileSystemKind().isNetwork ? .seconds(2) : .seconds(10)
            notifier = Notifier(office: office)
            office.onEnd.withLock { [notifier] in $0 = { notifier.ring() } }
            intake = try Intake(office: office, dispatcher: dispatcher, rescan: configuration.rescan ?? standard)
            board = try StatusBoard(office: office) { [office, dispatcher, intake] in
                let problems = [intake.problem, await dispatcher.obstacle].compactMap(\.self)
                let busy = await office.pool.busyCount
                return (await dispatcher.isDraining ? "draining" : "serving", problems, busy)
            }
        } catch {
            throw ExportError(error)
        }
    }

    /// Puts in order what the last daemon left in the ledger, and begins to serve.
    ///
    /// Returns once requests are being taken or soon will be; the spool may be as slow as it likes.
    ///
    /// - Throws: `ExportError` where the ledger can't be used.
    public func start() async throws(ExportError) {
        let recovery = Recovery(office: office)
        do {
            try await recovery.recoverLedger()
            WorkSpeeds.ofThisProcess.restore(try await office.onLedger { try $0.speeds() })
        } catch {
            throw ExportError(error)
        }
        let task = Task { [office, dispatcher, intake] in
            await recovery.recover(intake)
            await dispatcher.wake()
            await withTaskGroup { group in
                group.addTask { await intake.run() }
                // Of a long queue this takes a while, for which nobody's request should have to wait.
                group.addTask { await recovery.recoverSidecars() }
                group.addTask { [office] in await office.quotaBoard.run(office) }
                group.addTask { [notifier] in await notifier.run() }
                group.addTask { [self] in await keepRetention() }
            }
        }
        serving.withLock { $0 = task }
        showing.withLock { $0 = Task { [board] in await board.run() } }
    }

    /// How often old packages and sidecars are looked for without being asked.
    private static let sweepInterval = Duration.seconds(86_400)

    private func keepRetention() async {
        while !Task.isCancelled {
            await Retention(office: office).sweep()
            await sweep.wait(atMost: Self.sweepInterval)
        }
    }

    /// Removes packages and sidecars that are older than the site keeps them, soon.
    public func prune() {
        sweep.ring()
    }

    /// Looks through the inbox now.
    public func rescan() {
        intake.ring()
    }

    /// Returns once the part that decides what runs has taken a turn; waits for no file.
    public func heartbeat() async {
        await dispatcher.heartbeat()
    }

    /// What the daemon is doing, in one line.
    public func statusLine() async -> String {
        let running = await dispatcher.runningCount
        let parts = await office.pool.busyCount
        var line =
            running == 0
            ? "idle" : "\(running) \(running == 1 ? "job" : "jobs") running, \(parts) \(parts == 1 ? "worker" : "workers") busy"
        if stopping.withLock({ $0 }) { line = "draining: \(line)" }
        for problem in [intake.problem, await dispatcher.obstacle].compactMap(\.self) { line += "; \(problem)" }
        return line
    }

    /// Takes over what may change without a restart: stores, robots, quota, roles, projects, retention,
    /// notification, workers, retries, the cache's size, and limits other than those on requests and on a worker's memory.
    ///
    /// Jobs that run keep what they began with.
    ///
    /// - Returns: The keys that differ and need a restart.
    public func reload(_ new: SiteConfiguration) async -> [String] {
        let old = office.configuration
        var merged = new
        merged.spool = old.spool
        merged.ledger = old.ledger
        merged.allowNetworkLedger = old.allowNetworkLedger
        merged.work = old.work
        merged.cache.path = old.cache.path
        merged.rescan = old.rescan
        merged.settle = old.settle
        merged.limits.maximumRequestBytes = old.limits.maximumRequestBytes
        merged.limits.workerMemory = old.limits.workerMemory
        office.configuration = merged
        office.quotaBoard.noteAll()
        await dispatcher.wake()
        intake.ring()
        let fixed: [(String, Bool)] = [
            ("spool", old.spool != new.spool), ("ledger", old.ledger != new.ledger),
            ("allow_network_ledger", old.allowNetworkLedger != new.allowNetworkLedger), ("work", old.work != new.work),
            ("cache.path", old.cache.path != new.cache.path), ("rescan", old.rescan != new.rescan), ("settle", old.settle != new.settle),
            ("limits.max_request_bytes", old.limits.maximumRequestBytes != new.limits.maximumRequestBytes),
            ("limits.worker_memory", old.limits.workerMemory != new.limits.workerMemory),
        ]
        return fixed.filter(\.1).map(\.0)
    }

    /// Stops: takes no more requests, starts no more parts, lets those that run finish for `grace`, puts their jobs
    /// back into the queue.
    ///
    /// Returns after at most `limit`, however hung the spool may be.
    public func drain(grace: Duration = .seconds(20), limit: Duration = .seconds(28)) async {
        stopping.withLock { $0 = true }
        let intakeTask = serving.withLock { $0 }
        intakeTask?.cancel()
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let work = Task { [self] in
            await dispatcher.drain(grace: grace)
            await office.pool.shutdown()
            await intakeTask?.value
            showing.withLock { $0 }?.cancel()
            await showing.withLock { $0 }?.value
            try? await board.write("stopped")
            do {
                try await office.onLedger { try $0.close() }
            } catch {
                office.logger.warning("The ledger did not close in good order.", metadata: ["reason": "\(ExportError(error))"])
            }
            lock.withLock { $0 = nil }
            end.yield()
        }
        let alarm = Task {
            try await Task.sleep(for: limit)
            end.yield()
        }
        for await _ in ends { break }
        alarm.cancel()
        withExtendedLifetime(work) {}
    }
}
