import ExportCore
import Jobs
import Ledger
import Plans
import Sidecars
import Testing

@Suite("Short jobs beside long ones", .timeLimit(.minutes(2)))
struct LongJobTests {
    private let options = "workers: 1\nlimits: {min_free_bytes: 0B, long_job: 1s}"

    @Test func `a short job ends while a long one holds the only place, and another long one waits`() async throws {
        // Twelve parts of two megabytes are more than a second's work, two are not.
        let scenario = try Scenario(parts: 12, behaviour: ["encode 0": ["wait go"]])
        try await Harness.with(scenario, width: 1, options: options) { harness in
            try harness.submit("long")
            try await scenario.reached("encode 0")
            try harness.submit("longer")
            let longer = try await harness.wait("longer") { _ in true }.job
            while true {
                if let job = try harness.ledger().job(longer), job.isLong, job.state == .pending { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(try harness.ledger().events(of: longer).contains { $0.reason.contains("makes way") })
            try scenario.write(Scenario.plan(job: scenario.job, parts: 2, exports: 1, firstKey: 100), "plan.json")
            try harness.submit("short")
            #expect(try await harness.end("short").state == .completed)
            #expect(harness.status("long")?.state == .processing)
            #expect(try await harness.wait("longer") { $0.state == .pending }.attempt == 1)
            scenario.touch("go")
            #expect(try await harness.end("long").state == .completed)
            // Its plan is made once, though it began twice.
            #expect(try await harness.end("longer").progress.datasetsTotal == 12)
        }
    }

    @Test func `a job that was found long is so after a restart`() async throws {
        let scenario = try Scenario(parts: 12, behaviour: ["encode 0": ["wait go", "wait go"]])
        let first = try await Harness(scenario, width: 1, options: options)
        try first.submit("long")
        try await scenario.reached("encode 0")
        await first.stop(grace: .milliseconds(50))
        try await Harness.with(scenario, width: 1, options: options, afterAnother: true) { second in
            while scenario.steps.count(where: { $0 == "encode 0" }) < 2 { try await Task.sleep(for: .milliseconds(5)) }
            try scenario.write(Scenario.plan(job: scenario.job, parts: 2, exports: 1, firstKey: 100), "plan.json")
            try second.submit("short")
            #expect(try await second.end("short").state == .completed)
            #expect(second.status("long")?.state == .processing)
            scenario.touch("go")
            #expect(try await second.end("long").state == .completed)
        }
    }
}
