import ExportCore
import Formats
import Plans
import Sidecars
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Progress")
struct ProgressTests {
    private final class TestClock: Sendable {
        private let elapsed = Mutex(Duration.zero)
        private let start = ContinuousClock.now
        func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
        var instant: ContinuousClock.Instant { start + elapsed.withLock { $0 } }
    }

    private func meter(_ clock: TestClock = TestClock(), speeds: WorkSpeeds = WorkSpeeds()) -> ProgressMeter {
        ProgressMeter(speeds: speeds, instant: { clock.instant }, now: { Timestamp(nanoseconds: 0) })
    }

    /// Speeds at which the package of ten parts takes ten seconds.
    private func tenSeconds(_ plan: Plan) -> WorkSpeeds {
        let speeds = WorkSpeeds()
        speeds.note((10_000_000 + 65_536) / 10, of: packaging(plan), over: 10)
        return speeds
    }

    private func packaging(_ plan: Plan) -> WorkSpeeds.Work { .packaging(plan.exports[0].format, plan.package) }

    private func summary(reused: Bool = false, written: Int64 = 0) -> PartSummary {
        PartSummary(reused: reused, episodes: 1, frames: 10, bytesRead: reused ? 0 : 100, bytesWritten: written, warnings: [])
    }

    @Test func `parts that come out larger than expected make for a longer packaging`() throws {
        let clock = TestClock()
        let plan = try Scenario.plan(job: try #require(JobID("j")), parts: 10, exports: 1)
        let speeds = tenSeconds(plan)
        let meter = meter(clock, speeds: speeds)
        meter.begin(plan)
        for index in 0..<9 {
            clock.advance(.seconds(1))
            meter.partDone(index, summary(written: 3_000_000))
        }
        // A part in a second; the package is three times as large as planned, and would have taken ten seconds.
        let left = try #require(meter.snapshot().etaSeconds)
        #expect((30...32).contains(left))
        clock.advance(.seconds(1))
        meter.partDone(9, summary(written: 3_000_000))
        clock.advance(.seconds(15))
        meter.assembly(0, WorkerProgress(fraction: 0.5))
        #expect((14...16).contains(try #require(meter.snapshot().etaSeconds)))
        clock.advance(.seconds(15))
        meter.assemblyDone(0, bytes: 1, reused: false)
        #expect((950_000...1_050_000).contains(speeds.speed(of: packaging(plan)).bytesPerSecond))
    }

    @Test func `no time is told before there is ground for one`() throws {
        let clock = TestClock()
        let plan = try Scenario.plan(job: try #require(JobID("j")), parts: 100, exports: 1)
        let speeds = WorkSpeeds()
        let meter = meter(clock, speeds: speeds)
        meter.begin(plan)
        #expect(meter.snapshot().etaSeconds == nil)
        clock.advance(.seconds(10))
        meter.partDone(0, summary(written: 1_000_000))
        #expect(meter.snapshot().etaSeconds == nil)
        for index in 1..<10 {
            clock.advance(.seconds(10))
            meter.partDone(index, summary(written: 1_000_000))
        }
        #expect((890...910).contains(try #require(meter.snapshot().etaSeconds)))
        for index in 10..<100 {
            clock.advance(.seconds(10))
            meter.partDone(index, summary(written: 1_000_000))
        }
        meter.assemblyDone(0, bytes: 1, reused: false)

        // The next job of the kind knows before it has done anything.
        let next = self.meter(clock, speeds: speeds)
        next.begin(plan)
        #expect((990...1_010).contains(try #require(next.snapshot().etaSeconds)))
        // It should have ended long ago.
        clock.advance(.seconds(2_000))
        #expect(next.snapshot().etaSeconds == nil)
    }

    @Test func `a job that slows down is told to last longer`() throws {
        let clock = TestClock()
        let plan = try Scenario.plan(job: try #require(JobID("j")), parts: 1_000, exports: 1)
        let meter = meter(clock)
        meter.begin(plan)
        for index in 0..<900 {
            clock.advance(.seconds(index < 600 ? 1 : 4))
            meter.partDone(index, summary(written: 1_000_000))
            _ = meter.snapshot()
        }
        #expect((390...410).contains(try #require(meter.snapshot().etaSeconds)))
    }

    @Test func `the time of each export is its own`() throws {
        let clock = TestClock()
        let plan = try Scenario.plan(job: try #require(JobID("j")), parts: 10, exports: 2)
        let meter = meter(clock, speeds: tenSeconds(plan))
        meter.begin(plan)
        for index in 0..<20 {
            clock.advance(.seconds(1))
            meter.partDone(index, summary(written: 1_000_000))
        }
        #expect((19...21).contains(try #require(meter.snapshot().etaSeconds)))
        clock.advance(.seconds(20))
        meter.assemblyDone(0, bytes: 1, reused: false)
        // The first package took twice as long as the last job's; so will the second.
        #expect((19...21).contains(try #require(meter.snapshot().etaSeconds)))
        meter.assemblyDone(1, bytes: 1, reused: true)
        #expect(meter.snapshot().etaSeconds == 0)
    }

    @Test func `the percentage never goes down, whatever workers say`() throws {
        let plan = try Scenario.plan(job: try #require(JobID("j")), parts: 5, exports: 2)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<50 {
            let meter = meter()
            meter.begin(plan)
            var last = 0.0
            for _ in 0..<200 {
                let index = Int.random(in: -1...10, using: &generator)
                let fraction = [Double.random(in: -1...2, using: &generator), .nan, .infinity][Int.random(in: 0...2, using: &generator)]
                switch Int.random(in: 0...4, using: &generator) {
                case 0: meter.partDone(index, Bool.random(using: &generator) ? summary() : nil)
                case 1: meter.assembly(index, WorkerProgress(fraction: fraction))
                case 2: meter.assemblyDone(index, bytes: 5, reused: false)
                default: meter.part(index, WorkerProgress(fraction: fraction, bytesRead: 5, bytesWritten: 5))
                }
                let now = meter.snapshot()
                #expect(now.percent >= last && now.percent <= 99.9 && now.percent.isFinite)
                #expect(now.datasetsDone >= 0 && now.datasetsDone <= 5)
                last = now.percent
            }
            meter.finish()
            #expect(meter.snapshot().percent == 100)
        }
    }

    @Test func `the time left comes from the speed of this run`() throws {
        let clock = TestClock()
        let plan = try Scenario.plan(job: try #require(JobID("j")), parts: 10, exports: 1)
        let meter = meter(clock, speeds: tenSeconds(plan))
        meter.begin(plan)
        // Five parts lay in the cache: they say nothing about how fast this machine encodes.
        for index in 0..<5 { meter.partDone(index, summary(reused: true, written: 1_000_000)) }
        clock.advance(.seconds(10))
        #expect(meter.snapshot().etaSeconds == nil)
        meter.partDone(5, summary(written: 1_000_000))
        // One part in 10 s; four parts and the package are left.
        let left = try #require(meter.snapshot().etaSeconds)
        #expect((49...51).contains(left))
        #expect(meter.snapshot().datasetsDone == 6)
        for index in 6..<10 { meter.partDone(index, summary(written: 1_000_000)) }
        // Half of the package in 2 s: faster than the last one was.
        clock.advance(.seconds(2))
        meter.assembly(0, WorkerProgress(fraction: 0.5))
        #expect((2...3).contains(try #require(meter.snapshot().etaSeconds)))
    }

    @Test func `waits double and are never the same for all`() {
        let backoff = Backoff()
        #expect(backoff.delay(after: 0, random: 0.5) == .seconds(10))
        #expect(backoff.delay(after: 2, random: 0.5) == .seconds(40))
        #expect(backoff.delay(after: 1, random: 0) == .seconds(15))
        #expect(backoff.delay(after: 1, random: 1) == .seconds(25))
        #expect(backoff.delay(after: .max, random: 0.5) == .seconds(600))
    }
}
