import ExportCore
import Foundation
import MCAP
import Testing

@Suite struct WriterTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: MCAPWriter.Compression.allCases)
    func `what was written is read back, through the index and without scanning`(compression: MCAPWriter.Compression) throws {
        let writer = try scratch.writer("a.mcap", compression: compression, chunkSize: 100)
        try writer.define(topics: ["/a", "/b", "/empty"])
        var expected: [Reading] = []
        for step in 0..<50 as Range<UInt64> {
            let reading = Reading(channel: UInt16(step % 2) + 1, logTime: step * 10, data: Array(repeating: UInt8(step), count: Int(step % 7)))
            try writer.write(reading)
            expected.append(reading)
        }
        try writer.attach(name: "note", mediaType: "text/plain", logTime: 5, createTime: 6, Array("hello".utf8).span.bytes)
        try writer.addMetadata(name: "facts", ["b": "2", "a": "1"])
        let written = try writer.finish()

        let file = try MCAPFile(path: scratch.path("a.mcap"))
        #expect(file.problems.isEmpty)
        #expect(file.isCopyable)
        #expect(file.header == Header(profile: "ros2", library: "tests"))
        #expect(try file.readAll() == expected)
        #expect(file.messageCounts == [1: 25, 2: 25])
        #expect(file.channels.values.map(\.topic).sorted() == ["/a", "/b", "/empty"])
        #expect(try file.withAttachment(file.attachments[0]) { $0.withUnsafeBytes { Array($0) } } == Array("hello".utf8))
        #expect(try file.values(of: file.metadata[0]) == ["a": "1", "b": "2"])
        #expect(written.messageCount == 50)
        #expect(written.bytes == (try Data(contentsOf: URL(filePath: scratch.path("a.mcap"))).count))
        #expect(try #require(written.timeRange) == (0, 490))
    }
}
