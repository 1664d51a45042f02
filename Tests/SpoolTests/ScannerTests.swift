import Files
import Glibc
import Spool
import Testing

@Suite struct ScannerTests {
    private let scratch: Scratch
    private let start = ContinuousClock.now

    init() throws {
        scratch = try Scratch()
    }

    private func names(_ scan: InboxScan) -> [String] {
        scan.candidates.map(\.path.text).sorted()
    }

    @Test func `a file that was renamed in is ready at once, any other when it has settled`() throws {
        var scanner = InboxScanner(scratch.layout, settle: .seconds(2))
        try scratch.drop("moved.yaml")
        try scratch.put("copied.yml")
        let moved: Set = [try #require(InboxPath("moved.yaml"))]
        let first = try scanner.scan(now: start, movedIn: moved)
        #expect(names(first) == ["moved.yaml"])
        #expect(first.nextDue == start + .seconds(2))
        #expect(try names(scanner.scan(now: start + .milliseconds(1999))).isEmpty)
        let last = try scanner.scan(now: start + .seconds(2))
        #expect(names(last) == ["copied.yml", "moved.yaml"])
        #expect(last.nextDue == nil)
    }

    @Test func `every change of content begins the wait anew`() throws {
        var scanner = InboxScanner(scratch.layout, settle: .seconds(2))
        try scratch.put("x.yaml", "kind: export\n")
        _ = try scanner.scan(now: start)
        let file = try OpenFile("\(scratch.layout.inbox)/x.yaml", flags: O_WRONLY | O_APPEND)
        try file.write(Array("exports:\n".utf8))
        #expect(try names(scanner.scan(now: start + .seconds(2))).isEmpty)
        #expect(try names(scanner.scan(now: start + .milliseconds(3999))).isEmpty)
        #expect(try names(scanner.scan(now: start + .seconds(4))) == ["x.yaml"])
    }

    @Test func `the same bytes in another file wait for themselves`() throws {
        var scanner = InboxScanner(scratch.layout, settle: .seconds(2))
        try scratch.put("x.yaml")
        _ = try scanner.scan(now: start)
        try scratch.drop("x.yaml")
        #expect(try names(scanner.scan(now: start + .seconds(2))).isEmpty)
        #expect(try names(scanner.scan(now: start + .seconds(4))) == ["x.yaml"])
    }

    @Test func `a request that was removed and written again waits again`() throws {
        var scanner = InboxScanner(scratch.layout, settle: .seconds(2))
        try scratch.put("x.yaml")
        _ = try scanner.scan(now: start)
        try FileSystem.removeFile("\(scratch.layout.inbox)/x.yaml")
        #expect(try scanner.scan(now: start + .seconds(1)).nextDue == nil)
        try scratch.put("x.yaml")
        #expect(try names(scanner.scan(now: start + .seconds(2))).isEmpty)
    }

    @Test func `unfinished work and sidecars are never touched`() throws {
        for name in [
            ".hidden.yaml", ".yaml", "x.yaml~", "x.yaml.tmp", "x.yaml.part", ".x.yaml.swp", "x.swx", "x.yaml.filepart", ".nfs000012",
            "x.status.json", "x.error.json", "README.md", "yaml",
        ] { try scratch.put(name) }
        var scanner = InboxScanner(scratch.layout, settle: .zero)
        #expect(try names(scanner.scan()).isEmpty)
    }

    @Test func `team folders are searched one level down`() throws {
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/team/deeper")
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/.hidden")
        try scratch.put("team/x.yaml")
        try scratch.put("team/deeper/y.yaml")
        try scratch.put(".hidden/z.yaml")
        var scanner = InboxScanner(scratch.layout, settle: .zero)
        #expect(try names(scanner.scan()) == ["team/x.yaml"])
    }

    @Test func `a team folder that is a symbolic link leads nowhere`() throws {
        let elsewhere = "\(scratch.path)/elsewhere"
        try FileSystem.makeDirectories(elsewhere)
        try FileSystem.writeAtomically("\(elsewhere)/x.yaml", [])
        symlink(elsewhere, "\(scratch.layout.inbox)/team")
        var scanner = InboxScanner(scratch.layout, settle: .zero)
        #expect(try names(scanner.scan()).isEmpty)
    }

    @Test func `what only looks like a request is found, so that it can be refused`() throws {
        let inbox = scratch.layout.inbox
        try FileSystem.makeDirectories("\(inbox)/folder.yaml")
        mkfifo("\(inbox)/fifo.yaml", 0o644)
        symlink("/etc/passwd", "\(inbox)/link.yaml")
        try scratch.put("big.yaml", String(repeating: "x", count: 5 << 20))
        try scratch.put("one.yaml")
        try FileSystem.link("\(inbox)/one.yaml", to: "\(inbox)/two.yaml")
        var scanner = InboxScanner(scratch.layout, settle: .zero)
        #expect(try names(scanner.scan()) == ["big.yaml", "fifo.yaml", "folder.yaml", "link.yaml", "one.yaml", "two.yaml"])
    }

    @Test func `requests are listed in the order in which they came`() throws {
        for name in ["c.yaml", "a.yaml", "b.yaml"] {
            try scratch.drop(name)
            // The kernel's clock of file times ticks every few milliseconds.
            let before = try FileSystem.status(of: "\(scratch.layout.inbox)/\(name)").changed
            while true {
                try FileSystem.writeAtomically("\(scratch.path)/tick", [])
                if try FileSystem.status(of: "\(scratch.path)/tick").changed > before { break }
            }
        }
        var scanner = InboxScanner(scratch.layout, settle: .zero)
        #expect(try scanner.scan().candidates.map(\.path.text) == ["c.yaml", "a.yaml", "b.yaml"])
    }

    @Test func `an inbox that is away is an error, and found again when it is back`() throws {
        var scanner = InboxScanner(scratch.layout, settle: .zero)
        try FileSystem.rename(scratch.layout.inbox, to: "\(scratch.path)/away")
        #expect(throws: FileError.self) { try scanner.scan() }
        try FileSystem.rename("\(scratch.path)/away", to: scratch.layout.inbox)
        try scratch.put("x.yaml")
        #expect(try names(scanner.scan()) == ["x.yaml"])
    }
}
