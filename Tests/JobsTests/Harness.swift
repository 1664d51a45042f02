import Configuration
import ExportCore
import Foundation
import Jobs
import Ledger
import Logging
import Sidecars
import Testing

/// A daemon on a temporary spool with the fake worker of a scenario.
final class Harness {
    let scenario: Scenario
    let daemon: Daemon
    private var isDrained = false

    init(_ scenario: Scenario, width: Int = 2, options: String = "", afterAnother: Bool = false) async throws {
        self.scenario = scenario
        let text = """
            spool: spool
            stores: [store]
            ledger: state/ledger.sqlite
            work: work
            cache: {path: cache, max_bytes: 1MiB}
            settle: 100ms
            rescan: 200ms
            \(options.contains("limits") ? "" : "limits: {min_free_bytes: 0B}")
            \(options)
            """
        let configuration = try SiteConfiguration.parse(Array(text.utf8), fileName: "exportd.yaml", folder: scenario.root)
        var backoff = Backoff()
        backoff.first = .milliseconds(20)
        while true {
            do {
                daemon = try Daemon(
                    configuration: configuration,
                    worker: scenario.settings,
                    width: width,
                    backoff: backoff,
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
                break
            } catch {
                // A worker that another test is just starting may hold a copy of the last daemon's lock until its exec.
                guard afterAnother, error.message.contains("in use") else { throw error }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        try await daemon.start()
    }

    /// Runs a body with a daemon, and stops the daemon however the body ends.
    static func with(
        _ scenario: Scenario,
        width: Int = 2,
        options: String = "",
        afterAnother: Bool = false,
        _ body: (Harness) async throws -> Void
    ) async throws {
        let harness = try await Harness(scenario, width: width, options: options, afterAnother: afterAnother)
        do {
            try await body(harness)
        } catch {
            await harness.stop()
            throw error
        }
        await harness.stop()
    }

    func stop(grace: Duration = .seconds(5)) async {
        guard !isDrained else { return }
        isDrained = true
        await daemon.drain(grace: grace)
    }

    var inbox: String { "\(scenario.root)/spool/inbox" }
    var outbox: String { "\(scenario.root)/spool/outbox" }

    static let export = "exports: [{format: hdf5}]\n"

    /// Submits a request as people should: under another name, then renamed.
    func submit(_ name: String, _ text: String = Harness.export) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(inbox)/.\(name).tmp"))
        #expect(rename("\(inbox)/.\(name).tmp", "\(inbox)/\(name).yaml") == 0)
    }

    func status(_ name: String) -> StatusDocument? {
        guard let data = FileManager.default.contents(atPath: "\(inbox)/\(name).status.json") else { return nil }
        return try? StatusDocument(json: [UInt8](data))
    }

    func error(_ name: String) throws -> ErrorDocument {
        try JSONDecoder().decode(
            ErrorDocument.self,
            from: try #require(FileManager.default.contents(atPath: "\(inbox)/\(name).error.json"))
        )
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(scenario.root)/\(path)")
    }

    /// The names in a folder that do not begin with a dot.
    func list(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(scenario.root)/\(path)")) ?? []).filter { !$0.hasPrefix(".") }
    }

    /// Waits until a request's status is as wished.
    @discardableResult
    func wait(_ name: String, until condition: (StatusDocument) -> Bool) async throws -> StatusDocument {
        while true {
            if let status = status(name), condition(status) { return status }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Waits until a job has ended and everything about it has been cleared away.
    @discardableResult
    func end(_ name: String) async throws -> StatusDocument {
        let status = try await wait(name) { $0.state.isTerminal }
        while exists("spool/claimed/\(status.job)") || exists("work/\(status.job)") { try await Task.sleep(for: .milliseconds(5)) }
        return status
    }

    func ledger() throws -> Ledger {
        try Ledger.readOnly(path: "\(scenario.root)/state/ledger.sqlite")
    }
}
