import Configuration
import ExportCore
import Files
import Ledger
import Logging
import Plans
import Spool

/// Decides which job runs when: as many at once as the configuration says, in the ledger's fair order. Everything that
/// could block happens elsewhere, so that a call to this actor always returns at once and its heartbeat means something.
actor Dispatcher {
    private struct Running {
        var task: Task<Void, Never>
        var flag: StopFlag
        /// Whether it takes one of the places for jobs; requests about other jobs don't.
        var takesPlace: Bool
        /// Whether it takes long, so that short ones need not wait for its place.
        var isLong: Bool
        /// What finds that out by time.
        var clock: Task<Void, Never>?
    }

    /// A place that a job may be started in.
    private enum Place {
        /// One of as many as the configuration says.
        case regular
        /// One more, for a short job beside nothing but long ones.
        case beside
    }

    private let office: Office
    private let backoff: Backoff
    private var running: [JobID: Running] = [:]
    private var draining = false
    /// Whether it starts nothing more.
    var isDraining: Bool { draining }
    private var pumping = false
    private var pumpAgain = false
    private var alarm: Task<Void, Never>?
    private var positionReport: Task<Void, Never>?
    private var idleWaiters: [CheckedContinuation<Void, Never>] = []
    /// Why no job is started, where one could be.
    var obstacle: String? { hindrance ?? stuck }
    private var hindrance: String?
    /// Why the ledger could not be told of the last job that ended or was to begin.
    private var stuck: String?

    init(office: Office, backoff: Backoff) {
        self.office = office
        self.backoff = backoff
    }

    /// Returns once this actor has taken a turn.
    func heartbeat() {}

    /// How many jobs run.
    var runningCount: Int { running.values.count { $0.takesPlace } }

    /// Looks for jobs that can be started.
    ///
    /// Returns at once.
    func wake() {
        guard !draining else { return }
        if pumping {
            pumpAgain = true
        } else {
            pumping = true
            Task { await pump() }
        }
    }

    /// Runs a job that concerns other jobs, beside those that have a place.
    func runNow(_ id: JobID) {
        guard running[id] == nil, !draining else { return }
        launch(id, takesPlace: false)
    }

    /// Notes that a running job takes long.
    ///
    /// As many long jobs as there are places run on. One that was started beside them as a short one makes way, between two
    /// of its parts, and waits for a place; what it has done it keeps.
    func foundLong(_ id: JobID) async {
        guard let job = running[id], job.takesPlace, !job.isLong else { return }
        running[id]?.isLong = true
        // Without the note it is only found out once more after a restart.
        _ = try? await office.onLedger { try $0.markLong(id) }
        await office.pool.markLong(id)
        if runningCount > office.configuration.workers {
            await office.pool.makeWay(id)
        } else {
            wake()
        }
    }

    /// Stops a running job for good.
    func cancel(_ id: JobID) {
        guard let job = running[id] else { return }
        job.flag.set(.cancelled)
        job.task.cancel()
    }

    /// Starts nothing more, lets running parts finish for a while, then stops what still runs.
    ///
    /// Returns once no job runs.
    func drain(grace: Duration) async {
        draining = true
        alarm?.cancel()
        await office.pool.drain()
        let limit = Task {
            try await Task.sleep(for: grace)
            stopAll()
        }
        if !running.isEmpty {
            await withCheckedContinuation { idleWaiters.append($0) }
        }
        limit.cancel()
    }

    private func stopAll() {
        for job in running.values {
            job.flag.set(.draining)
            job.task.cancel()
        }
    }

    // MARK: Starting

    private func pump() async {
        repeat {
            pumpAgain = false
            do {
                try await startJobs()
            } catch {
                hindrance = "The ledger can't be read: \(ExportError(error).message)"
                office.logger.error("The queue could not be read.", metadata: ["reason": "\(ExportError(error))"])
                setAlarm(after: .seconds(10))
            }
        } while pumpAgain && !draining
        pumping = false
    }

    private func startJobs() async throws {
        var started = false
        var asked = office.now()
        while !draining, let place = freePlace {
            asked = office.now()
            let busy = Set(running.keys)
            guard let job = try await office.onLedger({ try $0.next(running: busy, skipsLong: place == .beside) }) else { break }
            guard await isThereRoom() else { return setAlarm(after: .seconds(10)) }
            // The actor was free meanwhile: someone else may have started this very job, or all may have been told to stop.
            guard !draining, running[job.id] == nil, freePlace == place else { continue }
            launch(job.id, takesPlace: true, isLong: job.isLong)
            started = true
        }
        hindrance = nil
        guard !draining else { return }
        var pauses = stuck == nil ? [] : [Self.stuckPause]
        if let due = try await office.onLedger({ [asked] in try $0.nextRetry(after: asked) }) {
            let latest = office.now() + backoff.limit
            if due > latest { try await office.onLedger { try $0.limitRetries(to: latest) } }
            let nanoseconds = max(0, min(due, latest).nanoseconds - office.now().nanoseconds)
            pauses.append(.nanoseconds(nanoseconds) + .milliseconds(10))
        }
        if let pause = pauses.min() { setAlarm(after: pause) }
        if started { reportPositions() }
    }

    /// Where a job could be started now.
    private var freePlace: Place? {
        let placed = running.values.filter(\.takesPlace)
        let places = office.configuration.workers
        if placed.count < places { return .regular }
        return placed.count == places && placed.allSatisfy(\.isLong) ? .beside : nil
    }

    /// So many of the jobs that wait learn their new place in the queue when it has moved.
    private static let reportedPositions = 20
    /// A queue of small jobs moves all the time, and rewriting its sidecars must not cost more than the jobs.
    private static let reportPause = Duration.seconds(2)

    /// Tells those who wait that they have moved up, soon.
    private func reportPositions() {
        guard positionReport == nil else { return }
        positionReport = Task {
            try? await Task.sleep(for: Self.reportPause)
            positionReport = nil
            guard !draining, let waiting = try? await office.onLedger({ try $0.queue(limit: Self.reportedPositions) }) else { return }
            await office.report(waiting)
        }
    }

    private func launch(_ id: JobID, takesPlace: Bool, isLong: Bool = false) {
        let flag = StopFlag()
        let control = JobControl(office: office) { [weak self] in await self?.cancel($0) }
        let drive = JobDrive(office: office, control: control, backoff: backoff, flag: flag) { [weak self] in await self?.foundLong($0) }
        let task = Task {
            if isLong { await office.pool.markLong(id) }
            let failure = await drive.run(id)
            await office.pool.forget(id)
            ended(id, failure)
        }
        running[id] = Running(task: task, flag: flag, takesPlace: takesPlace, isLong: isLong)
        guard takesPlace, !isLong else { return }
        let limit = office.configuration.limits.longJob
        running[id]?.clock = Task { [weak self] in
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            await self?.foundLong(id)
        }
    }

    private func ended(_ id: JobID, _ failure: ExportError?) {
        running[id]?.clock?.cancel()
        running[id] = nil
        if running.isEmpty {
            for waiter in idleWaiters { waiter.resume() }
            idleWaiters = []
        }
        stuck = failure.map { "Jobs wait for the ledger: \($0.message)" }
        // The queue would give the same job again at once.
        if failure == nil { wake() } else { setAlarm(after: Self.stuckPause) }
    }

    /// So long after the ledger could not be told of a job it is tried again, unless something else happens before.
    private static let stuckPause = Duration.seconds(10)

    private func setAlarm(after pause: Duration) {
        alarm?.cancel()
        alarm = Task { [weak self] in
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            await self?.wake()
        }
    }

    /// Whether the file systems of work and outbox have the bytes free that must stay free.
    ///
    /// The cache gives way first.
    private func isThereRoom() async -> Bool {
        let needed = office.configuration.limits.minimumFreeBytes
        let work = office.configuration.work
        let outbox = office.layout.outbox
        let cache = office.cache
        let shortage: (path: String, free: Int64)?
        do {
            shortage = try await office.workQueue.run {
                try FileSystem.makeDirectories(work, mode: 0o750)
                if try FileSystem.freeBytes(at: work) < needed { try cache.evict(to: 0) }
                for path in [work, outbox] {
                    let free = try FileSystem.freeBytes(at: path)
                    if free < needed { return (path, free) }
                }
                return nil
            }
        } catch {
            note(obstacle: "Jobs wait: \(ExportError(error).message)")
            return false
        }
        guard let shortage else { return true }
        note(obstacle: "Jobs wait for space: \(shortage.path) has \(shortage.free) bytes free and must keep \(needed).")
        return false
    }

    private func note(obstacle text: String) {
        // The numbers in it change all the time; that jobs wait is news once.
        if hindrance == nil { office.logger.warning("\(text)") }
        hindrance = text
    }
}
