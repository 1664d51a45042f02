import Files
import Foundation
import Testing

@Suite final class OpenFileTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "files-tests-\(UUID().uuidString)").path()

    init() throws {
        try FileSystem.makeDirectories(root)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    @Test func `a file in a folder of others is opened through no link, and a FIFO there is not waited for`() throws {
        let path = "\(root)/file"
        try FileSystem.writeAtomically(path, Array("text".utf8))
        #expect(try OpenFile.reading(path, nofollow: true).read(upTo: 10) == Array("text".utf8))
        try FileManager.default.createSymbolicLink(atPath: "\(root)/link", withDestinationPath: path)
        #expect(try OpenFile.reading("\(root)/link").read(upTo: 10) == Array("text".utf8))
        #expect(throws: FileError.self) { try OpenFile.reading("\(root)/link", nofollow: true).read(upTo: 10) }
        #expect(mkfifo("\(root)/fifo", 0o600) == 0)
        #expect(try OpenFile.reading("\(root)/fifo", nofollow: true).read(upTo: 10).isEmpty)
    }
}
