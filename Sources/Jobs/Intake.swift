import Configuration
import ExportCore
import Files
import Ledger
import Logging
import Spool
import Synchronization

/// Takes requests from the inbox: at the watcher's hint, at intervals, and when asked to.
///
/// A spool that is away, hung or read-only stops this and nothing else; it goes on when the spool is back.
final class Intake: Sendable {
    /// What keeps the inbox from being looked through.
    private struct State {
        var scanner: InboxScanner
        var problem: String?
        var lookingSince: ContinuousClock.Instant?
        /// Claimed, and not yet on the ledger because that could not be written.
        var unadmitted: [ClaimOutcome] = []
    }

    private let office: Office
    private let dispatcher: Dispatcher
    private let watcher: InboxWatcher
    private let rescan: Duration
    private let bell = Bell()
    private let state: Mutex<State>

    init(office: Office, dispatcher: Dispatcher, rescan: Duration) throws {
        self.office = office
        self.dispatcher = dispatcher
        self.rescan = rescan
        watcher = try InboxWatcher(office.layout)
        state = Mutex(State(scanner: InboxScanner(office.layout, settle: office.configuration.settle)))
    }

    /// Looks through the inbox soon.
    func ring() {
        bell.ring()
    }

    /// What keeps requests from being taken, or nil where nothing does.
    var problem: String? {
        state.withLock { state in
            if let since = state.lookingSince, .now - since > .seconds(30) {
                return "The spool has not answered for \((ContinuousClock.now - since).components.seconds) s."
            }
            return state.problem
        }
    }

    /// Takes requests until the task is cancelled.
    func run() async {
        let forwarder = Task { [watcher, bell] in
            for await _ in watcher.wakeUps { bell.ring() }
        }
        var nextRescan = ContinuousClock.now
        var nextDue: ContinuousClock.Instant?
        while !Task.isCancelled {
            let now = ContinuousClock.now
            if now >= nextRescan {
                watcher.refresh()
                nextRescan = now + rescan
            }
            nextDue = await look()
            let due = min(nextRescan, nextDue ?? nextRescan)
            await bell.wait(atMost: max(.milliseconds(1), due - .now))
        }
        watcher.stop()
        forwarder.cancel()
    }

    /// Looks through the inbox once.
    /// - Returns: When a file that was seen may have settled.
    private func look() async -> ContinuousClock.Instant? {
        state.withLock { $0.lookingSince = .now }
        defer { state.withLock { $0.lookingSince = nil } }
        do {
            try await office.onSpool { [office] in try office.layout.check() }
            await office.catchUp()
            try await admitLeftovers()
            if note(problem: nil) { await dispatcher.wake() }
            let hint = watcher.take()
            let scan = try await office.onSpool { [self] in
                var scanner = state.withLock { $0.scanner }
                let scan = try scanner.scan(movedIn: hint.movedIn)
                state.withLock { $0.scanner = scanner }
                return scan
            }
            for some in Self.batches(scan.candidates) {
                try Task.checkCancellation()
                let claims = try await office.onSpool { [claimer = office.claimer, now = office.now] in claimer.claim(some, now: now()) }
                try await admit(claims.compactMap { try? $0.get() }.filter { $0 != .nothing })
                // What failed is the spool's failure, which the others would meet, too.
                for claim in claims { _ = try claim.get() }
            }
            return scan.nextDue
        } catch is CancellationError {
            return nil
        } catch {
            note(problem: ExportError(error).message)
            return nil
        }
    }

    /// What is claimed together: not too much to be held in memory.
    private static func batches(_ candidates: [Candidate]) -> [[Candidate]] {
        var batches: [[Candidate]] = []
        var bytes: Int64 = 0
        for candidate in candidates {
            bytes += candidate.identity.bytes
            if let last = batches.last, last.count < Office.atOnce, bytes <= 1 << 20 {
                batches[batches.count - 1].append(candidate)
            } else {
                batches.append([candidate])
                bytes = candidate.identity.bytes
            }
        }
        return batches
    }

    /// Enters what was claimed into the ledger; keeps it for the next time where the ledger can't take it.
    private func admit(_ claimed: [ClaimOutcome]) async throws {
        do {
            await start(try await Admission(office: office).admit(claimed))
        } catch let error as LedgerError where error.kind == .conflictingJob && claimed.count > 1 {
            // The others need not wait until that one is understood.
            try await admitOneByOne(claimed)
        } catch {
            state.withLock { $0.unadmitted += claimed }
            throw error
        }
    }

    private func start(_ admitted: [Admission.Outcome]) async {
        var isAnyQueued = false
        for outcome in admitted {
            switch outcome {
            case .queued: isAnyQueued = true
            case .immediate(let job): await dispatcher.runNow(job)
            case .closed: break
            }
        }
        if isAnyQueued { await dispatcher.wake() }
    }

    private func admitLeftovers() async throws {
        let leftovers = state.withLock { state in
            defer { state.unadmitted = [] }
            return state.unadmitted
        }
        try await admitOneByOne(leftovers)
    }

    private func admitOneByOne(_ claimed: [ClaimOutcome]) async throws {
        for (index, outcome) in claimed.enumerated() {
            do {
                try await admit([outcome])
            } catch {
                state.withLock { $0.unadmitted += claimed[(index + 1)...] }
                throw error
            }
        }
    }

    /// Enters what an earlier daemon claimed and did not get onto the ledger.
    func adopt(_ outcome: ClaimOutcome) async throws {
        try await admit([outcome])
    }

    /// Notes a problem, or its end, and logs the change.
    /// - Returns: Whether a problem has gone.
    @discardableResult
    private func note(problem: String?) -> Bool {
        let before = state.withLock { state in
            defer { state.problem = problem }
            return state.problem
        }
        guard before != problem else { return false }
        if let problem {
            if before == nil { office.logger.error("Requests can't be taken.", metadata: ["reason": "\(problem)"]) }
            return false
        }
        office.logger.notice("Requests are taken again.")
        return true
    }
}
