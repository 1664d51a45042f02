import ExportCore
import Ledger
import Sidecars
import TestSupport
import Testing

@Suite struct TransitionTests {
    private let scratch = Scratch()
    private let clock = TestClock()
    private let ledger: Ledger

    init() throws {
        let clock = clock
        ledger = try Ledger(path: scratch.ledger, clock: { clock.now })
    }

    private let error = ExportError(.datasetUnreadable, "The dataset x is empty.", hint: "Record it again.")

    private func kind(_ body: () throws -> Void) -> LedgerError.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? LedgerError)?.kind
        }
    }

    @Test func `a job goes from acceptance to completion, and its past says so`() throws {
        let accepted = try ledger.accept(newJob(1, request: "team/nightly.yaml", title: "Nightly"))
        #expect(accepted.state == .pending)
        #expect(accepted.name == "team/nightly")
        #expect(accepted.attempt == 1)
        clock.advance(seconds: 1)
        let started = try ledger.start(id(1))
        #expect(started.started == clock.now)
        try ledger.recordSelection(
            id(1),
            .init(datasets: 1, segments: 2, bytes: 3),
            datasets: [JobDataset(id: DatasetID("a"), fingerprint: "f", bytes: 3)],
            warnings: [Warning("w", "A warning.")]
        )
        try ledger.progress(id(1), progress(40))
        clock.advance(seconds: 1)
        let file = JobFile(export: 0, file: "nightly_hdf5.tar.gz", bytes: 9, sha256: String(repeating: "a", count: 64))
        let export = StatusDocument.Export(format: "hdf5", state: .completed, file: file.file, bytes: 9, sha256: file.sha256)
        try ledger.complete(id(1), exports: [export], files: [file], warnings: [])
        let job = try #require(try ledger.job(id(1)))
        #expect(job.state == .completed)
        #expect(job.finished == clock.now)
        #expect(job.progress.percent == 100)
        #expect(job.exports == [export])
        #expect(job.selection?.segments == 2)
        #expect(try ledger.files(of: id(1)) == [file])
        #expect(try ledger.datasets(of: id(1)).map(\.fingerprint) == ["f"])
        #expect(try ledger.request(of: id(1))?.text == newJob(1).text)
        #expect(try ledger.request(of: id(1))?.sha256.count == 64)
        let events = try ledger.events(of: id(1))
        #expect(events.map(\.from) == [nil, .pending, .processing])
        #expect(events.map(\.to) == [.pending, .processing, .completed])
        #expect(events[0].actor == "alice")
    }

    @Test func `accepting the same request again changes nothing`() throws {
        try ledger.accept(newJob(1))
        try ledger.start(id(1))
        #expect(try ledger.accept(newJob(1)).state == .processing)
        #expect(try ledger.events(of: id(1)).count == 2)
        var other = newJob(1)
        other.text = [1, 2, 3]
        #expect(kind { try ledger.accept(other) } == .conflictingJob)
    }

    @Test func `requests accepted together keep their order and are entered all or none`() throws {
        try ledger.accept(newJob(1))
        let failure = ExportError(.notPermitted, "No.")
        let jobs = try ledger.accept([Acceptance(newJob(2)), Acceptance(newJob(1)), Acceptance(newJob(3), refusal: failure)])
        #expect(jobs.map(\.id) == [id(2), id(1), id(3)])
        #expect(jobs.map(\.sequence) == [2, 1, 3])
        #expect(jobs.map(\.state) == [.pending, .pending, .failed])
        var other = newJob(1)
        other.text = [1, 2, 3]
        #expect(throws: LedgerError.self) { try ledger.accept([Acceptance(newJob(4)), Acceptance(other)]) }
        #expect(try ledger.job(id(4)) == nil)
    }

    @Test func `a job that nobody knows cannot change`() throws {
        #expect(kind { try ledger.start(id(7)) } == .unknownJob)
        #expect(kind { _ = try ledger.recordWorkerCrash(id(7), part: "plan") } == .unknownJob)
        #expect(try ledger.job(id(7)) == nil)
        #expect(try ledger.queuePosition(id(7)) == nil)
    }

    @Test func `progress never goes back, not even when the job is continued`() throws {
        try ledger.accept(newJob(1))
        try ledger.start(id(1))
        #expect(try ledger.progress(id(1), progress(60)).progress.percent == 60)
        #expect(try ledger.progress(id(1), progress(50)).progress.percent == 60)
        #expect(try ledger.progress(id(1), progress(.nan)).progress.percent == 60)
        try ledger.requeue(id(1), .daemonStopped)
        #expect(kind { try ledger.progress(id(1), progress(70)) } == .illegalTransition)
        try ledger.start(id(1))
        #expect(try ledger.progress(id(1), progress(5)).progress.percent == 60)
        #expect(try ledger.progress(id(1), progress(900)).progress.percent == 100)
    }

    @Test func `a failed job says why`() throws {
        try ledger.accept(newJob(1))
        let job = try ledger.fail(id(1), error)
        #expect(job.status().error == error)
        #expect(job.status().finishedAt == clock.now.rfc3339)
        #expect(job.exports.map(\.state) == [.failed])
        #expect(try ledger.job(id(1))?.error == error)
    }

    @Test func `a transient error puts the job off and counts the try`() throws {
        try ledger.accept(newJob(1))
        try ledger.start(id(1))
        let later = Timestamp(nanoseconds: clock.now.nanoseconds + 30_000_000_000)
        let job = try ledger.requeue(id(1), .transientError(error, notBefore: later))
        #expect(job.attempt == 2)
        #expect(job.transientFailures == 1)
        #expect(job.error == nil)
        #expect(try ledger.next() == nil)
        #expect(try ledger.nextRetry() == later)
        #expect(try ledger.queuePosition(id(1)) == 0)
        let asked = clock.now
        clock.advance(seconds: 30)
        // It came due after it was asked for.
        #expect(try ledger.nextRetry(after: asked) == later)
        #expect(try ledger.next()?.id == id(1))
        #expect(try ledger.nextRetry() == nil)
    }

    @Test func `a retry begins afresh`() throws {
        try ledger.accept(newJob(1))
        try ledger.start(id(1))
        try ledger.progress(id(1), progress(60))
        #expect(try ledger.recordWorkerCrash(id(1), part: "part 3") == 1)
        #expect(try ledger.recordWorkerCrash(id(1), part: "part 3") == 2)
        #expect(try ledger.recordWorkerCrash(id(1), part: "part 4") == 1)
        try ledger.fail(id(1), error)
        let job = try ledger.retry(id(1), by: "alice")
        #expect(job.state == .pending)
        #expect(job.attempt == 2)
        #expect(job.error == nil)
        #expect(job.finished == nil)
        #expect(job.progress.percent == 0)
        #expect(job.exports.map(\.state) == [.pending])
        #expect(try ledger.recordWorkerCrash(id(1), part: "part 3") == 1)
        #expect(try ledger.events(of: id(1)).last?.actor == "alice")
    }

    @Test func `cancelling ends a waiting job at once and a running one when its work has stopped`() throws {
        try ledger.accept(newJob(1))
        try ledger.accept(newJob(2))
        #expect(try ledger.requestCancel(id(1), by: "alice").state == .cancelled)
        try ledger.start(id(2))
        let asked = try ledger.requestCancel(id(2), by: "alice")
        #expect(asked.state == .processing)
        #expect(asked.cancelRequested)
        try ledger.requestCancel(id(2), by: "alice")
        #expect(try ledger.cancel(id(2), by: "alice").state == .cancelled)
        #expect(try ledger.events(of: id(2)).count == 4)
        #expect(kind { try ledger.requestCancel(id(2), by: "alice") } == .illegalTransition)
    }

    @Test func `a job that is to end is not put back into the queue`() throws {
        try ledger.accept(newJob(1))
        try ledger.start(id(1))
        try ledger.requestCancel(id(1), by: "alice")
        #expect(try ledger.requeue(id(1), .daemonStopped).state == .cancelled)
    }

    @Test func `a job that was found running twice is not run a third time`() throws {
        try ledger.accept(newJob(1))
        try ledger.start(id(1))
        #expect(try ledger.recoverAfterCrash().requeued.map(\.id) == [id(1)])
        #expect(try ledger.recoverAfterCrash().requeued.isEmpty)
        try ledger.start(id(1))
        let second = try ledger.recoverAfterCrash()
        #expect(second.failed.map(\.id) == [id(1)])
        #expect(second.failed.first?.error?.code == .internal)
        #expect(try ledger.recoverAfterCrash().failed.isEmpty)
    }

    @Test func `a clean stop clears a job of suspicion`() throws {
        try ledger.accept(newJob(1))
        for _ in 0..<3 {
            try ledger.start(id(1))
            #expect(try ledger.recoverAfterCrash().requeued.count == 1)
            try ledger.start(id(1))
            try ledger.requeue(id(1), .daemonStopped)
        }
        #expect(try ledger.job(id(1))?.attempt == 1)
    }

    @Test func `a crash while a job was being cancelled cancels it`() throws {
        try ledger.accept(newJob(1))
        try ledger.start(id(1))
        try ledger.requestCancel(id(1), by: "alice")
        #expect(try ledger.recoverAfterCrash().cancelled.map(\.id) == [id(1)])
    }

    @Test func `any sequence of changes agrees with the contract's table of states`() throws {
        var random = SeededGenerator(seed: 7)
        var model: [Int: JobState] = [:]
        var events: [Int: Int] = [:]
        let allowed: [JobState: Set<JobState>] = [
            .pending: [.processing, .failed, .cancelled], .processing: [.pending, .completed, .failed, .cancelled],
            .failed: [.pending], .cancelled: [.pending], .completed: [],
        ]
        for _ in 0..<1500 {
            let number = Int.random(in: 0..<20, using: &random)
            guard let state = model[number] else {
                try ledger.accept(newJob(number, uid: UInt32(number % 3)))
                model[number] = .pending
                events[number] = 1
                continue
            }
            let target = try #require(JobState.allCases.randomElement(using: &random))
            let refused = kind {
                switch target {
                case .pending where state.isTerminal: try ledger.retry(id(number), by: "alice")
                case .pending: try ledger.requeue(id(number), .daemonStopped)
                case .processing: try ledger.start(id(number))
                case .completed: try ledger.complete(id(number), exports: [], files: [], warnings: [])
                case .failed: try ledger.fail(id(number), error)
                case .cancelled: try ledger.cancel(id(number))
                }
            }
            if allowed[state]?.contains(target) == true {
                #expect(refused == nil)
                model[number] = target
                events[number, default: 0] += 1
            } else {
                #expect(refused == .illegalTransition)
            }
        }
        for (number, state) in model {
            let job = try #require(try ledger.job(id(number)))
            #expect(job.state == state)
            let past = try ledger.events(of: id(number))
            #expect(past.count == events[number])
            #expect(past.last?.to == state)
            #expect(zip(past, past.dropFirst()).allSatisfy { $0.to == $1.from })
        }
        let counts = try ledger.counts()
        #expect(counts == Dictionary(grouping: model.values, by: \.self).mapValues(\.count))
    }
}
