import ExportCore
import Glibc
import Jobs
import Plans
import Requests
import Sidecars
import Testing

@Suite("The pool of workers", .timeLimit(.minutes(2)))
struct PoolTests {
    @Test func `a job of many parts does not keep a job of few waiting`() async throws {
        // So many that a busy machine, which lets the small job ask for its next turn late, cannot let the big one finish meanwhile.
        let big = try Scenario(parts: 64, job: "big")
        let small = try Scenario(parts: 2, job: "small")
        // The workers follow the big job's scenario, and note the steps of both in its log.
        try small.work.create()
        try small.work.writePlan(try Scenario.plan(job: small.job, parts: 2, exports: 1))
        let pool = WorkerPool(settings: big.settings, width: 1)
        try big.behave(["encode 0": ["wait go"]])
        let first = Task { try await big.runner(pool).run(big.task(), meter: ProgressMeter()) { _ in } }
        try await big.reached("encode 0")
        let second = Task { try await small.runner(pool).run(small.task(), meter: ProgressMeter()) { _ in } }
        while await pool.waitingCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
        big.touch("go")
        _ = try await second.value
        _ = try await first.value
        await pool.shutdown()
        // The small job took its turns between those of the big one, and was assembled while much of that was left.
        let assembled = try #require(big.steps.firstIndex(of: "assemble 0"))
        #expect(big.steps[assembled...].count { $0.hasPrefix("encode") } > 1)
    }

    @Test func `a short job gets a worker of its own where long ones hold them all`() async throws {
        let long = try Scenario(parts: 4, job: "long")
        let short = try Scenario(parts: 2, job: "short")
        try short.work.create()
        try short.work.writePlan(try Scenario.plan(job: short.job, parts: 2, exports: 1))
        let pool = WorkerPool(settings: long.settings, width: 1)
        try long.behave(["encode 0": ["wait go"]])
        let first = Task { try await long.runner(pool).run(long.task(), meter: ProgressMeter()) { _ in } }
        try await long.reached("encode 0")
        let second = Task { try await short.runner(pool).run(short.task(), meter: ProgressMeter()) { _ in } }
        while await pool.waitingCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
        // It waited as long as nobody knew that the first is long.
        await pool.markLong(long.job)
        _ = try await second.value
        #expect(await pool.busyCount == 1)
        long.touch("go")
        _ = try await first.value
        await pool.shutdown()
    }

    @Test func `a job that makes way begins no more parts until it has been put back`() async throws {
        let scenario = try Scenario(parts: 3)
        let pool = WorkerPool(settings: scenario.settings, width: 1)
        try scenario.behave(["encode 0": ["wait go"]])
        let run = Task { try await scenario.runner(pool).run(scenario.task(), meter: ProgressMeter()) { _ in } }
        try await scenario.reached("encode 0")
        await pool.makeWay(scenario.job)
        scenario.touch("go")
        let stop = await #expect(throws: WorkerPool.Draining.self) { try await run.value }
        #expect(stop?.makesWay == true)
        #expect(scenario.steps == ["plan", "encode 0"])
        await pool.forget(scenario.job)
        _ = try await scenario.runner(pool).run(scenario.task(), meter: ProgressMeter()) { _ in }
        #expect(scenario.steps.count { $0 == "encode 0" } == 1)
        await pool.shutdown()
    }

    @Test func `idle workers end by themselves`() async throws {
        let scenario = try Scenario()
        var settings = scenario.settings
        settings.idleLimit = .milliseconds(20)
        let pool = WorkerPool(settings: settings, width: 2)
        _ = try await scenario.runner(pool).run(scenario.task(), meter: ProgressMeter()) { _ in }
        for worker in scenario.workers {
            while kill(worker, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
        await pool.shutdown()
    }

    @Test func `workers end with the pool`() async throws {
        let scenario = try Scenario()
        let pool = WorkerPool(settings: scenario.settings, width: 2)
        _ = try await scenario.runner(pool).run(scenario.task(), meter: ProgressMeter()) { _ in }
        await pool.shutdown()
        for worker in scenario.workers {
            while kill(worker, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
        await #expect(throws: WorkerPool.Draining.self) {
            _ = try await pool.perform(.encode(EncodeOrder(work: "/", part: 0, cache: nil, threads: 1)), for: scenario.job)
        }
    }
}
