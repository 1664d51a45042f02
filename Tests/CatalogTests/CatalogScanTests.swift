import ExportCore
import Files
import Foundation
import GRDB
import Glibc
import Requests
import Testing

@testable import Catalog

struct CatalogScanTests {
    private let now = Timestamp(nanoseconds: TinyRecording.start)

    @Test func `a scan learns what every layout holds`() throws {
        let store = try TemporaryStore()
        let name = "20260301_kitchen_table_PickCup_s017_101500"
        try store.addFolder(
            name,
            annotation: goodAnnotation,
            description: "review: passed\nquality: {level: good, score: 80}\ntags: [night]\nrobot: arm\n"
        )
        try store.write("flat/one.mcap", TinyRecording(topic: "io_teleop/joint_states", type: "sensor_msgs/msg/JointState").bytes)
        try store.write("flat/one.json", goodAnnotation)
        try store.write("flat/one.dataset.yaml", "project: flats\nrecorded_at: 2026-03-01\n")
        let metadata = """
            rosbag2_bagfile_information:
              storage_identifier: mcap
              relative_file_paths: [bag_1.mcap, bag_0.mcap]
            """
        try store.write("bag/metadata.yaml", metadata)
        try store.write("bag/bag_0.mcap", TinyRecording(start: TinyRecording.start + 60_000_000_000).bytes)
        try store.write("bag/bag_1.mcap", TinyRecording().bytes)
        try store.write("bag/bag_2.mcap", TinyRecording().bytes)

        let catalog = try store.catalog()
        let report = try catalog.scan()
        #expect(report.datasets == 3 && report.opened == 3 && report.removed == 0 && report.problems.isEmpty)

        let folder = try catalog.show(DatasetID(name))
        #expect(folder.layout == .folder && folder.volumes == 1 && folder.problem == nil && folder.warnings.isEmpty)
        #expect(folder.files.map(\.path) == ["\(name)/data.mcap", "\(name)/annotation.json", "\(name)/dataset.yaml"])
        #expect(folder.fingerprint.utf8.count == 64)
        #expect(folder.metadata.project == "kitchen" && folder.metadata.scene == "table" && folder.metadata.annotator == "s017")
        #expect(folder.metadata.task == "PickCup" && folder.metadata.robot == "arm" && folder.metadata.review == .passed)
        #expect(folder.metadata.recordedAt == Timestamp(nanoseconds: TinyRecording.start))
        #expect(folder.segments.map(\.task) == ["Pick up the CUP", "Place the cup"])
        #expect(folder.segments.map(\.score) == [87.5, 80])
        #expect(folder.topics == [TopicSummary(topic: "/joint_states", type: "sensor_msgs/JointState", messages: 2)])
        #expect(folder.range?.nanoseconds == 10_000_000_000)

        let flat = try catalog.show(DatasetID("flat/one"))
        #expect(flat.layout == .flat && flat.metadata.project == "flats" && flat.metadata.scene == "Lab")
        #expect(flat.metadata.recordedAt?.nanoseconds == 1_772_323_200_000_000_000)
        #expect(flat.topics == [TopicSummary(topic: "/io_teleop/joint_states", type: "sensor_msgs/JointState", messages: 2)])
        #expect(flat.files.map(\.path) == ["flat/one.mcap", "flat/one.dataset.yaml", "flat/one.json"])

        let bag = try catalog.show(DatasetID("bag"))
        #expect(bag.layout == .rosbag2 && bag.volumes == 2)
        #expect(bag.files.map(\.path) == ["bag/bag_1.mcap", "bag/bag_0.mcap", "bag/metadata.yaml"])
        #expect(bag.range?.nanoseconds == 70_000_000_000)
        #expect(bag.warnings.map(\.code) == ["volume_not_listed"])
        #expect(bag.warnings.first?.dataset == DatasetID("bag"))
    }

    @Test func `volumes that were compressed or decompressed since are used, with a warning, and counts are compared`() throws {
        let store = try TemporaryStore()
        let metadata = """
            rosbag2_bagfile_information:
              storage_identifier: sqlite3
              message_count: 5
              relative_file_paths: [bag/bag_1.mcap.zstd, bag_0.mcap]
            """
        try store.write("bag/metadata.yaml", metadata)
        try store.write("bag/bag_0.mcap", TinyRecording(start: TinyRecording.start + 60_000_000_000).bytes)
        try store.write("bag/bag_1.mcap", TinyRecording().bytes)
        let catalog = try store.catalog()
        try catalog.scan()
        let bag = try catalog.show(DatasetID("bag"))
        #expect(bag.problem == nil)
        #expect(bag.files.map(\.path) == ["bag/bag_1.mcap", "bag/bag_0.mcap", "bag/metadata.yaml"])
        #expect(bag.warnings.map(\.code) == ["volume_renamed", "metadata_contradicts"])
    }

