import ExportCore
import Files
import Foundation
import Glibc

@testable import Catalog

/// A store in a temporary folder, and the index beside it; removed with the value.
final class TemporaryStore {
    let root: String
    let store: String
    let index: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "exportd-catalog-\(UUID().uuidString)").path()
        try FileSystem.makeDirectories(folder)
        root = try FileSystem.realPath(folder)
        store = "\(root)/store"
        index = "\(root)/state/catalog.sqlite"
        try FileSystem.makeDirectories(store)
    }

    deinit {
        try? FileSystem.removeTree(root)
    }

    func write(_ path: String, _ bytes: [UInt8]) throws {
        let full = "\(store)/\(path)"
        try FileSystem.makeDirectories(FileSystem.parent(of: full))
        try FileSystem.writeAtomically(full, bytes)
    }

    func write(_ path: String, _ text: String) throws {
        try write(path, Array(text.utf8))
    }

    func remove(_ path: String) throws {
        try FileSystem.removeTree("\(store)/\(path)")
    }

    func link(_ path: String, to target: String) throws {
        let full = "\(store)/\(path)"
        try FileSystem.makeDirectories(FileSystem.parent(of: full))
        guard symlink(target, full) == 0 else { throw FileError("link", full, errno: errno) }
    }

    /// Moves a file's modification time by some nanoseconds.
    func touch(_ path: String, by nanoseconds: Int64 = 1_000_000_000) throws {
        let full = "\(store)/\(path)"
        let modified = try FileSystem.status(of: full).modified.nanoseconds + nanoseconds
        let time = timespec(tv_sec: Int(modified / 1_000_000_000), tv_nsec: Int(modified % 1_000_000_000))
        guard utimensat(AT_FDCWD, full, [time, time], 0) == 0 else { throw FileError("touch", full, errno: errno) }
    }

    /// A folder dataset with a recording of one topic.
    func addFolder(_ path: String, start: Int64 = TinyRecording.start, annotation: String? = nil, description: String? = nil) throws {
        try write("\(path)/data.mcap", TinyRecording(start: start).bytes)
        if let annotation { try write("\(path)/annotation.json", annotation) }
        if let description { try write("\(path)/dataset.yaml", description) }
    }

    func catalog() throws -> Catalog {
        try Catalog(stores: [store], index: index)
    }

    /// A catalogue that counts how often it opens a recording.
    func countingCatalog(stores: [String]? = nil) throws -> (catalog: Catalog, opened: Counter) {
        let counter = Counter()
        let reader = DatasetReader { volumes, cancellation in
            counter.paths.append(volumes)
            return try RecordingFacts.read(volumes, cancellation)
        }
        return (try Catalog(stores: stores ?? [store], index: index, reader: reader), counter)
    }

    /// What a walk finds, by location.
    func walk() throws -> (candidates: [String: Candidate], warnings: [Warning]) {
        var walker = StoreWalker(store: store, cancellation: Cancellation())
        var candidates: [String: Candidate] = [:]
        try walker.walk { candidates[$0.location] = $0 }
        return (candidates, walker.warnings)
    }
}

final class Counter {
    var paths: [[String]] = []
    var count: Int { paths.count }
}

/// The smallest recording that says something: one schema, one channel, two messages, no chunks and no summary.
struct TinyRecording {
    static let start: Int64 = 1_760_000_000_000_000_000

    var topic = "/joint_states"
    var type = "sensor_msgs/JointState"
    var start = TinyRecording.start
    var nanoseconds: Int64 = 10_000_000_000

    var bytes: [UInt8] {
        let magic: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]
        var bytes = magic
        bytes += record(0x01, text("ros1") + text(""))
        bytes += record(0x03, number(UInt16(1)) + text(type) + text("ros1msg") + blob("float64 data\n"))
        bytes += record(0x04, number(UInt16(1)) + number(UInt16(1)) + text(topic) + text("ros1") + number(UInt32(0)))
        for (sequence, time) in [start, start + nanoseconds].enumerated() {
            let head = number(UInt16(1)) + number(UInt32(sequence)) + number(UInt64(time)) + number(UInt64(time))
            bytes += record(0x05, head + [UInt8](repeating: 0, count: 8))
        }
        bytes += record(0x0F, number(UInt32(0)))
        bytes += record(0x02, number(UInt64(0)) + number(UInt64(0)) + number(UInt32(0)))
        return bytes + magic
    }

    private func record(_ opcode: UInt8, _ content: [UInt8]) -> [UInt8] {
        [opcode] + number(UInt64(content.count)) + content
    }

    private func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private func text(_ text: String) -> [UInt8] {
        number(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    private func blob(_ text: String) -> [UInt8] { self.text(text) }
}

/// Two segments within a `TinyRecording`, the later one first.
let goodAnnotation = """
    {"belong_to": "x", "mocap_offset": [], "object_set": ["cup"], "scene": "Lab", "skill_set": ["pick {A}"], "tag_set": [],
     "task_description": "x", "subtasks": [
      {"skill": "place {A} on {B}", "objecta": "cup", "objectb": "tray", "options": ["rightHand"], "description": "Place the cup",
       "start_timestamp": "1760000005000000001", "end_timestamp": "1760000008000000000", "sequence_id": 2, "comment": "", "attempts": "success"},
      {"skill": "pick {A}", "description": " Pick up the CUP ", "description_zh": "拿起杯子", "start_frame_id": "0", "end_frame_id": 90,
       "start_timestamp": 1760000000000000001, "end_timestamp": 1760000003000000000, "sequence_id": "1", "score": 87.5}
     ]}
    """
