import ExportCore
import Files
import Glibc
import Testing

@testable import Catalog

struct StoreWalkerTests {
    private let recording = TinyRecording().bytes

    @Test func `every layout is found at any depth`() throws {
        let store = try TemporaryStore()
        try store.write("a/b/folder/data.mcap", recording)
        try store.write("a/b/folder/annotation.json", "{}")
        try store.write("a/b/folder/config/calib_data.yml", "x")
        try store.write("a/b/folder/README", "x")
        try store.write("flat/one.mcap", recording)
        try store.write("flat/one.json", "{}")
        try store.write("flat/one.metadata.yaml", "x")
        try store.write("flat/one.dataset.yaml", "x")
        try store.write("flat/two.mcap", recording)
        try store.write("flat/package.json", "{}")
        try store.write("bag/metadata.yaml", "x")
        try store.write("bag/bag_0.mcap", recording)
        try store.write("bag/bag_1.mcap", recording)
        try store.write("bag/status/imu/recorder.status", "x")

        let (found, warnings) = try store.walk()
        #expect(Set(found.keys) == ["a/b/folder", "flat/one.mcap", "flat/two.mcap", "bag"])
        #expect(warnings.isEmpty)
        #expect(found["a/b/folder"]?.layout == .folder)
        #expect(
            found["a/b/folder"]?.files.map(\.path) == [
                "a/b/folder/annotation.json", "a/b/folder/config/calib_data.yml", "a/b/folder/data.mcap",
            ]
        )
        #expect(found["flat/one.mcap"]?.layout == .flat)
        #expect(
            found["flat/one.mcap"]?.files.map(\.path) == [
                "flat/one.dataset.yaml", "flat/one.json", "flat/one.mcap", "flat/one.metadata.yaml",
            ]
        )
        #expect(found["flat/one.mcap"]?.plainID == "flat/one")
        #expect(found["bag"]?.layout == .rosbag2)
        #expect(found["bag"]?.files.map(\.path) == ["bag/bag_0.mcap", "bag/bag_1.mcap", "bag/metadata.yaml"])
    }

    @Test func `videos beside a recording belong to it`() throws {
        let store = try TemporaryStore()
        try store.write("folder/data.mcap", recording)
        try store.write("folder/annotation.json", "{}")
        try store.write("folder/left.MP4", "x")
        try store.write("folder/videos/right.mkv", "x")
        try store.write("folder/videos/notes.txt", "x")
        try store.write("flat/one.mcap", recording)
        try store.write("flat/one.mov", "x")
        try store.write("flat/other.avi", "x")

        let (found, _) = try store.walk()
        #expect(
            found["folder"]?.files.map(\.path) == [
                "folder/annotation.json", "folder/data.mcap", "folder/left.MP4", "folder/videos/right.mkv",
            ]
        )
        #expect(found["flat/one.mcap"]?.files.map(\.path) == ["flat/one.mcap", "flat/one.mov"])
    }

    @Test func `bags and databases are found like MCAP files`() throws {
        let store = try TemporaryStore()
        try store.write("folder/data.bag", "x")
        try store.write("folder/annotation.json", "{}")
        try store.write("folder/more.bag", "x")
        try store.write("both/data.mcap", recording)
        try store.write("both/data.bag", "x")
        try store.write("flat/one.bag", "x")
        try store.write("flat/one.json", "{}")
        try store.write("flat/one.mcap", recording)
        try store.write("flat/two.db3", "x")
        try store.write("flat/two.dataset.yaml", "x")
        try store.write("flat/three.mcap.zstd", "x")
        try store.write("flat/.bag", "x")
        try store.write("flat/four.bag.active", "x")
        try store.write("bag/metadata.yaml", "x")
        try store.write("bag/bag_0.db3.zstd", "x")
        try store.write("bag/bag_1.db3.zstd", "x")
        try store.write("bag/bag_1.db3-wal", "x")
        try store.write("tool/metadata.yaml", "name: some other tool\n")
        try store.write("tool/run.bag", "x")

        let (found, warnings) = try store.walk()
        #expect(
            Set(found.keys) == [
                "folder", "folder/more.bag", "both", "flat/one.bag", "flat/one.mcap", "flat/two.db3", "flat/three.mcap.zstd", "bag",
                "tool/run.bag",
            ]
        )
        #expect(found["folder"]?.files.map(\.path) == ["folder/annotation.json", "folder/data.bag"])
        #expect(found["both"]?.files.map(\.path) == ["both/data.mcap"])
        #expect(found["flat/one.bag"]?.files.map(\.path) == ["flat/one.bag", "flat/one.json"])
        #expect(found["flat/one.bag"]?.plainID == "flat/one")
        #expect(found["flat/two.db3"]?.files.map(\.path) == ["flat/two.dataset.yaml", "flat/two.db3"])
        #expect(found["flat/three.mcap.zstd"]?.plainID == "flat/three")
        #expect(found["bag"]?.layout == .rosbag2)
        #expect(found["bag"]?.files.map(\.path) == ["bag/bag_0.db3.zstd", "bag/bag_1.db3.zstd", "bag/metadata.yaml"])
        #expect(warnings.map(\.code).sorted() == ["recording_not_used", "recording_unfinished"])
    }

    @Test func `names that only Unicode spells differently are different recordings`() throws {
        let store = try TemporaryStore()
        for name in ["caf\u{e9}", "cafe\u{301}"] { try store.write("flat/\(name).mcap", recording) }
        var walker = StoreWalker(store: store.store, cancellation: Cancellation())
        var names: [String] = []
        try walker.walk { names += $0.files.map(\.path) }
        #expect(names.map { Array($0.utf8) } == ["flat/cafe\u{301}.mcap", "flat/caf\u{e9}.mcap"].map { Array($0.utf8) })
    }

    @Test func `the store itself may be a dataset and hold others`() throws {
        let store = try TemporaryStore()
        try store.write("data.mcap", recording)
        try store.write("other.mcap", recording)
        try store.write("inner/data.mcap", recording)
        let found = try store.walk().candidates
        #expect(Set(found.values.map(\.plainID)) == ["store", "other", "inner"])
    }

    @Test func `what is missing is not passed over`() throws {
        let store = try TemporaryStore()
        try store.write("lost/annotation.json", "{}")
        try store.write("flat/lost.dataset.yaml", "x")
        try store.write("bag/metadata.yaml", "rosbag2_bagfile_information:\n  relative_file_paths: [bag_0.mcap]\n")
        try store.write("tool/metadata.yaml", "name: some other tool\n")
        let found = try store.walk().candidates
        #expect(Set(found.keys) == ["lost", "flat/lost.mcap", "bag"])
    }

    @Test func `hidden names are passed over`() throws {
        let store = try TemporaryStore()
        try store.write(".trash/old/data.mcap", recording)
        try store.write("._one.mcap", recording)
        try store.write("folder/.data.mcap.part", recording)
        let (found, warnings) = try store.walk()
        #expect(found.isEmpty && warnings.isEmpty)
    }

    @Test func `no symbolic link is followed`() throws {
        let store = try TemporaryStore()
        try FileSystem.makeDirectories("\(store.root)/outside/set")
        try FileSystem.writeAtomically("\(store.root)/outside/set/data.mcap", recording)
        try store.link("away", to: "\(store.root)/outside/set")
        try store.link("loop/again", to: "..")
        try store.link("set/data.mcap", to: "\(store.root)/outside/set/data.mcap")
        try store.write("notes/data.mcap", recording)
        try store.link("notes/annotation.json", to: "/etc/passwd")

        let (found, warnings) = try store.walk()
        #expect(Set(found.keys) == ["set", "notes"])
        #expect(found["set"]?.files.isEmpty == true)
        #expect(found["set"]?.obstacles.count == 1)
        #expect(found["notes"]?.obstacles.first?.contains("annotation.json is a symbolic link") == true)
        #expect(warnings.map(\.code) == ["symbolic_link_skipped", "symbolic_link_skipped"])
    }

    @Test func `a FIFO in place of a recording is an obstacle and is not opened`() throws {
        let store = try TemporaryStore()
        try store.write("set/annotation.json", "{}")
        #expect(mkfifo("\(store.store)/set/data.mcap", 0o600) == 0)
        #expect(try store.walk().candidates["set"]?.obstacles.first?.contains("is not a regular file") == true)
    }

    @Test func `depth is bounded and told`() throws {
        let store = try TemporaryStore()
        let deep = (0..<StoreWalker.deepest).map { "d\($0)" }.joined(separator: "/")
        try store.write("\(deep)/data.mcap", recording)
        try store.write("\(deep)/deeper/data.mcap", recording)
        let (found, warnings) = try store.walk()
        #expect(found.count == 1)
        #expect(warnings.map(\.code) == ["folder_too_deep"])
    }

    @Test func `pictures of an image set are not looked through`() throws {
        let store = try TemporaryStore()
        try store.write("images-set/annotations.json", "{}")
        try store.write("images-set/images/x/data.mcap", recording)
        #expect(try Set(store.walk().candidates.keys) == ["images-set"])
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything"))
    func `a folder that can't be listed is a dataset with a problem`() throws {
        let store = try TemporaryStore()
        try store.write("closed/set/data.mcap", recording)
        #expect(chmod("\(store.store)/closed", 0) == 0)
        defer { chmod("\(store.store)/closed", 0o755) }
        #expect(try store.walk().candidates["closed"]?.failure?.code == .ioError)
    }

    @Test func `a name that is not UTF-8 is told`() throws {
        let store = try TemporaryStore()
        let path = Array("\(store.store)/bad".utf8CString.dropLast()) + [CChar(bitPattern: 0xFF), 0]
        #expect(mkdir(path, 0o755) == 0)
        let (found, warnings) = try store.walk()
        #expect(found.isEmpty)
        #expect(warnings.map(\.code) == ["name_unreadable"])
    }

    @Test func `a walk can be stopped`() throws {
        let store = try TemporaryStore()
        let cancellation = Cancellation()
        cancellation.cancel()
        var walker = StoreWalker(store: store.store, cancellation: cancellation)
        #expect(throws: CancellationError.self) { try walker.walk { _ in } }
    }

    @Test func `the stamp changes with every file's name, size and time`() throws {
        let store = try TemporaryStore()
        try store.addFolder("set", annotation: "{}")
        func stamp() throws -> String? { try store.walk().candidates["set"]?.stamp() }
        var stamps = [try stamp()]
        #expect(try stamp() == stamps[0])
        try store.touch("set/annotation.json", by: 1)
        stamps.append(try stamp())
        try store.write("set/config/a.yml", "")
        stamps.append(try stamp())
        try store.remove("set/annotation.json")
        stamps.append(try stamp())
        #expect(Set(stamps).count == 4)
    }
}
