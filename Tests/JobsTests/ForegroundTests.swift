import Configuration
import ExportCore
import Files
import Foundation
import Jobs
import Logging
import Plans
import Requests
import Sidecars
import Synchronization
import Testing

@Suite("A run in the foreground", .timeLimit(.minutes(2)))
struct ForegroundTests {
    private func foreground(_ scenario: Scenario) throws -> ForegroundRun {
        let text = "spool: spool\nstores: [store]\nwork: work\ncache: {path: cache}\n"
        let configuration = try SiteConfiguration.parse(Array(text.utf8), fileName: "exportd.yaml", folder: scenario.root)
        return ForegroundRun(
            configuration: configuration,
            worker: scenario.settings,
            width: 2,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func request(_ scenario: Scenario) -> ForegroundRequest {
        ForegroundRequest(scenario.task().request, file: "requests/nightly.yaml", name: "nightly", text: Array("exports: []\n".utf8))
    }

    @Test func `the destination appears with the packages, and progress ends at a hundred`() async throws {
        let scenario = try Scenario()
        let seen = Mutex<[Double]>([])
        let status = try await foreground(scenario).run(request(scenario), destination: "\(scenario.root)/result") { progress in
            seen.withLock { $0.append(progress.percent) }
        }
        #expect(status.exports.map(\.file) == ["nightly_0.tar.gz"])
        #expect(status.request == "requests/nightly.yaml" && status.state == .completed && status.selection?.datasets == 3)
        let result = "\(scenario.root)/result"
        #expect(try FileSystem.list(result).sorted() == ["nightly_0.tar.gz", "request.yaml", "status.json"])
        #expect(try FileSystem.read("\(result)/request.yaml", limit: 100) == Array("exports: []\n".utf8))
        #expect(try FileSystem.read("\(result)/status.json", limit: 1 << 20) == status.json())
        #expect(try FileSystem.list("\(scenario.root)/work").isEmpty)
        let percents = seen.withLock { $0 }
        #expect(percents.last == 100 && percents == percents.sorted())
    }

    @Test func `a run that is interrupted leaves its finished parts to the next`() async throws {
        let scenario = try Scenario(behaviour: ["encode 2": ["wait never"]])
        let first = Task {
            try await foreground(scenario).run(request(scenario), destination: "\(scenario.root)/result") { _ in }
        }
        try await scenario.reached("encode 2")
        let finished = try [0, 1].map { "\(try Scenario.key($0).text)/part.json" }
        while try !finished.allSatisfy({ part in
            try FileSystem.list("\(scenario.root)/work").contains { FileSystem.exists("\(scenario.root)/work/\($0)/parts/\(part)") }
        }) { try await Task.sleep(for: .milliseconds(5)) }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(!FileSystem.exists("\(scenario.root)/result"))
        #expect(try FileSystem.list(scenario.root).allSatisfy { !$0.hasPrefix(".") })
        let before = scenario.steps.count
        _ = try await foreground(scenario).run(request(scenario), destination: "\(scenario.root)/result") { _ in }
        #expect(Array(scenario.steps.dropFirst(before)) == ["plan", "encode 2", "assemble 0"])
    }

    @Test func `a destination that is there already is left alone`() async throws {
        let scenario = try Scenario()
        await #expect(throws: ExportError.self) {
            _ = try await foreground(scenario).run(request(scenario), destination: "\(scenario.root)/out") { _ in }
        }
        #expect(scenario.steps.isEmpty)
    }

    @Test func `a preview writes nothing`() async throws {
        let scenario = try Scenario()
        let status = try await foreground(scenario).preview(request(scenario))
        #expect(status.preview?.datasets.count == 3 && status.kind == "preview" && status.progress.percent == 100)
        #expect(scenario.steps == ["plan"])
        #expect(try FileSystem.list("\(scenario.root)/work").isEmpty)
    }
}