    @Test func `a bag and a recording of the same name are two datasets`() throws {
        let store = try TemporaryStore()
        try store.write("one.mcap", TinyRecording().bytes)
        try store.write("one.bag", "this is no bag")
        try store.write("two.bag", "#ROSBAG V1.2\n")
        let report = try store.catalog().scan()
        #expect(report.datasets == 3)
        #expect(report.problems.map(\.id.text) == ["one", "two"])
        #expect(report.problems[1].error.message.contains("only version 2.0 can be read"))
    }

    @Test func `a second scan opens only what is new or changed`() throws {
        let store = try TemporaryStore()
        for number in 0..<5 { try store.addFolder("set\(number)", annotation: goodAnnotation) }
        let (catalog, opened) = try store.countingCatalog()
        try catalog.scan()
        #expect(opened.count == 5)
        #expect(try catalog.scan() == ScanReport(datasets: 5))
        #expect(opened.count == 5)

        let before = try catalog.show(DatasetID("set1")).fingerprint
        try store.touch("set1/annotation.json")
        try store.addFolder("set5")
        try store.remove("set2")
        let report = try catalog.scan()
        #expect(report.datasets == 5 && report.opened == 2 && report.removed == 1)
        #expect(Set(opened.paths.dropFirst(5)) == [["\(store.store)/set1/data.mcap"], ["\(store.store)/set5/data.mcap"]])
        #expect(try catalog.show(DatasetID("set1")).fingerprint != before)
        #expect(throws: ExportError.self) { try catalog.show(DatasetID("set2")) }

        // Another process finds the same without opening anything.
        let (other, openedThere) = try store.countingCatalog()
        #expect(try other.scan().datasets == 5)
        #expect(openedThere.count == 0)
        #expect(try other.list(now: now) == catalog.list(now: now))
    }

    @Test func `problems are kept with the dataset and can be mended`() throws {
        let store = try TemporaryStore()
        try store.addFolder("good", annotation: goodAnnotation)
        try store.write("20260301_kitchen_table_Pick_s1_1/annotation.json", goodAnnotation)
        try store.addFolder("bad-annotation", annotation: "{")
        try store.addFolder("bad-description", description: "projekt: a\n")
        try store.write("bad-recording/data.mcap", "this is no recording")
        try store.write("empty/data.mcap", [])
        try store.write("bag/metadata.yaml", "rosbag2_bagfile_information:\n  relative_file_paths: [../good/data.mcap]\n")
        try store.link("linked/data.mcap", to: "\(store.store)/good/data.mcap")
        try store.addFolder("twice", annotation: "{", description: "[")

        let catalog = try store.catalog()
        let report = try catalog.scan()
        #expect(
            report.problems.map(\.id.text) == [
                "20260301_kitchen_table_Pick_s1_1", "bad-annotation", "bad-description", "bad-recording", "bag", "empty", "linked", "twice",
            ]
        )
        #expect(report.problems.allSatisfy { $0.error.code == .datasetUnreadable && $0.error.location?.dataset == $0.id })
        #expect(report.problems[0].error.message.contains("data.mcap is missing"))
        #expect(report.problems[2].error.location?.line == 1)
        #expect(report.problems.last?.error.details.count == 2)
        #expect(try catalog.show(DatasetID("20260301_kitchen_table_Pick_s1_1")).metadata.project == "kitchen")
        #expect(try catalog.show(DatasetID("bad-annotation")).topics.count == 1)

