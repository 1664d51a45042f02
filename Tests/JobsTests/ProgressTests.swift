import ExportCore
import Jobs
import Plans
import Sidecars
import Synchronization
import Testing

@Suite("Progress")
struct ProgressTests {
    private final class TestClock: Sendable {
        private let elapsed = Mutex(Duration.zero)
        private let start = ContinuousClock.now
        func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
        var instant: ContinuousClock.Instant { start + elapsed.withLock { $0 } }
    }

    private func meter(_ clock: TestClock = TestClock(), packaging: PackagingSpeed = PackagingSpeed()) -> ProgressMeter {
        ProgressMeter(packaging: packaging, instant: { clock.instant }, now: { Timestamp(nanoseconds: 0) })
    }

    private func summary(reused: Bool = false, written: Int64 = 0) -> PartSummary {
        PartSummary(reused: reused, episodes: 1, frames: 10, bytesRead: reused ? 0 : 100, bytesWritten: written, warnings: [])
    }

    @Test func `parts that come out larger than expected make for a longer packaging`() throws {
        let clock = TestClock()
        let speed = PackagingSpeed(weightPerSecond: (5_000_000 + 65_536) / 10)
        let meter = meter(clock, packaging: speed)
        meter.begin(try Scenario.plan(job: try #require(JobID("j")), parts: 10, exports: 1))
        clock.advance(.seconds(10))
        for index in 0..<9 { meter.partDone(index, summary(written: 3_000_000)) }
        // A part in 10/9 s; the package is three times as large as planned, and would have taken ten seconds.
        let left = try #require(meter.snapshot().etaSeconds)
        #expect((31...32).contains(left))
        meter.partDone(9, summary(written: 3_000_000))
        clock.advance(.seconds(3))
        meter.assembly(0, WorkerProgress(fraction: 0.5))
        #expect((3...5).contains(try #require(meter.snapshot().etaSeconds)))
        // What is noted is what a package of the size planned would come to.
        #expect((2_500_000...2_600_000).contains(speed.weightPerSecond))
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
        // The package weighs half of what is written; at this speed it takes ten seconds.
        let speed = PackagingSpeed(weightPerSecond: (5_000_000 + 65_536) / 10)
        let meter = meter(clock, packaging: speed)
        meter.begin(try Scenario.plan(job: try #require(JobID("j")), parts: 10, exports: 1))
        #expect(meter.snapshot().etaSeconds == nil)
        // Five parts lay in the cache: they say nothing about how fast this machine encodes.
        for index in 0..<5 { meter.partDone(index, summary(reused: true)) }
        clock.advance(.seconds(10))
        #expect(meter.snapshot().etaSeconds == nil)
        meter.partDone(5, summary(written: 1_000_000))
        // One part in 10 s; four parts and the package are left.
        let left = try #require(meter.snapshot().etaSeconds)
        #expect((50...51).contains(left))
        #expect(meter.snapshot().datasetsDone == 6)
        for index in 6..<10 { meter.partDone(index, summary(written: 1_000_000)) }
        // Half of the package in 2 s: faster than the last one was.
        clock.advance(.seconds(2))
        meter.assembly(0, WorkerProgress(fraction: 0.5))
        let rest = try #require(meter.snapshot().etaSeconds)
        #expect((2...3).contains(rest))
        // The next job begins with what this one has measured.
        #expect((1_200_000...1_300_000).contains(speed.weightPerSecond))
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

/// A generator that gives the same numbers in every run (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
