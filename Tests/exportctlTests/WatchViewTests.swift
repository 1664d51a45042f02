import ExportCore
import StatusPage
import Testing

@testable import exportctl

@Suite struct WatchViewTests {
    private func snapshot(title: String) throws -> ServiceSnapshot {
        var running = ServiceSnapshot.Entry(
            job: try #require(JobID("a-1")),
            request: "a.yaml",
            user: "alice",
            state: "processing",
            createdAt: "2026-11-22T17:15:00.000Z"
        )
        running.title = title
        running.percent = 50
        running.etaSeconds = 90
        var waiting = ServiceSnapshot.Entry(
            job: try #require(JobID("b-1")),
            request: "b.yaml",
            user: "bob",
            state: "pending",
            createdAt: "2026-11-22T17:15:00.000Z"
        )
        waiting.queuePosition = 0
        return ServiceSnapshot(
            writtenAt: "2026-11-22T17:15:00.000Z",
            health: .init(version: "1", since: "2026-11-22T17:00:00.000Z", state: "serving", workers: 2, busy: 1),
            running: [running],
            queue: [waiting],
            queueLength: 31
        )
    }

    @Test("Running jobs have a bar, waiting ones their place, and the rest of the queue is counted")
    func lines() throws {
        let lines = WatchView(try snapshot(title: "Kitchen"), columns: 60).lines
        #expect(lines.contains("[##########----------] 50 %, 1 min 30 s left"))
        #expect(lines.contains("1. b.yaml (bob) "))
        #expect(lines.contains("and 30 more"))
    }

    @Test("A title can't control the terminal")
    func hostile() throws {
        let lines = WatchView(try snapshot(title: "\u{1B}[2J\r\n\u{202E}evil"), columns: 60).lines
        let unsafe = lines.joined().unicodeScalars.filter {
            $0.properties.generalCategory == .control || $0.properties.generalCategory == .format
        }
        #expect(unsafe.isEmpty)
    }
}
