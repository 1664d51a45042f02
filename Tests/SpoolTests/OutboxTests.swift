import ExportCore
import Files
import Glibc
import Sidecars
import Spool
import Testing

@Suite struct OutboxTests {
    private let scratch: Scratch
    private let outbox: Outbox
    private let job = JobID("job-1")!

    init() throws {
        scratch = try Scratch()
        outbox = Outbox(scratch.layout)
    }

    private func stage() throws {
        let staging = try outbox.prepareStaging(of: job)
        try FileSystem.makeDirectories("\(staging)/tree/inner", mode: 0o700)
        try FileSystem.writeAtomically("\(staging)/x_hdf5.tar.gz", [1, 2, 3], mode: 0o600)
        try FileSystem.writeAtomically("\(staging)/tree/inner/file", [4], mode: 0o600)
    }

    @Test func `a job is published as a whole, readable by all, with its request and status`() throws {
        try stage()
        #expect(!outbox.isPublished(job))
        try outbox.publish(job, request: Array("kind: export\n".utf8), status: status("x.yaml", .completed))
        #expect(outbox.isPublished(job))
        let folder = outbox.folder(of: job)
        #expect(try FileSystem.list(folder) == ["request.yaml", "status.json", "tree", "x_hdf5.tar.gz"])
        #expect(try scratch.text("\(folder)/request.yaml") == "kind: export\n")
        #expect(try StatusDocument(json: FileSystem.read("\(folder)/status.json", limit: 1 << 20)).state == .completed)
        for path in ["", "/tree", "/tree/inner"] { #expect(try FileSystem.status(of: folder + path).mode == 0o755) }
        for path in ["/x_hdf5.tar.gz", "/tree/inner/file", "/status.json"] {
            #expect(try FileSystem.status(of: folder + path).mode == 0o644)
        }
        #expect(!FileSystem.exists(outbox.stagingFolder(of: job)))
    }

    @Test func `more files than are flushed one by one are published as readable as few`() throws {
        try stage()
        let inner = "\(outbox.stagingFolder(of: job))/tree/inner"
        for number in 0..<600 { try OpenFile.creating("\(inner)/\(number)", mode: number % 2 == 0 ? 0o600 : 0o644).closeChecked() }
        try outbox.publish(job, request: [], status: status("x.yaml", .completed))
        let published = "\(outbox.folder(of: job))/tree/inner"
        let names = try FileSystem.list(published)
        #expect(names.count == 601)
        for name in names { #expect(try FileSystem.status(of: "\(published)/\(name)").mode == 0o644) }
    }

    @Test func `publishing again changes nothing`() throws {
        try stage()
        try outbox.publish(job, request: [], status: status("x.yaml", .completed))
        try outbox.publish(job, request: [9, 9, 9], status: status("x.yaml", .completed))
        #expect(try scratch.text("\(outbox.folder(of: job))/request.yaml").isEmpty)
    }

    @Test func `a publication that was cut short is done over`() throws {
        try stage()
        try FileSystem.writeAtomically("\(outbox.stagingFolder(of: job))/request.yaml", Array("half".utf8))
        try outbox.publish(job, request: Array("whole".utf8), status: status("x.yaml", .completed))
        #expect(try scratch.text("\(outbox.folder(of: job))/request.yaml") == "whole")
    }

    @Test func `nothing is published of a job without a staging folder, or with a link in it`() throws {
        #expect(throws: FileError.self) { try outbox.publish(job, request: [], status: status("x.yaml", .completed)) }
        try stage()
        symlink("/etc/passwd", "\(outbox.stagingFolder(of: job))/link")
        #expect(throws: FileError.self) { try outbox.publish(job, request: [], status: status("x.yaml", .completed)) }
        #expect(!outbox.isPublished(job))
        #expect(try FileSystem.status(of: "/etc/passwd").mode == 0o644)
    }

    @Test func `what an earlier run left is not part of the next`() throws {
        try stage()
        #expect(try FileSystem.list(outbox.prepareStaging(of: job)).isEmpty)
    }
}