        try store.write("bad-annotation/annotation.json", goodAnnotation)
        #expect(try catalog.scan().problems.count == report.problems.count - 1)
        #expect(try catalog.show(DatasetID("bad-annotation")).problem == nil)
    }

    @Test func `what may pass by itself is tried again at every scan`() throws {
        let store = try TemporaryStore()
        try store.addFolder("set")
        let state = Counter()
        let reader = DatasetReader { volumes, cancellation in
            state.paths.append(volumes)
            if state.count < 3 { throw FileError("read", volumes[0], errno: EIO) }
            return try RecordingFacts.read(volumes, cancellation)
        }
        let catalog = try Catalog(stores: [store.store], index: store.index, reader: reader)
        #expect(try catalog.scan().problems.first?.error.code == .ioError)
        #expect(try catalog.scan().problems.count == 1)
        #expect(try catalog.scan().problems.isEmpty)
        #expect(try catalog.scan().opened == 0)
    }

    @Test func `segments outside their recording are kept with a warning`() throws {
        let store = try TemporaryStore()
        func annotation(_ from: Int64, _ to: Int64) -> String {
            let start = TinyRecording.start
            return #"{"subtasks": [{"start_timestamp": "\#(start + from)", "end_timestamp": "\#(start + to)", "description": "Go"}]}"#
        }
        try store.addFolder("within", annotation: annotation(-900_000, 10_050_000_000))
        try store.addFolder("partly", annotation: annotation(9_000_000_000, 12_000_000_000))
        try store.addFolder("outside", annotation: annotation(60_000_000_000, 70_000_000_000))
        let catalog = try store.catalog()
        try catalog.scan()
        #expect(try catalog.show(DatasetID("within")).warnings.isEmpty)
        for id in ["partly", "outside"] {
            let entry = try catalog.show(DatasetID(id))
            #expect(entry.warnings.map(\.code) == ["segment_outside_recording"])
            #expect(entry.segments.count == 1 && entry.problem == nil)
        }
        #expect(try catalog.show(DatasetID("outside")).warnings.first?.message.contains("lie outside") == true)
    }

    @Test func `identifiers stay unique over stores and within one`() throws {
        let first = try TemporaryStore()
        let second = try TemporaryStore()
        try first.addFolder("x")
        try first.write("x.mcap", TinyRecording().bytes)
        try second.addFolder("x")
        try second.addFolder("y")
        let (catalog, opened) = try first.countingCatalog(stores: [first.store, second.store])
        try catalog.scan()
        #expect(try catalog.list(now: now).map(\.id.text) == ["store/x", "store~2/x", "x", "y"])
        #expect(try catalog.show(DatasetID("store~2/x")).store == second.store)

        // A name that gets free goes to the next in line, without opening anything again.
        let before = opened.count
        try first.remove("x")
        try catalog.scan()
        #expect(try catalog.list(now: now).map { "\($0.id) \($0.layout.rawValue)" } == ["store~2/x folder", "x flat", "y folder"])
        try first.remove("x.mcap")
        try catalog.scan()
        #expect(try catalog.list(now: now).map { "\($0.id) \($0.layout.rawValue)" } == ["x folder", "y folder"])
        #expect(opened.count == before)
    }

    @Test func `a store that can't be reached fails the scan and loses nothing`() throws {
        let store = try TemporaryStore()
        try store.addFolder("set")
        let catalog = try store.catalog()
        try catalog.scan()
        try FileSystem.rename(store.store, to: store.store + ".away")
        let error = #expect(throws: ExportError.self) { try catalog.scan() }
        #expect(error?.code == .ioError && error?.retryable == true)
        #expect(try catalog.list(now: now).count == 1)
        try FileSystem.rename(store.store + ".away", to: store.store)
        #expect(try catalog.scan() == ScanReport(datasets: 1))
        #expect(throws: ExportError.self) { try Catalog(stores: ["\(store.root)/none"], index: store.index) }
        #expect(throws: ExportError.self) { try Catalog(stores: [store.store, "\(store.store)/set"], index: store.index) }
    }

    @Test func `a stopped scan keeps what it has read`() throws {
        let store = try TemporaryStore()
        for number in 0..<6 { try store.addFolder("set\(number)") }
        let (catalog, opened) = try store.countingCatalog()
        let cancellation = Cancellation()
        #expect(throws: CancellationError.self) {
            try catalog.scan(cancellation: cancellation) { if $0.opened == 3 { cancellation.cancel() } }
        }
        // The one before which the wish to stop came is still read.
        #expect(opened.count == 4)
        #expect(try catalog.scan().opened == 2)
        #expect(opened.count == 6)
    }

    @Test func `a dataset that brings its reader down twice is not opened a third time`() throws {
        let store = try TemporaryStore()
        for number in 0..<3 { try store.addFolder("set\(number)") }
        let (root, index, deadly) = (store.store, store.index, "\(store.store)/set1/data.mcap")
        /// Leaves what a process leaves that dies while it reads the recording.
        func die() throws {
            let mark = "\(index).reading"
            var left: [UInt8] = []
            let reader = DatasetReader { volumes, cancellation in
                if volumes == [deadly] {
                    left = try FileSystem.read(mark, limit: 1 << 16)
                    throw CancellationError()
                }
                return try RecordingFacts.read(volumes, cancellation)
            }
            let catalog = try Catalog(stores: [root], index: index, reader: reader)
            #expect(throws: CancellationError.self) { try catalog.scan() }
            #expect(!FileSystem.exists(mark))
            try FileSystem.writeAtomically(mark, left)
        }
        try die()
        try die()
        let (catalog, opened) = try store.countingCatalog()
        let report = try catalog.scan()
        #expect(!opened.paths.contains([deadly]))
        #expect(report.datasets == 3 && report.problems.map(\.id.text) == ["set1"])
        #expect(report.problems[0].error.code == .datasetUnreadable)
        #expect(try catalog.scan().opened == 0)

        // Once it is another file, it gets another chance.
        try store.touch("set1/data.mcap")
        #expect(try catalog.scan().problems.isEmpty)
    }

    @Test func `progress counts what is opened`() throws {
        let store = try TemporaryStore()
        for number in 0..<3 { try store.addFolder("set\(number)") }
        var seen: [ScanProgress] = []
        try store.catalog().scan { seen.append($0) }
        #expect(seen.map(\.opened) == [0, 1, 2])
        #expect(seen.allSatisfy { $0.toOpen == 3 })
        #expect(seen.map(\.current.text) == ["set0", "set1", "set2"])
    }
}

