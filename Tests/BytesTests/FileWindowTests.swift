import Bytes
import Files
import Foundation
import Testing

@Suite struct FileWindowTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "FileWindowTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    @Test func `pieces are the file's bytes, as far as a window and the file reach`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let content = (0..<(2 * FileWindow.size)).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let path = folder.appending(path: "some").path()
        try Data(content).write(to: URL(filePath: path))
        let window = try #require(FileWindow(onto: try MappedFile(path: path)))
        for range in [0..<1, 5..<FileWindow.size, FileWindow.size..<content.count, 7..<7] {
            #expect(window.withBytes(range) { [UInt8]($0) } == Array(content[range]))
        }
        #expect(window.withBytes(0..<(FileWindow.size + 1)) { $0.count } == nil)
        #expect(window.withBytes((content.count - 1)..<(content.count + 1)) { $0.count } == nil)
        var copy = [UInt8](repeating: 0, count: content.count)
        #expect(copy.withUnsafeMutableBytes { window.read(at: 0, into: $0) })
        #expect(copy == content)
        #expect(!copy.withUnsafeMutableBytes { window.read(at: 1, into: $0) })
    }

    @Test func `small pieces are read together, and are the file's bytes whatever was read before`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let content = (0..<(3 * FileWindow.size)).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let path = folder.appending(path: "some").path()
        try Data(content).write(to: URL(filePath: path))
        let window = try #require(FileWindow(onto: try MappedFile(path: path)))
        for (range, end) in [
            (0..<10, 1_000), (10..<990, 1_000), (500..<2_000, 1_000), (0..<5, 5), (3..<9, content.count),
            (content.count - 9..<content.count, .max),
            (7..<7, 7), (FileWindow.size..<2 * FileWindow.size, 0),
        ] {
            let last = min(end, content.count)
            #expect(window.withBytes(range, readingOnTo: last) { [UInt8]($0) } == Array(content[range]))
            // Another reading in between takes the same memory.
            if range.lowerBound == 3 { #expect(window.withBytes(40..<50) { [UInt8]($0) } == Array(content[40..<50])) }
        }
        #expect(window.withBytes(0..<(FileWindow.size + 1), readingOnTo: content.count) { $0.count } == nil)
        #expect(window.withBytes((content.count - 1)..<(content.count + 1), readingOnTo: content.count + 1) { $0.count } == nil)
        #expect(window.withBytes(0..<4, readingOnTo: 8) { [UInt8]($0) } == Array(content[0..<4]))
    }

    @Test func `a path that names another file by now, or none, has no window`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "some").path()
        try Data([1]).write(to: URL(filePath: path))
        let mapped = try MappedFile(path: path)
        try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
        #expect(FileWindow(onto: mapped) == nil)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(FileWindow(onto: mapped) == nil)
        try FileManager.default.removeItem(atPath: path)
        try Data([2]).write(to: URL(filePath: path))
        #expect(FileWindow(onto: mapped) == nil)
    }
}
