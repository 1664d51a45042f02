import ExportCore
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

    @Test(arguments: [("2400-01-01", Int64.max), ("1600-01-01", Int64.min)])
    func `a file may be of any time that its owner likes`(date: String, nanoseconds: Int64) throws {
        let path = "\(root)/file"
        try FileSystem.writeAtomically(path, [])
        let touch = try Process.run(URL(filePath: "/usr/bin/touch"), arguments: ["-d", date, path])
        touch.waitUntilExit()
        // Some file systems hold no such times, and put another in their place.
        let status = try FileSystem.status(of: path)
        let text = try #require(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
        let isHeld = abs(text.timeIntervalSince1970) > 9.3e9
        #expect(!isHeld || status.modified.nanoseconds == nanoseconds)
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
