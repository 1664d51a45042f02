import ExportCore
import Ledger
import Sidecars
import TestSupport
import Testing

@Suite struct QueueTests {
    private let scratch = Scratch()
    private let clock = TestClock()
    private let ledger: Ledger

    init() throws {
        let clock = clock
        ledger = try Ledger(path: scratch.ledger, clock: { clock.now })
    }

    /// Runs everything that waits, one after the other.
    private func drain() throws -> [JobID] {
        var order: [JobID] = []
        while let job = try ledger.next() {
            try ledger.start(job.id)
            try ledger.complete(job.id, exports: [], files: [], warnings: [])
            order.append(job.id)
        }
        return order
    }

    @Test func `a clock that is set back gives no job a time below nothing, and keeps none waiting`() throws {
        try ledger.accept(newJob(1))
        try ledger.start(id(1))
        clock.advance(seconds: -86_400)
        let done = try ledger.complete(id(1), exports: [], files: [], warnings: [])
        #expect(try #require(done.finished) >= #require(done.started))
        clock.advance(seconds: 86_400)
        try ledger.accept(newJob(2))
        try ledger.start(id(2))
        let error = ExportError(.ioError, "The store is away.")
        try ledger.requeue(id(2), .transientError(error, notBefore: Timestamp(nanoseconds: clock.now.nanoseconds + 1_000_000_000)))
        clock.advance(seconds: -86_400)
        let latest = Timestamp(nanoseconds: clock.now.nanoseconds + 60_000_000_000)
        try ledger.limitRetries(to: latest)
        #expect(try ledger.nextRetry() == latest)
        clock.advance(seconds: 60)
        #expect(try ledger.next()?.id == id(2))
    }

    @Test func `users take turns, and each user's jobs keep their order`() throws {
        for number in 1...4 { try ledger.accept(newJob(number, user: "alice", uid: 1)) }
        for number in 5...6 { try ledger.accept(newJob(number, user: "bob", uid: 2)) }
        try ledger.accept(newJob(7, user: "carol", uid: 3))
        let expected = [1, 5, 7, 2, 6, 3, 4].map(id)
        #expect(try ledger.queue() == expected)
        #expect(try ledger.queuePosition(id(7)) == 2)
        #expect(try drain() == expected)
    }

    @Test func `standings tell of each job what asking one by one does`() throws {
        let policy = QuotaPolicy()
        for number in 1...4 { try ledger.accept(newJob(number, user: "alice", uid: 1, request: "same.yaml"), quota: policy) }
        try ledger.accept(newJob(5, user: "bob", uid: 2), quota: policy)
        try ledger.start(id(1))
        _ = try ledger.setPaused(true, by: Actor(uid: 0, name: "root"))
        let asked = [5, 9, 1, 4, 2].map(id)
        let standings = try ledger.standings(of: asked, policy)
        #expect(standings.map(\.job.id) == [5, 1, 4, 2].map(id))
        for standing in standings {
            let job = try #require(try ledger.job(standing.job.id))
            #expect(standing.job == job)
            #expect(try standing.queuePosition == ledger.queuePosition(job.id))
            #expect(try standing.ownsSidecars == ledger.ownsSidecars(job))
            #expect(try standing.usage == ledger.tighterUsage(of: job.user, policy))
            #expect(standing.pause?.actor == "root")
        }
        #expect(standings.map(\.ownsSidecars) == [true, false, true, false])
    }

    @Test func `the urgent go first, whoever asks`() throws {
        try ledger.accept(newJob(1, uid: 1, priority: .low))
        try ledger.accept(newJob(2, uid: 1))
        try ledger.accept(newJob(3, uid: 2))
        try ledger.accept(newJob(4, uid: 2, priority: .high))
        // User 2 has just had its turn when the ordinary jobs' time comes.
        #expect(try drain() == [4, 2, 3, 1].map(id))
    }

    @Test func `who was served long ago goes before who was served just now`() throws {
        try ledger.accept(newJob(1, uid: 1))
        _ = try drain()
        try ledger.accept(newJob(2, uid: 1))
        try ledger.accept(newJob(3, uid: 2))
        #expect(try ledger.next()?.id == id(3))
    }

