import Configuration
import ExportCore
import Files
import Foundation
import GRDB
import Jobs
import Ledger
import Plans
import Sidecars
import Testing

@Suite("The daemon", .timeLimit(.minutes(2)))
struct DaemonTests {
    @Test func `a request becomes a package and nothing else stays behind`() async throws {
        try await Harness.with(try Scenario()) { harness in
            try harness.submit("nightly")
            let status = try await harness.end("nightly")
            #expect(status.state == .completed)
            #expect(status.progress.percent == 100)
            #expect(status.exports.first?.file == "nightly_0.tar.gz")
            #expect(status.progress.datasetsDone == 3 && status.progress.bytesRead == 300)
            #expect(status.selection?.datasets == 3)
            let folder = "\(harness.outbox)/\(status.job)"
            #expect(try String(contentsOfFile: "\(folder)/nightly_0.tar.gz", encoding: .utf8) == "part 0\npart 1\npart 2\n")
            #expect(try String(contentsOfFile: "\(folder)/request.yaml", encoding: .utf8) == Harness.export)
            let published = try StatusDocument(json: FileSystem.read("\(folder)/status.json", limit: 1 << 20))
            #expect(published.state == .completed)
            #expect(!harness.exists("spool/inbox/nightly.yaml") && !harness.exists("spool/inbox/nightly.error.json"))
            #expect(harness.list("work").isEmpty && harness.list("spool/claimed").isEmpty)
            let ledger = try harness.ledger()
            #expect(try ledger.files(of: status.job).map(\.file) == ["nightly_0.tar.gz"])
            #expect(try ledger.datasets(of: status.job).count == 3)
        }
    }

    @Test func `a request with mistakes fails at once with all of them`() async throws {
        try await Harness.with(try Scenario()) { harness in
            try harness.submit("wrong", "exports: [{format: hdf6}]\nprority: high\n")
            let status = try await harness.end("wrong")
            #expect(status.state == .failed)
            let error = try harness.error("wrong").error
            #expect(error.code == .requestInvalid)
            #expect(error.details.count == 2)
            #expect(error.details.allSatisfy { $0.location?.line != nil && $0.location?.column != nil })
            #expect(harness.scenario.steps.isEmpty)
            #expect(try String(decoding: harness.ledger().request(of: status.job)?.text ?? [], as: UTF8.self).contains("hdf6"))
        }
    }

    @Test func `something that is no file is refused and kept for a look`() async throws {
        try await Harness.with(try Scenario()) { harness in
            #expect(mkfifo("\(harness.inbox)/pipe.yaml", 0o644) == 0)
            let status = try await harness.end("pipe")
            #expect(status.state == .failed)
            #expect(try harness.error("pipe").error.code == .requestUnreadable)
            #expect(harness.list("spool/rejected").count == 1)
        }
    }

    /// The ledger's database, for a test that puts something in the daemon's way; waits for its turn.
    private func database(_ scenario: Scenario) throws -> DatabaseQueue {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(60)
        return try DatabaseQueue(path: "\(scenario.root)/state/ledger.sqlite", configuration: configuration)
    }

