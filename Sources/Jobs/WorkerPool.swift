public import ExportCore
import Glibc
public import Plans

/// The worker processes of this machine, shared by all active jobs: at most so many at once, started when they are needed,
/// kept between commands, ended when nobody has needed them for a while.
///
/// A free worker goes to the waiting job that has the fewest; among equals to the one that has waited longest since its
/// last. So jobs share the machine evenly, whatever the number of their parts. Where long jobs hold all workers, a short one
/// gets one more at once: a part of theirs may take hours, and a core is shared more fairly by the kernel than by waiting.
public actor WorkerPool {
    private struct Waiter {
        var job: JobID
        var id: Int
        var turn: CheckedContinuation<Void, any Error>
    }

    /// Thrown to those who wait for a worker when no more work is begun.
    public struct Draining: Error, Sendable {
        /// Whether that concerns this job alone, which goes on later.
        public var makesWay = false
    }

    /// How many workers run at once, which is also how many threads one assembly may use.
    public nonisolated let width: Int
    private let settings: WorkerSettings
    private var waiting: [Waiter] = []
    private var busy: [JobID: Int] = [:]
    private var lastServed: [JobID: Int] = [:]
    private var long: Set<JobID> = []
    private var makingWay: Set<JobID> = []
    private var served = 0
    private var nextWaiter = 0
    private var idle: [(worker: Worker, expiry: Task<Void, Never>)] = []
    private var draining = false

    /// A pool of at most `width` workers; as many as there are cores where nil.
    public init(settings: WorkerSettings, width: Int? = nil) {
        self.settings = settings
        self.width = max(1, width ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Carries out one command for a job with the next worker that is free.
    ///
    /// Cancelling the task kills that worker.
    ///
    /// - Throws: `WorkerFailure`, `Draining` where no more work is begun, or `CancellationError`.
    public func perform(
        _ order: WorkerOrder,
        for job: JobID,
        onProgress: @escaping @Sendable (WorkerProgress) -> Void = { _ in }
    ) async throws -> WorkerEvent {
        try await waitForTurn(job)
        defer { finishTurn(job) }
        let worker = takeWorker()
        do {
            let event = try await worker.perform(order, onProgress: onProgress)
            giveBack(worker)
            return event
        } catch {
            giveBack(worker)
            throw error
        }
    }

    /// Begins no more commands: those who wait get `Draining`.
    ///
    /// Commands that run go on.
    public func drain() {
        draining = true
        let refused = waiting
        waiting = []
        for waiter in refused { waiter.turn.resume(throwing: Draining()) }
    }

    /// Notes that a job takes long, so that short ones need not wait for its parts.
    public func markLong(_ job: JobID) {
        long.insert(job)
        serveLine()
    }

    /// Begins no more commands of one job: those of it that wait get `Draining`.
    public func makeWay(_ job: JobID) {
        makingWay.insert(job)
        let refused = waiting.filter { $0.job == job }
        waiting.removeAll { $0.job == job }
        for waiter in refused { waiter.turn.resume(throwing: Draining(makesWay: true)) }
    }

    /// Forgets what was noted of a job, which has ended or gone back into the queue.
    public func forget(_ job: JobID) {
        long.remove(job)
        makingWay.remove(job)
    }

    /// Ends all idle workers; nothing is begun any more.
    public func shutdown() {
        drain()
        for entry in idle {
            entry.expiry.cancel()
            entry.worker.close()
        }
        idle = []
    }

    /// How many commands are being carried out.
    public var busyCount: Int {
        busy.values.reduce(0, +)
    }

    /// How many commands wait for a worker.
    public var waitingCount: Int {
        waiting.count
    }

    // MARK: Turns

    private func waitForTurn(_ job: JobID) async throws {
        if draining { throw Draining() }
        if makingWay.contains(job) { throw Draining(makesWay: true) }
        if (waiting.isEmpty && busyCount < width) || mayExceed(job) { return grant(job) }
        nextWaiter += 1
        let id = nextWaiter
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
                waiting.append(Waiter(job: job, id: id, turn: continuation))
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    private func giveUp(_ id: Int) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).turn.resume(throwing: CancellationError())
    }

    private func grant(_ job: JobID) {
        busy[job, default: 0] += 1
        served += 1
        lastServed[job] = served
    }

    private func finishTurn(_ job: JobID) {
        let left = (busy[job] ?? 1) - 1
        busy[job] = left > 0 ? left : nil
        if left <= 0, !waiting.contains(where: { $0.job == job }) { lastServed[job] = nil }
        serveLine()
    }

    private func serveLine() {
        while let index = busyCount < width ? nextInLine() : nextInLine(where: mayExceed) {
            let waiter = waiting.remove(at: index)
            grant(waiter.job)
            waiter.turn.resume()
        }
    }

    /// Whether a job may have one worker beyond the width: a short one that has none, while long ones have them all.
    private func mayExceed(_ job: JobID) -> Bool {
        busyCount == width && !long.contains(job) && busy.keys.allSatisfy(long.contains)
    }

    private func nextInLine(where isTaken: (JobID) -> Bool = { _ in true }) -> Int? {
        waiting.indices.filter { isTaken(waiting[$0].job) }.min { left, right in
            let (a, b) = (waiting[left], waiting[right])
            return (busy[a.job] ?? 0, lastServed[a.job] ?? 0, a.id) < (busy[b.job] ?? 0, lastServed[b.job] ?? 0, b.id)
        }
    }

    // MARK: Workers

    private func takeWorker() -> Worker {
        while let entry = idle.popLast() {
            entry.expiry.cancel()
            if entry.worker.isUsable { return entry.worker }
        }
        return Worker(settings: settings, environment: Self.environment)
    }

    private func giveBack(_ worker: Worker) {
        guard worker.isUsable else { return worker.kill() }
        guard !draining else { return worker.close() }
        let limit = settings.idleLimit
        let expiry = Task { [weak self] in
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            await self?.expire(worker)
        }
        idle.append((worker, expiry))
    }

    private func expire(_ worker: Worker) {
        guard let index = idle.firstIndex(where: { $0.worker === worker }) else { return }
        idle.remove(at: index).worker.close()
    }

    /// What a worker gets to see of the daemon's environment: what programs need to run,
    /// and not the daemon's line to systemd.
    private static var environment: [String] {
        var kept: [String] = ["LC_ALL=C.UTF-8"]
        for name in ["PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH"] {
            if let value = getenv(name) { kept.append("\(name)=\(String(cString: value))") }
        }
        return kept
    }
}