struct CatalogIndexTests {
    private let now = Timestamp(nanoseconds: TinyRecording.start)

    private func scanned(_ count: Int = 3) throws -> TemporaryStore {
        let store = try TemporaryStore()
        for number in 0..<count { try store.addFolder("set\(number)", annotation: goodAnnotation) }
        try store.catalog().scan()
        return store
    }

    @Test func `an index that is no database is put aside and built again`() throws {
        let store = try scanned()
        for suffix in ["-wal", "-shm"] { try FileSystem.removeFile(store.index + suffix) }
        try FileSystem.writeAtomically(store.index, Array("something else altogether, and long enough to have a header\n".utf8))
        let (catalog, opened) = try store.countingCatalog()
        try catalog.scan()
        #expect(opened.count == 3)
        #expect(FileSystem.exists(store.index + ".damaged"))
    }

    @Test func `an index with damaged pages is built again`() throws {
        let store = try scanned(60)
        for suffix in ["-wal", "-shm"] { try FileSystem.removeFile(store.index + suffix) }
        var bytes = try FileSystem.read(store.index, limit: .max)
        #expect(bytes.count > 16_384)
        for place in 4_096..<bytes.count { bytes[place] = 0xA5 }
        try FileSystem.writeAtomically(store.index, bytes)
        let catalog = try store.catalog()
        #expect(throws: ExportError.self) { try catalog.list(now: now) }
        #expect(try catalog.scan().datasets == 60)
        #expect(try catalog.list(now: now).count == 60)
    }

    @Test func `an index of another version is built again`() throws {
        let store = try scanned()
        try DatabaseQueue(path: store.index).writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 4711") }
        let (catalog, opened) = try store.countingCatalog()
        #expect(try catalog.list(now: now).isEmpty)
        try catalog.scan()
        #expect(opened.count == 3)
    }

    @Test func `another program's database is left alone`() throws {
        let store = try TemporaryStore()
        try FileSystem.makeDirectories(FileSystem.parent(of: store.index))
        try DatabaseQueue(path: store.index).write { try $0.execute(sql: "CREATE TABLE job (id TEXT)") }
        let error = #expect(throws: ExportError.self) { try store.catalog() }
        #expect(error?.message.contains("not a catalogue") == true)
        let tables = try DatabaseQueue(path: store.index).read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") }
        #expect(tables == ["job"])
    }

    @Test func `two catalogues scan and read one index at once`() async throws {
        let store = try TemporaryStore()
        for number in 0..<40 { try store.addFolder("set\(number)", annotation: goodAnnotation) }
        let (root, index) = (store.store, store.index)
        let opened = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    let catalog = try Catalog(stores: [root], index: index)
                    let report = try catalog.scan()
                    let entries = try catalog.list(now: Timestamp(nanoseconds: 0))
                    #expect(report.datasets == 40 && entries.count == 40)
                    return report.opened
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(opened == 40)
    }

    @Test func `a new index that someone else is making is waited for`() throws {
        let store = try TemporaryStore()
        let (root, index) = (store.store, store.index)
        try FileSystem.makeDirectories(FileSystem.parent(of: index))
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: index, configuration: configuration)
        try other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        // Long enough that the catalogue usually meets the lock; it must open whether it does or not. A thread of its own,
        // since the catalogue waits on this one.
        let release = Thread {
            usleep(200_000)
            try? other.writeWithoutTransaction { try $0.rollback() }
        }
        release.start()
        let entries = try Catalog(stores: [root], index: index).list(now: Timestamp(nanoseconds: 0))
        #expect(entries.isEmpty)
    }

    @Test func `instructions that no dataset has any more are forgotten`() throws {
        let store = try scanned()
        let catalog = try store.catalog()
        func instructions() throws -> Int {
            try catalog.index.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM instruction") ?? 0 }
        }
        #expect(try instructions() == 3)
        for number in 0..<3 { try store.remove("set\(number)") }
        try catalog.scan()
        #expect(try instructions() == 0)
    }
}