    @Test func `a job that the ledger does not let begin waits, and begins when it does`() async throws {
        try await Harness.with(try Scenario()) { harness in
            let ledger = try database(harness.scenario)
            try await ledger.write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER stuck BEFORE UPDATE OF state ON jobs WHEN NEW.state = 'processing'
                        BEGIN SELECT RAISE(ABORT, 'stuck'); END
                        """
                )
            }
            try harness.submit("first")
            try await harness.wait("first") { $0.state == .pending }
            while await !harness.daemon.statusLine().contains("Jobs wait for the ledger") { try await Task.sleep(for: .milliseconds(5)) }
            try await ledger.write { try $0.execute(sql: "DROP TRIGGER stuck") }
            // Whatever comes next makes the queue be looked at again.
            try harness.submit("second")
            #expect(try await harness.end("first").state == .completed)
            #expect(try await harness.end("second").state == .completed)
        }
    }

    @Test func `a preview tells what would be done and publishes nothing`() async throws {
        try await Harness.with(try Scenario()) { harness in
            try harness.submit("look", "kind: preview\n" + Harness.export)
            let status = try await harness.end("look")
            #expect(status.state == .completed)
            #expect(status.preview?.datasets.count == 3)
            #expect(status.preview?.exports.first?.episodes == 3)
            #expect(harness.scenario.steps == ["plan"])
            #expect(harness.list("spool/outbox").isEmpty)
        }
    }

    @Test func `cancelling a running job kills its workers and leaves nothing`() async throws {
        let scenario = try Scenario(behaviour: ["encode 0": ["hang"], "encode 1": ["wait never"]])
        try await Harness.with(scenario) { harness in
            try harness.submit("big")
            try await scenario.reached("encode 0")
            try await scenario.reached("encode 1")
            try harness.submit("stop", "kind: cancel\njobs: [big]\n")
            let answer = try await harness.end("stop")
            #expect(answer.state == .completed)
            #expect(answer.warnings.map(\.code) == ["cancelled"])
            let status = try await harness.end("big")
            #expect(status.state == .cancelled)
            for worker in scenario.workers { #expect(kill(worker, 0) != 0) }
            #expect(harness.list("spool/outbox").isEmpty && harness.list("work").isEmpty && harness.list("cache/parts").isEmpty)
            #expect(!harness.exists("spool/inbox/big.error.json"))
        }
    }

    @Test func `a waiting job is cancelled by its id, a finished one is not`() async throws {
        let scenario = try Scenario(behaviour: ["encode 0": ["wait go"]])
        try await Harness.with(scenario, options: "workers: 1") { harness in
            try harness.submit("first")
            try await scenario.reached("encode 0")
            try harness.submit("second")
            let waiting = try await harness.wait("second") { $0.state == .pending }
            #expect(waiting.queuePosition == 0)
            try harness.submit("stop", "kind: cancel\njobs: [\(waiting.job)]\n")
            #expect(try await harness.end("second").state == .cancelled)
            scenario.touch("go")
            #expect(try await harness.end("first").state == .completed)
            try harness.submit("late", "kind: cancel\njobs: [first, nobody]\n")
            let answer = try await harness.end("late")
            #expect(answer.state == .failed)
            #expect(answer.error?.details.count == 2)
            #expect(try await harness.wait("first") { $0.state.isTerminal }.state == .completed)
        }
    }

    @Test func `a failed job is retried with the parts that it has`() async throws {
        let scenario = try Scenario(behaviour: ["encode 2": ["fail dataset_unreadable set-2"]])
        try await Harness.with(scenario, width: 1) { harness in
            try harness.submit("nightly")
            let failed = try await harness.end("nightly")
            #expect(failed.state == .failed)
            #expect(try harness.error("nightly").error.location?.dataset == DatasetID("set-2"))
            try harness.submit("again", "kind: retry\njobs: [nightly]\n")
            #expect(try await harness.end("again").state == .completed)
            let status = try await harness.end("nightly")
            #expect(status.state == .completed && status.job == failed.job && status.attempt == 2)
            #expect(!harness.exists("spool/inbox/nightly.error.json"))
            #expect(scenario.steps.count { $0 == "encode 0" } == 1)
        }
    }

    @Test func `a transient error is tried again by itself, but not for ever`() async throws {
        let scenario = try Scenario(behaviour: [
            "encode 1": ["fail io_error", "fail io_error", "fail io_error", "fail io_error", "fail io_error"]
        ])
        try await Harness.with(scenario, options: "retries: 2") { harness in
            try harness.submit("nightly")
            let status = try await harness.end("nightly")
            #expect(status.state == .failed)
            #expect(status.attempt == 3)
            #expect(try harness.error("nightly").error.code == .ioError)
            #expect(scenario.steps.count { $0 == "encode 1" } == 3)
        }
        let better = try Scenario(behaviour: ["assemble 0": ["fail io_error"]])
        try await Harness.with(better) { harness in
            try harness.submit("nightly")
            #expect(try await harness.end("nightly").state == .completed)
            #expect(better.steps.count { $0 == "encode 1" } == 1)
        }
    }

    @Test func `a job that is stopped half-way is finished by the next daemon`() async throws {
        let scenario = try Scenario(behaviour: ["encode 2": ["wait never"]])
        let first = try await Harness(scenario)
        try first.submit("nightly")
        try await scenario.reached("encode 2")
        let job = try #require(first.status("nightly")).job
        while !scenarioHasParts(scenario, job, [0, 1]) { try await Task.sleep(for: .milliseconds(5)) }
        await first.stop(grace: .milliseconds(50))
        #expect(first.status("nightly")?.state == .pending)
        let before = scenario.steps.count
        try await Harness.with(scenario, afterAnother: true) { second in
            let status = try await second.end("nightly")
            #expect(status.state == .completed && status.attempt == 1)
            #expect(Array(scenario.steps.dropFirst(before)) == ["encode 2", "assemble 0"])
        }
    }

    private func scenarioHasParts(_ scenario: Scenario, _ job: JobID, _ parts: [Int]) -> Bool {
        parts.allSatisfy { part in
            guard let key = try? Scenario.key(part) else { return false }
            return FileSystem.exists("\(scenario.root)/work/\(job)/parts/\(key.text)/part.json")
        }
    }

    @Test func `what was published before the daemon died is not made again`() async throws {
        let scenario = try Scenario()
        let first = try await Harness(scenario)
        try first.submit("nightly")
        let done = try await first.end("nightly")
        await first.stop()
        // The state of the ledger just before the last transaction.
        try rewind(scenario, done.job)
        let before = scenario.steps.count
        try await Harness.with(scenario, afterAnother: true) { second in
            let status = try await second.wait("nightly") { $0.state == .completed && $0.job == done.job }
            #expect(status.exports == done.exports)
            while try second.ledger().job(done.job)?.state != .completed { try await Task.sleep(for: .milliseconds(5)) }
            #expect(scenario.steps.count == before)
        }
    }

    private func rewind(_ scenario: Scenario, _ job: JobID) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        let script =
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(\"UPDATE jobs SET state='processing', finished_ns=NULL\"); c.commit()"
        process.arguments = ["-c", script, "\(scenario.root)/state/ledger.sqlite"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func `a request that was claimed and never entered is entered at the next start`() async throws {
        let scenario = try Scenario()
        let first = try await Harness(scenario)
        await first.stop()
        try orphan("orphan", "20260101-000000-abcdef", scenario)
        try await Harness.with(scenario, afterAnother: true) { second in
            let status = try await second.end("orphan")
            #expect(status.state == .completed && status.job.text == "20260101-000000-abcdef")
        }
    }

    /// A request that was claimed and never entered, as a daemon that is killed leaves it.
    private func orphan(_ name: String, _ job: String, _ scenario: Scenario) throws {
        let folder = "\(scenario.root)/spool/claimed/\(job)/request"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(Harness.export.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name).yaml"))
    }

    @Test func `a folder in the inbox that looks like the daemon's own leavings keeps it from nothing at its start`() async throws {
        let scenario = try Scenario()
        let first = try await Harness(scenario)
        await first.stop()
        // Whoever may submit may also make folders.
        try FileManager.default.createDirectory(atPath: "\(first.inbox)/.exportd-1-1.tmp/full", withIntermediateDirectories: true)
        try orphan("orphan", "20260101-000000-abcdef", scenario)
        try await Harness.with(scenario, afterAnother: true) { second in
            let status = try await second.end("orphan")
            #expect(status.state == .completed)
        }
    }

    @Test func `all that was claimed and never entered is entered once the ledger takes it`() async throws {
        let scenario = try Scenario()
        let first = try await Harness(scenario)
        await first.stop()
        try orphan("first", "20260101-000000-aaaaaa", scenario)
        try orphan("second", "20260101-000000-bbbbbb", scenario)
        let ledger = try database(scenario)
        try await ledger.write { db in
            try db.execute(sql: "CREATE TRIGGER stuck BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'stuck'); END")
        }
        try await Harness.with(scenario, afterAnother: true) { second in
            while await !second.daemon.statusLine().contains("stuck") { try await Task.sleep(for: .milliseconds(5)) }
            try await ledger.write { try $0.execute(sql: "DROP TRIGGER stuck") }
            for name in ["first", "second"] {
                let status = try await second.end(name)
                #expect(status.state == .completed)
            }
        }
    }

    @Test func `a spool that goes away and comes back stops nothing`() async throws {
        let scenario = try Scenario(behaviour: ["encode 0": ["wait go"]])
        // However long it stays away: publishing is tried again until it is back.
        try await Harness.with(scenario, options: "retries: 100") { harness in
            try harness.submit("nightly")
            try await scenario.reached("encode 0")
            #expect(rename("\(scenario.root)/spool", "\(scenario.root)/gone") == 0)
            while !(await harness.daemon.statusLine()).contains("spool") { try await Task.sleep(for: .milliseconds(10)) }
            scenario.touch("go")
            try await scenario.reached("assemble 0")
            #expect(rename("\(scenario.root)/gone", "\(scenario.root)/spool") == 0)
            try harness.submit("later", "kind: preview\n" + Harness.export)
            #expect(try await harness.end("later").state == .completed)
            let nightly = try await harness.end("nightly")
            #expect(nightly.state == .completed, "\(String(describing: nightly.error))")
            #expect(!(await harness.daemon.statusLine()).contains("spool"))
        }
    }

    @Test func `jobs wait until there is room`() async throws {
        let scenario = try Scenario()
        try await Harness.with(scenario, options: "limits: {min_free_bytes: 1024TiB}") { harness in
            try harness.submit("nightly")
            try await harness.wait("nightly") { $0.state == .pending }
            while !(await harness.daemon.statusLine()).contains("wait for space") { try await Task.sleep(for: .milliseconds(10)) }
            let text = "spool: \(scenario.root)/spool\nstores: [\(scenario.root)/store]\nlimits: {min_free_bytes: 0B}\n"
            _ = await harness.daemon.reload(try .parse(Array(text.utf8), fileName: "new.yaml", folder: scenario.root))
            #expect(try await harness.end("nightly").state == .completed)
        }
    }

    @Test func `the same name dropped again is a new job, and the sidecar is the new one's`() async throws {
        let scenario = try Scenario(behaviour: ["encode 0": ["wait go"]])
        try await Harness.with(scenario, options: "workers: 1") { harness in
            try harness.submit("nightly")
            let first = try await harness.wait("nightly") { $0.state == .processing }
            try harness.submit("nightly", "kind: preview\n" + Harness.export)
            let second = try await harness.wait("nightly") { $0.job != first.job }
            scenario.touch("go")
            let ended = try await harness.end("nightly")
            #expect(ended.job == second.job && ended.kind == "preview" && ended.state == .completed)
            #expect(harness.list("spool/outbox") == [first.job.text])
        }
    }

    @Test func `a second daemon on the same spool does not start`() async throws {
        let scenario = try Scenario()
        try await Harness.with(scenario) { _ in
            await #expect(throws: ExportError.self) { _ = try await Harness(scenario) }
        }
    }
}
