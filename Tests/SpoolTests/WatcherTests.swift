import ExportCore
import Files
import Glibc
import Sidecars
import Testing

@testable import Spool

@Suite(.timeLimit(.minutes(1))) struct WatcherTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Waits for wake-ups until a hint names what is waited for.
    private func wait(_ watcher: InboxWatcher, movedIn name: String) async throws {
        let path = try #require(InboxPath(name))
        for await _ in watcher.wakeUps where watcher.take().movedIn.contains(path) { return }
        Issue.record("the watcher ended")
    }

    private func wake(_ watcher: InboxWatcher) async {
        for await _ in watcher.wakeUps { return }
    }

    @Test func `a request that is renamed in is named at once, in team folders too`() async throws {
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/team")
        let watcher = try InboxWatcher(scratch.layout)
        await wake(watcher)
        try scratch.drop("x.yaml")
        try await wait(watcher, movedIn: "x.yaml")
        try scratch.drop("team/y.yml")
        try await wait(watcher, movedIn: "team/y.yml")
        #expect(watcher.take().movedIn.isEmpty)
        #expect(watcher.take().problem == nil)
    }

    @Test(arguments: ["copy", "append", "link", "symlink", "fifo", "folder"])
    func `a request that comes in any other way wakes, and is not called whole`(how: String) async throws {
        let inbox = scratch.layout.inbox
        let watcher = try InboxWatcher(scratch.layout)
        await wake(watcher)
        _ = watcher.take()
        switch how {
        case "copy": try scratch.put("x.yaml")
        case "append":
            let file = try OpenFile("\(inbox)/x.yaml", flags: O_WRONLY | O_CREAT | O_APPEND)
            try file.write([1])
        case "link":
            try FileSystem.writeAtomically("\(scratch.path)/other", [])
            try FileSystem.link("\(scratch.path)/other", to: "\(inbox)/x.yaml")
        case "symlink": symlink("/etc/passwd", "\(inbox)/x.yaml")
        case "fifo": mkfifo("\(inbox)/x.yaml", 0o644)
        default: try FileSystem.makeDirectories("\(inbox)/x.yaml")
        }
        await wake(watcher)
        #expect(watcher.take().movedIn.isEmpty)
    }

    @Test func `a team folder made later is watched`() async throws {
        let watcher = try InboxWatcher(scratch.layout)
        await wake(watcher)
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/late")
        await wake(watcher)
        // The folder is announced before it is watched; a refresh that finds nothing new says that both are done.
        var isWatched = false
        while !isWatched {
            try scratch.drop("late/probe.yaml")
            await wake(watcher)
            isWatched = watcher.take().movedIn.contains(try #require(InboxPath("late/probe.yaml")))
        }
    }

    @Test func `an inbox that was replaced is watched after the next refresh`() async throws {
        let watcher = try InboxWatcher(scratch.layout)
        await wake(watcher)
        try FileSystem.rename(scratch.layout.inbox, to: "\(scratch.path)/old")
        repeat { await wake(watcher) } while watcher.take().problem == nil
        try FileSystem.makeDirectories(scratch.layout.inbox)
        watcher.refresh()
        repeat { await wake(watcher) } while watcher.take().problem != nil
        try scratch.drop("x.yaml")
        try await wait(watcher, movedIn: "x.yaml")
    }

    @Test func `stopping ends the stream`() async throws {
        let watcher = try InboxWatcher(scratch.layout)
        watcher.stop()
        for await _ in watcher.wakeUps {}
    }

    @Test func `an overflow asks for a scan and another look at the folders`() {
        var watches = InboxWatches(inbox: scratch.layout.inbox)
        var changes = InboxWatches.Changes()
        watches.apply(InotifyEvent(watch: -1, mask: UInt32(IN_Q_OVERFLOW), name: EntryName("")), to: &changes)
        #expect(changes.needsScan)
        #expect(changes.needsRefresh)
        #expect(changes.movedIn.isEmpty)
    }

    @Test func `own sidecars and other people's unfinished work do not wake`() throws {
        var watches = InboxWatches(inbox: scratch.layout.inbox)
        let isFirstNew = watches.refresh()
        #expect(isFirstNew)
        try SidecarStore(scratch.layout).write(status("x.yaml", .pending))
        try scratch.put(".x.yaml.swp")
        try scratch.put("notes.txt")
        let changes = watches.read()
        #expect(!changes.needsScan)
        #expect(!changes.needsRefresh)
        let isNew = watches.refresh()
        #expect(!isNew)
    }

    @Test func `many files make one hint that names them all`() throws {
        var watches = InboxWatches(inbox: scratch.layout.inbox)
        _ = watches.refresh()
        for number in 0..<500 { try scratch.drop("r\(number).yaml") }
        let changes = watches.read()
        #expect(changes.movedIn.count == 500)
    }

    @Test func `events cut short or with a wrong length are dropped, not believed`() {
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes[12] = 200
        #expect(InotifyEvent.parse(bytes).isEmpty)
        #expect(InotifyEvent.parse(Array(bytes.prefix(10))).isEmpty)
        #expect(InotifyEvent.parse([]).isEmpty)
    }
}
