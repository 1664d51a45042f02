import ExportCore
import Files
import Foundation
import Jobs
import Plans
import Requests
import Sidecars
import Testing

@Suite("A job's run", .timeLimit(.minutes(2)))
struct JobRunnerTests {
    private func run(
        _ scenario: Scenario,
        width: Int = 2,
        policy: ExportRequest.DatasetErrorPolicy = .fail,
        cache: Bool = false,
        crashes: CrashCounter = CrashCounter(),
        settings: WorkerSettings? = nil,
        meter: ProgressMeter = ProgressMeter()
    ) async throws -> JobResult {
        let pool = WorkerPool(settings: settings ?? scenario.settings, width: width)
        let runner = scenario.runner(pool, cache: cache ? scenario.cache : nil, crashes: crashes)
        do {
            let result = try await runner.run(scenario.task(policy), meter: meter) { _ in }
            await pool.shutdown()
            return result
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    private func failure(_ body: () async throws -> JobResult) async throws -> ExportError {
        do {
            _ = try await body()
        } catch let error as ExportError {
            return error
        }
        throw Missing()
    }

    private struct Missing: Error {}

    @Test func `plans, encodes every part once and assembles the exports in order`() async throws {
        let scenario = try Scenario(parts: 4, exports: 2)
        let meter = ProgressMeter()
        let result = try await run(scenario, meter: meter)
        #expect(result.exports.map(\.file) == ["nightly_0.tar.gz", "nightly_1.tar.gz"])
        #expect(try scenario.package(1) == "part 4\npart 5\npart 6\npart 7\n")
        #expect(scenario.steps.first == "plan")
        #expect(scenario.steps.suffix(2) == ["assemble 0", "assemble 1"])
        #expect(Set(scenario.steps).count == scenario.steps.count)
        #expect(scenario.workers.count <= 2)
        #expect(meter.snapshot().percent == 99.9)
        #expect(meter.snapshot().datasetsDone == 4)
    }

    @Test func `a part whose worker crashes once is encoded by another worker`() async throws {
        let scenario = try Scenario(behaviour: ["encode 1": ["crash"]])
        let result = try await run(scenario)
        #expect(result.exports.count == 1)
        #expect(scenario.steps.count { $0 == "encode 1" } == 2)
        #expect(try scenario.package() == "part 0\npart 1\npart 2\n")
    }

    @Test func `a part that crashes two workers fails the job and names its dataset`() async throws {
        let scenario = try Scenario(behaviour: ["encode 1": ["crash", "crash", "crash"]])
        let error = try await failure { try await run(scenario) }
        #expect(error.code == .datasetUnreadable)
        #expect(error.location?.dataset == DatasetID("set-1"))
        #expect(error.message.contains("signal 11"))
        #expect(scenario.steps.count { $0 == "encode 1" } == 2)
    }

    @Test func `a part that crashed a worker before the restart gets one more chance only`() async throws {
        let scenario = try Scenario(behaviour: ["encode 1": ["crash", "crash"]])
        let crashes = CrashCounter()
        _ = await crashes.count(scenario.job, try Scenario.key(1).text)
        let error = try await failure { try await run(scenario, crashes: crashes) }
        #expect(error.code == .datasetUnreadable)
        #expect(scenario.steps.count { $0 == "encode 1" } == 1)
    }

    @Test func `a worker that says nothing is killed, though it ignores SIGTERM`() async throws {
        let scenario = try Scenario(behaviour: ["encode 0": ["hang"]])
        var settings = scenario.settings
        settings.stallLimit = .seconds(3)
        settings.grace = .milliseconds(50)
        _ = try await run(scenario, settings: settings)
        #expect(scenario.steps.count { $0 == "encode 0" } == 2)
        // The others end because their input does.
        for worker in scenario.workers {
            while kill(worker, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    @Test(arguments: ["garble", "long", "exit 3"]) func `a worker that breaks the protocol counts as crashed`(action: String) async throws {
        let scenario = try Scenario(behaviour: ["encode 2": [action, action]])
        let error = try await failure { try await run(scenario) }
        #expect(error.code == .datasetUnreadable)
        #expect(error.location?.dataset == DatasetID("set-2"))
    }

    @Test func `every bad dataset is listed`() async throws {
        let bad = ["encode 0": ["fail dataset_unreadable set-0"], "encode 3": ["fail topic_missing set-3"]]
        let scenario = try Scenario(parts: 4, behaviour: bad)
        let error = try await failure { try await run(scenario) }
        #expect(Set(error.details.compactMap(\.location?.dataset)) == [DatasetID("set-0"), DatasetID("set-3")])
        #expect(!scenario.steps.contains("assemble 0"))
    }

    @Test func `with skip a bad dataset is left out of every export`() async throws {
        let scenario = try Scenario(parts: 3, exports: 2, behaviour: ["encode 1": ["fail dataset_unreadable set-1"]])
        let result = try await run(scenario, width: 1, policy: .skip)
        #expect(result.skipped.map(\.id) == [DatasetID("set-1")])
        #expect(try scenario.package(0) == "part 0\npart 2\n")
        #expect(try scenario.package(1) == "part 3\npart 5\n")
        #expect(!scenario.steps.contains("encode 4"))
    }

    @Test(arguments: ["io_error", "storage_full", "internal"]) func `an error of the machine stops the job as it is`(code: String)
        async throws
    {
        let scenario = try Scenario(behaviour: ["encode 1": ["fail \(code)"]])
        let error = try await failure { try await run(scenario, policy: .skip) }
        #expect(error.code.rawValue == code)
        #expect(error.retryable == (code != "internal"))
    }

    @Test func `a full disk empties the cache and the part is tried again`() async throws {
        let scenario = try Scenario(behaviour: ["encode 1": ["fail storage_full"]])
        let earlier = try Scenario(job: "job-0", firstKey: 100)
        let pool = WorkerPool(settings: earlier.settings, width: 1)
        let runner = earlier.runner(pool, cache: scenario.cache)
        _ = try await runner.run(earlier.task(), meter: ProgressMeter()) { _ in }
        try await runner.cleanUp(earlier.work, keepParts: true)
        await pool.shutdown()
        #expect(try FileSystem.list("\(scenario.root)/cache/00").count == 3)
        _ = try await run(scenario, cache: true)
        #expect(scenario.steps.count { $0 == "encode 1" } == 2)
        #expect(try FileSystem.list("\(scenario.root)/cache/00").isEmpty)
    }

    @Test func `a job that was stopped continues with the parts that it lacks`() async throws {
        let scenario = try Scenario(parts: 3, behaviour: ["encode 2": ["wait never"]])
        let pool = WorkerPool(settings: scenario.settings, width: 2)
        let runner = scenario.runner(pool)
        let first = Task { try await runner.run(scenario.task(), meter: ProgressMeter()) { _ in } }
        try await scenario.reached("encode 2")
        while try !scenario.work.hasPart(Scenario.key(0)) || !scenario.work.hasPart(Scenario.key(1)) {
            try await Task.sleep(for: .milliseconds(5))
        }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        await pool.shutdown()
        let before = scenario.steps.count
        _ = try await run(scenario)
        #expect(Array(scenario.steps.dropFirst(before)) == ["encode 2", "assemble 0"])
        #expect(try scenario.package() == "part 0\npart 1\npart 2\n")
    }

    @Test func `an export that is packaged already is not packaged again`() async throws {
        let scenario = try Scenario(exports: 2, behaviour: ["assemble 1": ["fail io_error"]])
        _ = try await failure { try await run(scenario) }
        _ = try await run(scenario)
        #expect(scenario.steps.count { $0 == "assemble 0" } == 1)
        #expect(scenario.steps.count { $0 == "assemble 1" } == 2)
    }

    @Test func `a later job takes finished parts from the cache`() async throws {
        let scenario = try Scenario()
        let pool = WorkerPool(settings: scenario.settings, width: 2)
        let runner = scenario.runner(pool, cache: scenario.cache)
        _ = try await runner.run(scenario.task(), meter: ProgressMeter()) { _ in }
        try await runner.cleanUp(scenario.work, keepParts: true)
        #expect(!FileSystem.exists(scenario.work.path))
        let before = scenario.steps.count
        let meter = ProgressMeter()
        _ = try await runner.run(scenario.task(), meter: meter) { _ in }
        await pool.shutdown()
        #expect(Array(scenario.steps.dropFirst(before)) == ["plan", "assemble 0"])
        #expect(meter.snapshot().bytesRead == 0)
    }

    @Test func `cancelling kills the workers at once`() async throws {
        let scenario = try Scenario(parts: 4, behaviour: ["encode 0": ["hang"], "encode 1": ["wait never"]])
        let pool = WorkerPool(settings: scenario.settings, width: 2)
        let runner = scenario.runner(pool)
        let job = Task { try await runner.run(scenario.task(), meter: ProgressMeter()) { _ in } }
        try await scenario.reached("encode 0")
        try await scenario.reached("encode 1")
        job.cancel()
        await #expect(throws: CancellationError.self) { try await job.value }
        for worker in scenario.workers { #expect(kill(worker, 0) != 0) }
        #expect(await pool.busyCount == 0)
    }

    @Test func `draining lets running parts finish and begins no others`() async throws {
        let scenario = try Scenario(parts: 4, behaviour: ["encode 0": ["wait go"], "encode 1": ["wait go"]])
        let pool = WorkerPool(settings: scenario.settings, width: 2)
        let runner = scenario.runner(pool)
        let job = Task { try await runner.run(scenario.task(), meter: ProgressMeter()) { _ in } }
        try await scenario.reached("encode 0")
        try await scenario.reached("encode 1")
        await pool.drain()
        scenario.touch("go")
        await #expect(throws: WorkerPool.Draining.self) { try await job.value }
        #expect(try scenario.work.hasPart(Scenario.key(0)) && scenario.work.hasPart(Scenario.key(1)))
        #expect(!scenario.steps.contains("encode 2"))
    }

    @Test func `a program that cannot be started is said by name`() async throws {
        let scenario = try Scenario()
        let error = try await failure { try await run(scenario, settings: WorkerSettings(executable: "/nowhere/export-worker")) }
        #expect(error.code == .internal)
        #expect(error.message.contains("/nowhere/export-worker"))
    }
}
