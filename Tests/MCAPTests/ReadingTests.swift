import Compression
import ExportCore
import Foundation
import MCAP
import Testing

@Suite struct ReadingTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: RecordingBuilder.Packing.allCases) func `a whole file is read through its summary and indexes`(
        packing: RecordingBuilder.Packing
    ) throws {
        let builder = smallRecording(packing)
        let file = try scratch.open(builder.finished())
        #expect(file.header.profile == "ros2")
        #expect(file.header.library == "tests")
        #expect(file.schemas.keys.sorted() == [7])
        #expect(file.schemas[7]?.name == "a/msg/B")
        #expect(file.channels[0]?.topic == "/zero")
        #expect(file.channels[300]?.schemaID == 0)
        #expect(file.channels[0]?.metadata == ["key": "value"])
        #expect(file.messageCounts == [0: 6, 300: 6])
        #expect(file.timeRange?.first == 100)
        #expect(file.timeRange?.last == 125)
        #expect(try file.readAll() == builder.expected)
        #expect(try file.readInFileOrder() == builder.messages.map(\.reading))
        #expect(file.problems == [])
    }

    @Test func `one channel's index lists that channel's messages only`() throws {
        let builder = smallRecording(.zstd)
        let file = try scratch.open(builder.finished())
        #expect(try file.index(ofChannels: [300]).map(file.read) == builder.expected.filter { $0.channel == 300 })
        #expect(try file.index(ofChannels: []) == [])
        #expect(try file.index(ofChannels: [9]) == [])
        #expect(file.problems == [])
    }

    @Test func `messages at the same time keep the order of the file, within chunks, between chunks and outside`() throws {
        var builder = RecordingBuilder()
        builder.schema(1, "a/B")
        builder.channel(1, "/a", schema: 1)
        builder.channel(2, "/b", schema: 1)
        builder.message(1, at: 5, [0])
        // The index of this chunk lists channel 1 before channel 2, the file doesn't.
        builder.chunk { chunk in
            chunk.message(2, at: 5, [1])
            chunk.message(1, at: 5, [2])
            chunk.message(2, at: 4, [3])
        }
        builder.message(2, at: 5, [4])
        builder.message(1, at: 3, [5])
        builder.chunk(.init(packing: .lz4)) { chunk in
            chunk.message(1, at: 5, [6])
            chunk.message(1, at: 0, [7])
        }
        let file = try scratch.open(builder.finished())
        #expect(try file.readAll().map(\.data) == [[7], [5], [3], [0], [1], [2], [4], [6]])
        #expect(try file.readInFileOrder().map(\.data) == (0..<8).map { [UInt8($0)] })
        #expect(try file.inFileOrder(try file.index(ofChannels: [1, 2])).map { try file.read($0).data } == (0..<8).map { [UInt8($0)] })
        #expect(try file.listInFileOrder().map { try file.read($0).data } == (0..<8).map { [UInt8($0)] })
        #expect(file.timeRange?.first == 0)
        #expect(file.problems == [])
    }

    @Test func `a message's head says sequence and both times`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.message(1, at: 77, [9], sequence: 12)
        let file = try scratch.open(builder.finished())
        let entry = try #require(try file.index(ofChannels: [1]).first)
        #expect(entry.logTime == 77)
        #expect(entry.location.isOutsideChunks)
        try file.withMessage(at: entry.location) { head, data in
            #expect(head.channelID == 1)
            #expect(head.sequence == 12)
            #expect(head.logTime == 77)
            #expect(head.publishTime == 78)
            #expect(data.byteCount == 1)
        }
    }

    @Test func `locations and entries are as small as promised`() {
        #expect(MemoryLayout<MessageLocation>.stride == 16)
        #expect(MemoryLayout<MessageEntry>.stride == 24)
    }

    @Test(arguments: RecordingBuilder.Packing.allCases) func `a cache that holds one chunk only gives the same messages`(
        packing: RecordingBuilder.Packing
    ) throws {
        let builder = smallRecording(packing)
        let file = try scratch.open(builder.finished(), cacheLimit: 0)
        #expect(try file.readAll() == builder.expected)
        #expect(try file.readAll() == builder.expected)
    }

    @Test func `unknown records, and records that grew at their end, are passed over`() throws {
        var builder = RecordingBuilder()
        let channel = RecordingBuilder.channelRecord(1, "/a", schema: 0)
        builder.channel(1, "/a", schema: 0, inFile: false)
        builder.raw(record(0x7F, [1, 2, 3]))
        builder.raw(record(0x80, []))
        builder.raw(record(4, Array(channel.dropFirst(9)) + [1, 0xFF, 0xFF]))
        builder.chunk { chunk in
            chunk.raw(record(0xFE, [0, 0]))
            chunk.raw(record(4, Array(channel.dropFirst(9)) + [1, 0xFF, 0xFF]))
            chunk.message(1, at: 1, [1])
        }
        for parts in [RecordingBuilder.Parts.all, []] {
            let file = try scratch.open(builder.finished(parts))
            #expect(try file.readAll() == builder.expected)
            #expect(file.channels[1]?.topic == "/a")
            #expect(file.problems == [])
        }
    }

    @Test func `attachments and metadata are listed and can be read`() throws {
        let file = try scratch.open(smallRecording(.none).finished())
        let notes = try #require(file.metadata.first)
        #expect(notes.name == "notes")
        #expect(try file.values(of: notes) == ["weather": "rain"])
        let log = try #require(file.attachments.first)
        #expect(log.name == "log.txt")
        #expect(log.mediaType == "text/plain")
        #expect(log.logTime == 5)
        #expect(log.createTime == 6)
        #expect(log.size == 5)
        #expect(try file.withAttachment(log) { $0.withUnsafeBytes { [UInt8]($0) } } == Array("hello".utf8))
        #expect(file.problems == [])
    }

    @Test func `an attachment with a wrong checksum is given and reported`() throws {
        var builder = RecordingBuilder()
        builder.raw(attachmentRecord("x", [1], crcDelta: 1))
        let file = try scratch.open(builder.finished())
        let attachment = try #require(file.attachments.first)
        #expect(try file.withAttachment(attachment) { $0.byteCount } == 1)
        #expect(file.problemKinds == [.crcMismatch])
    }

    @Test func `a file without messages has no time range`() throws {
        let file = try scratch.open(RecordingBuilder().finished([]))
        #expect(file.timeRange == nil)
        #expect(file.messageCounts == [:])
        #expect(try file.readAll() == [])
        #expect(file.problems == [])
    }

    @Test(arguments: [RecordingBuilder.Parts.all, [.statistics], []])
    func `an empty chunk does not widen the time range`(parts: RecordingBuilder.Parts) throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk { _ in }
        builder.chunk { $0.message(1, at: 50) }
        builder.chunk(.init(packing: .zstd)) { _ in }
        let file = try scratch.open(builder.finished(parts))
        #expect(file.timeRange?.first == 50)
        #expect(file.timeRange?.last == 50)
        #expect(try file.readAll() == builder.expected)
        #expect(file.problems == [])
    }

    @Test func `cancelled work stops with CancellationError`() throws {
        let file = try scratch.open(smallRecording(.zstd).finished())
        let cancellation = Cancellation()
        let same = try MCAPFile(path: file.path, cancellation: cancellation)
        cancellation.cancel()
        #expect(throws: CancellationError.self) { try same.index(ofChannels: [0]) }
        #expect(throws: CancellationError.self) { try same.forEachMessage(ofChannels: [0]) { _, _, _ in } }
        #expect(throws: CancellationError.self) {
            _ = try scratch.open(smallRecording(.zstd).finished([]))
            _ = try MCAPFile(path: file.path, cancellation: cancellation)
        }
    }

    @Test func `an error of the caller's own comes back to it`() throws {
        struct Mine: Error {}
        let file = try scratch.open(smallRecording(.zstd).finished())
        let entry = try #require(try file.index(ofChannels: [0]).first)
        #expect(throws: Mine.self) { try file.withMessage(at: entry.location) { _, _ in throw Mine() } }
        #expect(throws: Mine.self) { try file.forEachMessage(ofChannels: [0]) { _, _, _ in throw Mine() } }
    }
}
