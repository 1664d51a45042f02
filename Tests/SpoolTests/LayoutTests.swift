import Files
import Glibc
import Spool
import Testing

@Suite struct LayoutTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func kind(_ body: () throws -> Void) -> SpoolError.Kind? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SpoolError)?.kind
        }
    }

    @Test func `a new spool has all its folders with their modes`() throws {
        let layout = scratch.layout
        #expect(try FileSystem.list(layout.root) == ["claimed", "inbox", "outbox", "rejected", "status"])
        #expect(try FileSystem.status(of: layout.inbox).mode == 0o3770)
        #expect(try FileSystem.status(of: layout.claimed).mode == 0o700)
        try layout.prepare()
        try layout.check()
    }

    @Test func `a spool that vanished is unavailable and not made again by a check`() throws {
        let layout = scratch.layout
        try FileSystem.rename(layout.root, to: "\(scratch.path)/away")
        #expect(kind { try layout.check() } == .unavailable)
        try FileSystem.makeDirectories(layout.root)
        #expect(kind { try layout.check() } == .unavailable)
        #expect(try FileSystem.list(layout.root).isEmpty)
    }

    @Test func `claimed requests that others can reach are not trusted`() throws {
        chmod(scratch.layout.claimed, 0o755)
        #expect(kind { try scratch.layout.check() } == .unsuitable)
    }

    @Test func `a link in the place of a folder is not the folder`() throws {
        let layout = scratch.layout
        try FileSystem.removeTree(layout.outbox)
        symlink(scratch.path, layout.outbox)
        #expect(kind { try layout.prepare() } == .unsuitable)
    }

    @Test func `one daemon to a spool, and the lock ends with its holder`() throws {
        var first: SpoolLock? = try SpoolLock(scratch.layout)
        do {
            _ = try SpoolLock(scratch.layout)
            Issue.record("a second lock was given")
        } catch {
            #expect(error.kind == .inUse)
            #expect(error.message.contains("process \(getpid())"))
        }
        _ = first
        first = nil
        _ = try SpoolLock(scratch.layout)
    }

    @Test func `a lock whose file was removed does not keep others from a lock that counts`() throws {
        let stale = try SpoolLock(scratch.layout)
        try FileSystem.removeFile("\(scratch.layout.claimed)/.lock")
        let fresh = try SpoolLock(scratch.layout)
        #expect(kind { _ = try SpoolLock(scratch.layout) } == .inUse)
        withExtendedLifetime((stale, fresh)) {}
    }
}
