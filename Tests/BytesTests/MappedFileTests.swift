import Bytes
import Files
import Foundation
import Testing

@Suite struct MappedFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "MappedFileTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    @Test func `the bytes are the file's`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appending(path: "some")
        try Data([1, 2, 3]).write(to: url)
        let file = try MappedFile(path: url.path())
        file.expect(.sequential)
        #expect(file.count == 3)
        #expect(file.withBytes { [UInt8]($0) } == [1, 2, 3])
    }

    @Test func `an empty file has no bytes`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appending(path: "empty")
        try Data().write(to: url)
        let file = try MappedFile(path: url.path())
        file.expect(.random)
        #expect(file.withBytes { $0.isEmpty })
    }

    @Test func `a missing file, a folder and a pipe are refused in the kernel's words`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = folder.appending(path: "pipe").path()
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect { try MappedFile(path: folder.appending(path: "none").path()) } throws: { ($0 as? FileError)?.isMissing == true }
        #expect { try MappedFile(path: folder.path()) } throws: { ($0 as? FileError)?.errno == EISDIR }
        #expect { try MappedFile(path: pipe) } throws: { ($0 as? FileError)?.errno == ENODEV }
    }
}
