import ExportCore
import Files
import Foundation
import Plans
import Requests
import Testing

/// A work folder and a cache in a temporary place.
private final class Place {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("plans-tests-\(UUID().uuidString)").path
    let work: WorkFolder
    let cache: PartCache

    init(maximumBytes: Int64 = 1 << 20) throws {
        work = WorkFolder(path: "\(root)/work/job-1")
        cache = PartCache(path: "\(root)/cache", maximumBytes: maximumBytes)
        try work.create()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    func key(_ digit: Character) throws -> PartKey {
        try #require(PartKey(String(repeating: digit, count: 64)))
    }

    func write(_ text: String, to path: String) throws {
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    func read(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    func record(_ key: PartKey) -> PartRecord {
        PartRecord(key: key, episodes: 1, frames: 2, bytesRead: 3, bytesWritten: 4, warnings: [], streams: [], detail: "{}")
    }

    /// Finishes a part of the given content.
    func makePart(_ key: PartKey, _ text: String = "data", in folder: WorkFolder? = nil) throws {
        let folder = folder ?? work
        try folder.create()
        let attempt = try folder.beginPart(key)
        try write(text, to: "\(attempt)/a/b.bin")
        try folder.finishPart(record(key), from: attempt)
    }
}

@Suite("The work folder")
struct WorkFolderTests {
    @Test func `a part appears whole, and nothing of the attempt stays`() throws {
        let place = try Place()
        let key = try place.key("a")
        let folder = try place.work.beginPart(key)
        try place.write("data", to: "\(folder)/a/b.bin")
        #expect(!place.work.hasPart(key))
        #expect(try place.work.readPart(key) == nil)
        try place.work.finishPart(place.record(key), from: folder)
        #expect(place.work.hasPart(key))
        #expect(try place.work.readPart(key)?.frames == 2)
        #expect(try FileSystem.list(place.work.partsPath) == [key.text])
    }

    @Test func `the second to finish a part changes nothing`() throws {
        let place = try Place()
        let key = try place.key("a")
        try place.makePart(key, "first")
        try place.makePart(key, "second")
        #expect(try place.read("\(place.work.partPath(key))/a/b.bin") == "first")
        #expect(try FileSystem.list(place.work.partsPath) == [key.text])
    }

    @Test func `a folder without a record is no part and makes room for one`() throws {
        let place = try Place()
        let key = try place.key("a")
        try place.write("half", to: "\(place.work.partPath(key))/a/b.bin")
        #expect(!place.work.hasPart(key))
        try place.makePart(key)
        #expect(try place.read("\(place.work.partPath(key))/a/b.bin") == "data")
    }

    @Test func `a part may hold files and folders only`() throws {
        let place = try Place()
        let key = try place.key("a")
        let folder = try place.work.beginPart(key)
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "/etc/passwd")
        #expect(throws: ExportError.self) { try place.work.finishPart(place.record(key), from: folder) }
        #expect(!place.work.hasPart(key))
    }

    @Test func `leftovers are removed and finished parts stay`() throws {
        let place = try Place()
        _ = try place.work.beginPart(try place.key("b"))
        try place.makePart(try place.key("a"))
        try place.work.removeUnfinished()
        #expect(try FileSystem.list(place.work.partsPath) == [try place.key("a").text])
    }

    @Test func `plan and skipped datasets read back, damage is said by name`() throws {
        let place = try Place()
        #expect(try place.work.readPlan() == nil)
        #expect(try place.work.readSkipped().isEmpty)
        try place.work.writePlan(Plan(job: try #require(JobID("job-1")), name: "n", title: "t", package: .directory, exports: []))
        #expect(try place.work.readPlan()?.title == "t")
        let skipped = SkippedDataset(id: DatasetID("x"), error: ExportError(.datasetUnreadable, "No."))
        try place.work.writeSkipped([skipped])
        #expect(try place.work.readSkipped() == [skipped])
        try place.write("{", to: place.work.planPath)
        let error = try #require(throws: ExportError.self) { try place.work.readPlan() }
        #expect(error.message.contains(place.work.planPath))
    }

    @Test func `a plan of another version is refused`() throws {
        let place = try Place()
        var plan = Plan(job: try #require(JobID("job-1")), name: "n", title: nil, package: .directory, exports: [])
        plan.version = 99
        try place.work.writePlan(plan)
        #expect(throws: ExportError.self) { try place.work.readPlan() }
    }
}

@Suite("The cache of parts")
struct PartCacheTests {
    private func later(_ place: Place) -> WorkFolder { WorkFolder(path: "\(place.root)/work/job-2") }

    @Test func `a part that was kept is adopted by a later job`() throws {
        let place = try Place()
        let key = try place.key("a")
        try place.makePart(key)
        try place.cache.keep(key, from: place.work)
        #expect(!place.work.hasPart(key))
        try later(place).create()
        #expect(try place.cache.adopt(key, into: later(place)))
        #expect(try later(place).readPart(key)?.frames == 2)
        #expect(try place.read("\(later(place).partPath(key))/a/b.bin") == "data")
        // Adopted parts share their bytes with the cache and go back into it without a copy.
        try place.cache.keep(key, from: later(place))
        #expect(try place.cache.adopt(key, into: place.work))
    }

    @Test func `what is not there is a miss`() throws {
        let place = try Place()
        #expect(try !place.cache.adopt(try place.key("a"), into: place.work))
        try place.cache.keep(try place.key("a"), from: place.work)
        #expect(try place.cache.evict() == 0)
    }

    @Test(arguments: ["short", "missing", "record", "list", "escape"]) func `an entry that is not whole is a miss and goes`(damage: String)
        throws
    {
        let place = try Place()
        let key = try place.key("a")
        try place.makePart(key)
        try place.cache.keep(key, from: place.work)
        let entry = "\(place.root)/cache/aa/\(key.text)"
        switch damage {
        case "short": try place.write("dat", to: "\(entry)/a/b.bin")
        case "missing": try FileSystem.removeFile("\(entry)/a/b.bin")
        case "record": try place.write("{}", to: "\(entry)/part.json")
        case "list": try FileSystem.removeFile("\(entry)/contents.json")
        default: try place.write(#"{"files":[{"path":"../../../../work/job-1","bytes":1}]}"#, to: "\(entry)/contents.json")
        }
        #expect(try !place.cache.adopt(key, into: place.work))
        #expect(!FileSystem.exists(entry))
        #expect(try FileSystem.list(place.work.partsPath).isEmpty)
    }

    @Test func `the least recently used go first`() throws {
        let place = try Place(maximumBytes: 25)
        for (index, digit) in "abc".enumerated() {
            let key = try place.key(digit)
            try place.makePart(key, "0123456789")
            try place.cache.keep(key, from: place.work)
            // Modification times are the order of use; nobody has to wait for a clock.
            let entry = "\(place.root)/cache/\(digit)\(digit)/\(key.text)"
            try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: Double(index + 1))], ofItemAtPath: entry)
        }
        #expect(try place.cache.adopt(try place.key("a"), into: place.work))
        #expect(try place.cache.evict() == 10)
        #expect(try place.cache.adopt(try place.key("a"), into: later(place)))
        #expect(try !place.cache.adopt(try place.key("b"), into: later(place)))
        #expect(try place.cache.adopt(try place.key("c"), into: later(place)))
        #expect(try place.cache.evict(to: 0) == 20)
        #expect(try place.read("\(place.work.partPath(try place.key("a")))/a/b.bin") == "0123456789")
    }
}
