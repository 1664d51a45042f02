import ArgumentParser
import Configuration
import ExportCore
import Requests
import Sidecars
import Testing

@testable import exportctl

/// The site of a spool.
func site(_ root: String) throws -> SiteConfiguration {
    try SiteConfiguration.parse(Array("spool: \(root)\n".utf8), fileName: "exportd.yaml", folder: root)
}

@Suite struct `Exit codes` {
    @Test func `follow the contract`() {
        let codes = ExportError.Code.allCases.map { ($0, ExitStatus.code(for: $0)) }
        for (code, status) in codes {
            switch code {
            case .requestInvalid, .requestUnreadable: #expect(status == 2)
            case .notPermitted: #expect(status == 3)
            case .quotaExceeded: #expect(status == 4)
            default: #expect(status == 1)
            }
        }
    }

    @Test(arguments: [
        ["nonsense"], ["validate"], ["submit", "-"], ["status", "--limit", "0"], ["wait", "a", "--timeout", "soon"], ["cancel"],
    ])
    func `of wrong usage are 2`(arguments: [String]) {
        do {
            _ = try Exportctl.parseAsRoot(arguments)
            Issue.record("accepted")
        } catch {
            #expect(ExitStatus.report(error) == 2)
        }
    }

    @Test func `of help are 0`() {
        do {
            var command = try Exportctl.parseAsRoot(["--help"])
            try command.run()
            Issue.record("no help")
        } catch {
            #expect(ExitStatus.report(error) == 0)
        }
    }
}

@Suite struct `What is printed` {
    @Test func `cannot move a terminal's cursor`() {
        #expect(Output.printable("a\u{1B}[2J\tb\nc\u{7}") == "a\\u{1b}[2J\tb\nc\\u{7}")
    }

    @Test func `places problems as compilers do`() {
        let location = ExportError.Location(file: "a.yaml", line: 3, column: 4)
        #expect(Output.problem(.init("Bad.", hint: "Do this.", location: location)) == "a.yaml:3:4: Bad. (Do this.)")
        #expect(Output.problem(.init("Bad.", location: .init(dataset: DatasetID("d")))) == "d: Bad.")
        #expect(Output.problem(.init("Bad.")) == "Bad.")
    }

    @Test(arguments: [
        (Int64(0), "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_536, "1.5 KiB"), (10_737_418_240, "10.0 GiB"),
        (Int64.max, "8192.0 PiB"),
    ])
    func `of sizes has units`(bytes: Int64, text: String) {
        #expect(Wording.bytes(bytes) == text)
    }

    @Test func `in tables stands in columns`() {
        var table = Table(["a", "long name", ""])
        table.add(["wide cell", "x", ""])
        #expect(table.lines == ["a          long name", "wide cell  x"])
    }

    @Test func `of a job's progress says what is known and no more`() {
        var progress = StatusDocument.Progress(
            percent: 43.25,
            datasetsDone: 1,
            datasetsTotal: 4,
            current: "d1",
            bytesRead: 2_048,
            bytesWritten: 0,
            etaSeconds: 200,
            updatedAt: ""
        )
        #expect(
            ProgressDisplay.text(progress, state: .processing, queuePosition: nil)
                == "43.3 %, 1/4 datasets, 2.0 KiB read, 3 min 20 s left, d1"
        )
        #expect(ProgressDisplay.text(progress, state: .pending, queuePosition: 1) == "pending, 1 job before it")
        #expect(ProgressDisplay.text(progress, state: .pending, queuePosition: 0) == "pending")
        progress.datasetsTotal = 0
        #expect(ProgressDisplay.text(progress, state: .completed, queuePosition: nil) == "completed")
    }

    @Test(arguments: [("90", Duration.seconds(90)), ("90s", .seconds(90)), ("1h30m", .seconds(5_400)), ("0", .zero)])
    func `and read as a length of time has units or is in seconds`(text: String, duration: Duration) throws {
        #expect(try TimeArgument.parse(text) == duration)
    }
}

@Suite struct `A request file` {
    @Test(arguments: [("/a/nightly.yaml", "nightly"), ("b.yml", "b"), ("c", "c"), (".yaml", ".yaml")])
    func `gives its job the name`(path: String, name: String) throws {
        let file = RequestFile(path: path, bytes: [], request: .cancel(.init(jobs: ["x"])))
        #expect(file.name == name)
    }

    @Test func `about jobs cannot be carried out without the daemon`() {
        let file = RequestFile(path: "a.yaml", bytes: [], request: .cancel(.init(jobs: ["x"])))
        #expect(throws: ExportError.self) { try file.exports() }
    }
}