    @Test func `long jobs are passed over where only short ones are wanted, also by the next daemon`() throws {
        for number in 1...3 { try ledger.accept(newJob(number)) }
        try ledger.start(id(1))
        try ledger.markLong(id(1))
        try ledger.requeue(id(1), .madeWay)
        #expect(try ledger.next()?.id == id(1))
        #expect(try ledger.next(skipsLong: true)?.id == id(2))
        #expect(try ledger.next(running: [id(2), id(3)], skipsLong: true) == nil)
        #expect(try ledger.job(id(1))?.attempt == 1)
        try ledger.close()
        let next = try Ledger(path: scratch.ledger)
        #expect(try next.next(skipsLong: true)?.id == id(2))
        try next.cancel(id(1))
        #expect(try next.retry(id(1), by: "root").isLong == false)
        #expect(throws: LedgerError.self) { try next.markLong(id(2)) }
    }

    @Test func `a job that is about to run is not picked twice`() throws {
        try ledger.accept(newJob(1))
        try ledger.accept(newJob(2))
        #expect(try ledger.next(running: [id(1)])?.id == id(2))
        #expect(try ledger.next(running: [id(1), id(2)]) == nil)
    }

    @Test func `the order that is promised is the order that comes`() throws {
        var random = SeededGenerator(seed: 99)
        var number = 0
        for _ in 0..<8 {
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                number += 1
                try ledger.accept(
                    newJob(
                        number,
                        uid: UInt32.random(in: 1...4, using: &random),
                        priority: try #require(JobPriority.allCases.randomElement(using: &random))
                    )
                )
            }
            let promised = try ledger.queue()
            #expect(try drain() == promised)
        }
    }

    @Test func `a listing takes what its filter says, newest first`() throws {
        try ledger.accept(newJob(1, user: "alice", uid: 1))
        clock.advance(seconds: 10)
        let middle = clock.now
        try ledger.accept(newJob(2, user: "bob", uid: 2))
        clock.advance(seconds: 10)
        try ledger.accept(newJob(3, user: "alice", uid: 1))
        try ledger.start(id(3))
        #expect(try ledger.list().map(\.id) == [3, 2, 1].map(id))
        var filter = JobFilter()
        filter.users = ["alice"]
        #expect(try ledger.list(filter).map(\.id) == [3, 1].map(id))
        filter.states = [.pending, .failed]
        #expect(try ledger.list(filter).map(\.id) == [id(1)])
        filter = JobFilter()
        filter.from = middle
        #expect(try ledger.list(filter).map(\.id) == [3, 2].map(id))
        filter.to = clock.now
        #expect(try ledger.list(filter).map(\.id) == [id(2)])
        filter = JobFilter()
        filter.limit = 1
        #expect(try ledger.list(filter).map(\.id) == [id(3)])
    }

    @Test func `the newest job of a name has its sidecars`() throws {
        let old = try ledger.accept(newJob(1, request: "team/x.yaml"))
        let other = try ledger.accept(newJob(2, request: "x.yaml"))
        let new = try ledger.accept(newJob(3, request: "team/x.yml"))
        #expect(try ledger.jobs(named: "team/x").map(\.id) == [3, 1].map(id))
        #expect(try ledger.jobs(named: "team/x.yaml").map(\.id) == [3, 1].map(id))
        #expect(try ledger.jobs(named: "nothing").isEmpty)
        #expect(try !ledger.ownsSidecars(old))
        #expect(try ledger.ownsSidecars(other))
        #expect(try ledger.ownsSidecars(new))
    }

    @Test func `what a title has covered is the sum of its completed jobs`() throws {
        func run(_ number: Int, title: String?, user: String = "alice", _ datasets: [String: String], completes: Bool = true) throws {
            try ledger.accept(newJob(number, user: user, title: title))
            try ledger.start(id(number))
            try ledger.recordSelection(
                id(number),
                .init(datasets: datasets.count, segments: 0, bytes: 0),
                datasets: datasets.map { JobDataset(id: DatasetID($0.key), fingerprint: $0.value, bytes: 1) },
                warnings: []
            )
            clock.advance(seconds: 1)
            if completes {
                try ledger.complete(id(number), exports: [], files: [], warnings: [])
            } else {
                try ledger.fail(id(number), ExportError(.internal, "It broke."))
            }
        }
        try run(1, title: "Nightly", ["a": "1", "b": "1"])
        try run(2, title: "Nightly", ["c": "1", "a": "2"])
        try run(3, title: "Nightly", ["d": "1"], completes: false)
        try run(4, title: "Other", ["e": "1"])
        try run(5, title: "Nightly", user: "bob", ["f": "1"])
        try run(6, title: nil, ["g": "1"])
        #expect(try ledger.lastCompleted(user: "alice", title: "Nightly") == ["a": "2", "b": "1", "c": "1"])
        #expect(try ledger.lastCompleted(user: "alice", title: nil) == ["g": "1"])
        #expect(try ledger.lastCompleted(user: "carol", title: "Nightly").isEmpty)
    }
}
