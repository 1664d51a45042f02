import Files
import Foundation
import Testing

@Suite struct GrowingFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "GrowingFileTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    @Test(arguments: [0, 1, 4 << 20, (4 << 20) + 1, 9_000_001, 150_000_001])
    func `a file has the bytes that were written and no room beyond them`(count: Int) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "some").path()
        let piece = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0) }
        var file = try GrowingFile(creating: path)
        var rest = count
        while rest > 0 {
            let next = piece.prefix(rest)
            try next.withUnsafeBytes { try file.write($0) }
            rest -= next.count
        }
        try file.synchronize()
        try file.closeChecked()
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_size == count)
        #expect(status.st_blocks * 512 < count + (1 << 20))
        let content = try Data(contentsOf: URL(filePath: path))
        #expect(content.count == count)
        #expect(stride(from: 0, to: count, by: 9_999).allSatisfy { content[$0] == piece[$0 % piece.count] })
    }

    @Test(arguments: [[], [0], [3, 0, 5], Array(repeating: 7, count: 3_000) + [0, 5_000_001, 0]])
    func `pieces are written one behind the other, however many`(lengths: [Int]) throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "some").path()
        let bytes = (0..<lengths.reduce(0, +)).map { UInt8(truncatingIfNeeded: $0 / 3) }
        var file = try GrowingFile(creating: path)
        try bytes.withUnsafeBytes { all in
            var start = 0
            let pieces = lengths.map { length in
                defer { start += length }
                return UnsafeRawBufferPointer(rebasing: all[start..<start + length])
            }
            try file.write(pieces)
            try file.write(pieces)
        }
        try file.closeChecked()
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(bytes + bytes))
    }

    @Test func `a name that is taken is refused`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "some").path()
        try Data([1]).write(to: URL(filePath: path))
        #expect { _ = try GrowingFile(creating: path) } throws: { ($0 as? FileError)?.errno == EEXIST }
    }
}
