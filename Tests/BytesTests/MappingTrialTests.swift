import Bytes
import Foundation
import Testing

@Suite struct MappingTrialTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "MappingTrialTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func mapped(bytes: Int) throws -> MappedFile {
        let url = folder.appending(path: "some")
        try Data(repeating: 5, count: bytes).write(to: url)
        return try MappedFile(path: url.path())
    }

    @Test func `an answer stands for a while, and is sought again farther on`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var trial = MappingTrial(try mapped(bytes: 6 << 20))
        var touched: [Range<Int>] = []
        let answers = [5, 6, 1 << 20, 5 << 20].map { trial.isCheap(from: $0) { touched.append($0) } }
        #expect(answers[0] == answers[1] && answers[1] == answers[2])
        #expect(touched == [5..<(5 + (512 << 10)), (5 << 20)..<((5 << 20) + (512 << 10))])
    }

    @Test func `what lies outside the file isn't mapped cheaply`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for bytes in [0, 1] {
            var trial = MappingTrial(try mapped(bytes: bytes))
            #expect(!trial.isCheap(from: bytes) { _ in Issue.record("nothing may be touched") })
            #expect(!trial.isCheap(from: -1) { _ in Issue.record("nothing may be touched") })
        }
    }

    @Test func `pages are mapped ahead of their use, and their bytes are the file's`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try mapped(bytes: 100_000)
        #expect(try #require(file.populate(4_097..<100_000)) > 0)
        #expect(file.populate(4_097..<100_000) == 0)
        #expect(file.withBytes { $0.allSatisfy { $0 == 5 } })
        file.release(0..<100_000)
        #expect(try #require(file.populate(0..<1)) > 0)
        #expect(file.populate(0..<100_001) == nil)
        #expect(file.populate(-1..<5) == nil)
    }
}
