import ExportCore
import Files
import Glibc
import Sidecars
import Spool
import Testing

@Suite struct SidecarTests {
    private let scratch: Scratch
    private let store: SidecarStore
    private let error = ExportError(.selectionEmpty, "Nothing was selected.", hint: "Widen the selection.")

    init() throws {
        scratch = try Scratch()
        store = SidecarStore(scratch.layout)
    }

    @Test func `there is an error sidecar if and only if the job failed`() throws {
        try store.write(status("x.yaml", .pending))
        #expect(try scratch.inbox() == ["x.status.json"])
        try store.write(status("x.yaml", .failed, error: error))
        #expect(try scratch.inbox() == ["x.error.json", "x.status.json"])
        let document = try ErrorDocument(json: FileSystem.read("\(scratch.layout.inbox)/x.error.json", limit: 1 << 20))
        #expect(document.error == error)
        try store.write(status("x.yaml", .pending))
        #expect(try scratch.inbox() == ["x.status.json"])
    }

    @Test func `of sidecars written together those that can be are written`() throws {
        let failures = store.write([
            status("x.yaml", .pending), status("missing/y.yaml", .pending), status("../z.yaml", .pending),
            status("z.yaml", .failed, error: error),
        ])
        #expect(failures.map { $0 == nil } == [true, false, false, true])
        #expect(failures[1]?.isMissing == true)
        #expect(try scratch.inbox() == ["x.status.json", "z.error.json", "z.status.json"])
    }

    @Test func `sidecars stand beside the place where the request was dropped and everyone may read them`() throws {
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/team")
        try store.write(status("team/x.yml", .processing))
        let path = "\(scratch.layout.inbox)/team/x.status.json"
        #expect(try FileSystem.status(of: path).mode == 0o644)
        #expect(try StatusDocument(json: FileSystem.read(path, limit: 1 << 20)).state == .processing)
    }

    @Test func `a symbolic link in a sidecar's place is replaced, never written through`() throws {
        let victim = "\(scratch.path)/victim"
        try FileSystem.writeAtomically(victim, Array("precious".utf8))
        symlink(victim, "\(scratch.layout.inbox)/x.status.json")
        symlink(victim, "\(scratch.layout.inbox)/x.error.json")
        try store.write(status("x.yaml", .failed, error: error))
        #expect(try scratch.text(victim) == "precious")
        #expect(try FileSystem.status(of: "\(scratch.layout.inbox)/x.status.json").kind == .regular)
        #expect(try FileSystem.status(of: "\(scratch.layout.inbox)/x.error.json").kind == .regular)
        try store.write(status("x.yaml", .completed))
        #expect(try scratch.text(victim) == "precious")
    }

    @Test func `a team folder that became a symbolic link is not followed`() throws {
        try FileSystem.makeDirectories("\(scratch.path)/elsewhere")
        symlink("\(scratch.path)/elsewhere", "\(scratch.layout.inbox)/team")
        #expect(throws: FileError.self) { try store.write(status("team/x.yaml", .pending)) }
        #expect(try FileSystem.list("\(scratch.path)/elsewhere").isEmpty)
    }

    @Test(arguments: ["../x.yaml", "a/b/c.yaml", "", "/x.yaml", "team/", "team/..", "a\0b.yaml"])
    func `a path that leads out of the inbox is refused`(request: String) {
        #expect(throws: FileError.self) { try store.write(status(request, .pending)) }
    }

    @Test func `a folder that is gone is told apart from other failures`() throws {
        do throws(FileError) {
            try store.write(status("gone/x.yaml", .pending))
            Issue.record("a sidecar was written into a folder that is gone")
        } catch {
            #expect(error.isMissing)
        }
    }

    @Test func `a folder in a sidecar's place is moved out of the way, so that nobody can hide what becomes of another's request`() throws {
        for name in ["x.status.json", "x.error.json"] { try FileSystem.makeDirectories("\(scratch.layout.inbox)/\(name)/full") }
        try store.write(status("x.yaml", .failed, error: error))
        #expect(try visible() == ["x.error.json", "x.status.json"])
        try FileSystem.removeFile("\(scratch.layout.inbox)/x.error.json")
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/x.error.json")
        try store.write(status("x.yaml", .completed))
        #expect(try visible() == ["x.status.json"])
    }

    @Test func `what others may have put in the way of files being written is not met`() throws {
        for number in 0..<20_000 { symlink("nowhere", "\(scratch.layout.inbox)/.exportd-\(getpid())-\(number).tmp") }
        try store.write(status("x.yaml", .pending))
        #expect(try visible() == ["x.status.json"])
    }

    @Test func `a failed write leaves nothing half-written`() throws {
        // A name too long to be one stands for whatever keeps the last step from being taken.
        let request = String(repeating: "x", count: 245) + ".yaml"
        #expect(throws: FileError.self) { try store.write(status(request, .pending)) }
        #expect(try scratch.inbox().isEmpty)
    }

    private func visible() throws -> [String] {
        try scratch.inbox().filter { !$0.hasPrefix(".") }
    }

    @Test func `the leavings of a crash are removed at start, and nothing else`() throws {
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/team")
        for name in [".exportd-1-2.tmp", "team/.exportd-3-4.tmp", ".other.tmp", "x.yaml", "team/x.status.json"] { try scratch.put(name) }
        // Names of files that are written are no secret, and whoever may submit may also make a folder.
        try FileSystem.makeDirectories("\(scratch.layout.inbox)/.exportd-0-0.tmp/full")
        try store.removeTemporaries()
        #expect(try scratch.inbox() == [".exportd-0-0.tmp", ".other.tmp", "team", "x.yaml"])
        #expect(try FileSystem.list("\(scratch.layout.inbox)/team") == ["x.status.json"])
    }
}
