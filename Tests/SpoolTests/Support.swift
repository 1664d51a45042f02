import ExportCore
import Files
import Glibc
import Sidecars
import Spool

/// A spool of a test's own that goes away with it.
final class Scratch: Sendable {
    let path: String
    let layout: SpoolLayout

    init() throws {
        var template = Array("/tmp/exportd-spool-XXXXXX".utf8CString)
        // The template is not empty, and without a temporary folder no test can run.
        path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
        layout = SpoolLayout(root: "\(path)/spool")
        try layout.prepare()
    }

    deinit {
        try? FileSystem.removeTree(path)
    }

    /// Writes a file in place, as `cp` does.
    func put(_ name: String, _ text: String = "kind: export\n") throws {
        let file = try OpenFile("\(layout.inbox)/\(name)", flags: O_WRONLY | O_CREAT | O_TRUNC)
        try file.write(Array(text.utf8))
    }

    /// Writes a file elsewhere and renames it into place.
    func drop(_ name: String, _ text: String = "kind: export\n") throws {
        let hidden = "\(path)/being-written"
        try FileSystem.writeAtomically(hidden, Array(text.utf8))
        try FileSystem.rename(hidden, to: "\(layout.inbox)/\(name)")
    }

    func inbox() throws -> [String] {
        try FileSystem.list(layout.inbox)
    }

    func text(_ path: String) throws -> String {
        String(decoding: try FileSystem.read(path, limit: 1 << 20), as: UTF8.self)
    }
}

func status(_ request: String, _ state: JobState, error: ExportError? = nil) -> StatusDocument {
    StatusDocument(
        request: request,
        job: JobID("job-1")!,
        kind: "export",
        title: nil,
        user: "alice",
        role: "training engineer",
        state: state,
        createdAt: "2026-11-22T17:15:00.000Z",
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
            updatedAt: "2026-11-22T17:15:00.000Z"
        ),
        exports: [],
        selection: nil,
        warnings: [],
        error: error
    )
}
