import ExportCore
import Files
import Glibc
import Ledger
import Sidecars
import Synchronization

/// A folder of a test's own that goes away with it.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/exportd-ledger-XXXXXX".utf8CString)
        // The template is not empty, and without a temporary folder no test can run.
        path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
    }

    deinit {
        try? FileSystem.removeTree(path)
    }

    var ledger: String { "\(path)/state/ledger.sqlite" }
}

/// A clock that a test sets.
final class TestClock: Sendable {
    private let nanoseconds = Atomic<Int64>(1_795_367_700_000_000_000)

    var now: Timestamp { Timestamp(nanoseconds: nanoseconds.load(ordering: .relaxed)) }

    func advance(seconds: Int64) {
        nanoseconds.wrappingAdd(seconds * 1_000_000_000, ordering: .relaxed)
    }
}

func id(_ number: Int) -> JobID {
    JobID("job-\(number)")!
}

func newJob(
    _ number: Int,
    user: String = "alice",
    uid: UInt32 = 1000,
    priority: JobPriority = .normal,
    request: String? = nil,
    title: String? = nil
) -> NewJob {
    NewJob(
        id: id(number),
        request: request ?? "r\(number).yaml",
        text: Array("kind: export # \(number)".utf8),
        typed: "{}",
        kind: "export",
        title: title,
        uid: uid,
        user: user,
        role: "training engineer",
        priority: priority,
        exports: [.init(format: "hdf5", state: .pending)]
    )
}

func progress(_ percent: Double) -> StatusDocument.Progress {
    .init(
        percent: percent,
        datasetsDone: 1,
        datasetsTotal: 2,
        current: "x",
        bytesRead: 10,
        bytesWritten: 20,
        etaSeconds: 3,
        updatedAt: "2026-11-22T17:15:00.000Z"
    )
}
