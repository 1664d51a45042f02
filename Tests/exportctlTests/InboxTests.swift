import ExportCore
import Files
import Glibc
import Sidecars
import Spool
import Testing

@testable import exportctl

/// A spool in a temporary folder, with a hand that plays the daemon.
private final class TemporarySpool {
    let layout: SpoolLayout

    init() throws {
        let name = try #require(strdup("/tmp/exportctl-tests-XXXXXX"))
        defer { free(name) }
        layout = SpoolLayout(root: String(cString: try #require(mkdtemp(name))))
        try FileSystem.makeDirectories("\(layout.inbox)/team")
        try FileSystem.makeDirectories(layout.outbox)
    }

    deinit {
        try? FileSystem.removeTree(layout.root)
    }

    /// Writes a status sidecar as the daemon would.
    func report(_ label: String, job: String, _ state: JobState, error: ExportError? = nil, createdAt: String = "2026-11-22T10:00:00.000Z")
        throws
    {
        let status = StatusDocument(
            request: "\(label).yaml",
            job: try #require(JobID(job)),
            kind: "export",
            title: nil,
            user: "alice",
            role: "training_engineer",
            state: state,
            createdAt: createdAt,
            startedAt: nil,
            finishedAt: nil,
            queuePosition: nil,
            attempt: 1,
            progress: .init(
                percent: 0,
                datasetsDone: 0,
                datasetsTotal: 0,
                current: nil,
                bytesRead: 0,
                bytesWritten: 0,
                etaSeconds: nil,
                updatedAt: createdAt
            ),
            exports: [],
            selection: nil,
            warnings: [],
            error: error
        )
        try FileSystem.writeAtomically("\(layout.inbox)/\(label).status.json", status.json())
    }
}

@Suite struct `A place in the inbox` {
    private let spool = SpoolLayout(root: "/spool")

    @Test(arguments: [
        ("nightly", "/spool/inbox", "nightly"), ("nightly.yaml", "/spool/inbox", "nightly"), ("nightly.yml", "/spool/inbox", "nightly"),
        ("team/nightly", "/spool/inbox/team", "nightly"), ("a.b.yaml", "/spool/inbox", "a.b"),
    ])
    func `is found from what people write`(text: String, folder: String, name: String) throws {
        let place = try InboxPlace(text, in: spool)
        #expect(place.folder == folder && place.name == name)
    }

    @Test(arguments: ["", ".yaml", ".hidden", "a/b/c", "/a", "a/", "..", "../a", "a\u{1B}b", String(repeating: "x", count: 201)])
    func `is refused where no request could lie`(text: String) {
        #expect(throws: ExportError.self) { try InboxPlace(text, in: spool) }
    }
}

@Suite struct `Submitting` {
    @Test func `drops the whole request under its name and leaves nothing else`() throws {
        let spool = try TemporarySpool()
        let place = try InboxPlace("team/nightly", in: spool.layout)
        #expect(try place.submit(Array("exports: []".utf8)) == nil)
        #expect(try FileSystem.list("\(spool.layout.inbox)/team") == ["nightly.yaml"])
        #expect(try FileSystem.read("\(spool.layout.inbox)/team/nightly.yaml", limit: 100) == Array("exports: []".utf8))
        #expect(try FileSystem.status(of: "\(spool.layout.inbox)/team/nightly.yaml").mode == 0o640)
    }

    @Test func `does not replace a request that waits`() throws {
        let spool = try TemporarySpool()
        let place = try InboxPlace("nightly", in: spool.layout)
        _ = try place.submit([1])
        #expect(throws: ExportError.self) { try place.submit([2]) }
        #expect(try FileSystem.read("\(spool.layout.inbox)/nightly.yaml", limit: 100) == [1])
    }

    @Test func `again remembers whose sidecar is still there`() throws {
        let spool = try TemporarySpool()
        try spool.report("nightly", job: "old", .completed)
        #expect(try InboxPlace("nightly", in: spool.layout).submit([1]) == JobID("old"))
    }

    @Test func `into a team's folder that is not there is an error`() throws {
        let spool = try TemporarySpool()
        #expect(throws: FileError.self) { try InboxPlace("nobody/nightly", in: spool.layout).submit([1]) }
    }
}

@Suite struct `Waiting` {
    @Test func `ends with the job`() async throws {
        let spool = try TemporarySpool()
        try spool.report("nightly", job: "one", .completed)
        let status = try await JobWait(place: InboxPlace("nightly", in: spool.layout)).run()
        #expect(status.job == JobID("one") && status.state == .completed)
    }

    @Test func `does not take an earlier job's end for this one's`() async throws {
        let spool = try TemporarySpool()
        try spool.report("nightly", job: "old", .completed)
        let place = try InboxPlace("nightly", in: spool.layout)
        let error = await #expect(throws: ExportError.self) {
            try await JobWait(place: place, previous: JobID("old"), timeout: .milliseconds(300)).run()
        }
        #expect(error?.code == .timedOut)
        try spool.report("nightly", job: "new", .failed, error: ExportError(.quotaExceeded, "Too much."))
        #expect(try await JobWait(place: place, previous: JobID("old")).run().job == JobID("new"))
    }

    @Test func `goes on while the request waits in the inbox, whatever an old sidecar says`() async throws {
        let spool = try TemporarySpool()
        try spool.report("nightly", job: "old", .completed)
        let place = try InboxPlace("nightly", in: spool.layout)
        _ = try place.submit([1])
        let error = await #expect(throws: ExportError.self) { try await JobWait(place: place, timeout: .milliseconds(500)).run() }
        #expect(error?.code == .timedOut)
    }

    @Test func `sees the daemon's answer as soon as it is there`() async throws {
        let spool = try TemporarySpool()
        let place = try InboxPlace("nightly", in: spool.layout)
        let previous = try place.submit([1])
        async let status = JobWait(place: place, previous: previous, timeout: .seconds(60)).run()
        try spool.report("nightly", job: "one", .pending)
        try FileSystem.removeFile("\(spool.layout.inbox)/nightly.yaml")
        try spool.report("nightly", job: "one", .cancelled)
        #expect(try await status.state == .cancelled)
    }
}

@Suite struct `The book of jobs` {
    @Test func `without a ledger is read from the sidecars, newest first`() throws {
        let spool = try TemporarySpool()
        try spool.report("first", job: "one", .completed, createdAt: "2026-11-22T10:00:00.000Z")
        try spool.report("team/second", job: "two", .pending, createdAt: "2026-11-22T11:00:00.000Z")
        try FileSystem.writeAtomically("\(spool.layout.inbox)/broken.status.json", [1, 2, 3])
        let book = JobBook(try site(spool.layout.root))
        #expect(book.complaint != nil)
        #expect(try book.list(limit: 10).map(\.job.text) == ["two", "one"])
        #expect(try book.list(limit: 1).count == 1)
        #expect(try book.find("first").job.text == "one")
        #expect(try book.find("team/second.yaml").job.text == "two")
        #expect(try book.find("two").request == "team/second.yaml")
        #expect(try book.events(of: book.find("one").job).isEmpty)
        let error = #expect(throws: ExportError.self) { try book.find("third") }
        #expect(error?.message.contains("third") == true)
    }
}
