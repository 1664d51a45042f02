import ExportCore
import Files
import Foundation
import MCAP
import Testing

@Suite struct RecoveryTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch(inMemory: true) }

    /// Recovers bytes and reads the result.
    private func recover(_ bytes: some Collection<UInt8>) throws -> (report: RecoveryReport, file: MCAPFile) {
        try scratch.write(bytes, "in.mcap")
        let report = try MCAPRecovery.recover(from: scratch.path("in.mcap"), to: scratch.path("out.mcap"), replacing: true)
        let file = try MCAPFile(path: scratch.path("out.mcap"))
        #expect(file.isCopyable)
        #expect(file.problems == [])
        return (report, file)
    }

    @Test(arguments: RecordingBuilder.Packing.allCases, [true, false])
    func `a file cut at any byte is recovered with every message before the cut`(packing: RecordingBuilder.Packing, hasIndex: Bool) throws {
        let builder = smallRecording(packing, hasIndex: hasIndex)
        let bytes = builder.finished()
        // Every byte of one file, and enough of the others.
        let step = packing == .zstd && hasIndex ? 1 : 7
        for cut in Array(stride(from: 8, to: bytes.count, by: step)) + [bytes.count] {
            let (report, file) = try recover(bytes[..<cut])
            let whole = builder.messages.filter { $0.neededBytes <= cut }
            let read = try file.readInFileOrder()
            #expect(read.count >= whole.count, "cut at \(cut)")
            if packing == .none { #expect(read.count == whole.count, "cut at \(cut)") }
            #expect(read == builder.messages.prefix(read.count).map(\.reading), "cut at \(cut)")
            #expect(report.messages == UInt64(read.count))
            if cut == bytes.count { #expect(report.isComplete) }
        }
    }

    @Test(arguments: [RecordingBuilder.Packing.none, .zstd]) func `a byte changed anywhere loses no message without saying so`(
        packing: RecordingBuilder.Packing
    ) throws {
        let builder = smallRecording(packing)
        let bytes = builder.finished()
        let all = builder.messages.map(\.reading)
        // The opcodes of chunks and their indexes are among these, whose change is the hardest to notice.
        let opcodes = bytes.indices.filter { bytes[$0] == 6 || bytes[$0] == 7 }
        for place in Set(stride(from: 8, to: bytes.count, by: 5)).union(opcodes.filter { $0 >= 8 }).sorted() {
            var damaged = bytes
            let mask: UInt8 = opcodes.contains(place) ? 1 : place % 2 == 0 ? 0x80 : 0xFF
            damaged[place] ^= mask
            let (report, file) = try recover(damaged)
            let read = try file.readInFileOrder()
            if report.isComplete { #expect(read == all, "byte \(place) ^ \(mask): \(report)") }
            // A chunk is the most that one byte can cost.
            #expect(read.count >= 8, "byte \(place) ^ \(mask): \(report)")
        }
    }

    @Test func `a chunk damaged in the middle is left out, and what was in it is said`() throws {
        var builder = RecordingBuilder()
        builder.schema(1, "a/B")
        builder.channel(1, "/a", schema: 1)
        for part in 0..<3 as Range<UInt64> {
            builder.chunk(.init(packing: .zstd, damage: { if part == 1 { $0[0] ^= 0xFF } })) { chunk in
                chunk.message(1, at: 10 * part, [1])
                chunk.message(1, at: 10 * part + 1, [2])
            }
        }
        for parts in [RecordingBuilder.Parts.all, []] {
            let (report, file) = try recover(builder.finished(parts))
            #expect(try file.readAll().map(\.logTime) == [0, 1, 20, 21])
            let loss = try #require(report.losses.first)
            #expect(report.losses.count == 1)
            #expect((loss.messages, loss.firstTime, loss.lastTime) == (2, 10, 11))
            #expect(report.lostMessages == 2)
            #expect(report.lostBytes == loss.bytes)
            #expect(report.copiedChunks == 2)
        }
    }

    @Test func `zeros over a chunk's head cost that chunk only, and its index tells what was in it`() throws {
        let builder = smallRecording(.lz4)
        var bytes = builder.finished([])
        let chunk = try #require(try scratch.open(bytes).storedChunks.dropFirst().first).place
        bytes.replaceSubrange(chunk.prefix(30), with: Array(repeating: 0, count: 30))
        let (report, file) = try recover(bytes)
        #expect(try file.readInFileOrder() == (builder.messages.prefix(4) + builder.messages.suffix(4)).map(\.reading))
        #expect(report.losses.map(\.messages) == [4])
        #expect(report.losses.first.map { [$0.firstTime, $0.lastTime] } == [100, 124])
    }

    @Test func `what is sound is carried over byte for byte`() throws {
        for packing in RecordingBuilder.Packing.allCases {
            let builder = smallRecording(packing)
            for bytes in [builder.finished(), builder.finished([]), builder.bytes] {
                let (report, file) = try recover(bytes)
                let original = try scratch.open(bytes)
                #expect(report.isComplete)
                #expect(report.copiedChunks == 3)
                #expect(report.rewrittenChunks == 0)
                for number in 0..<3 {
                    let chunk = original.withStoredChunk(number) { record, indexes in record.withUnsafeBytes { Array($0) } }
                    #expect(file.withStoredChunk(number) { record, _ in record.withUnsafeBytes { Array($0) } } == chunk)
                }
                #expect(file.attachments.map(\.name) == ["log.txt"])
                #expect(try file.values(of: file.metadata[0]) == ["weather": "rain"])
                #expect(file.header.profile == "ros2")
            }
        }
    }

    @Test func `messages outside chunks are put into chunks`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        for time in [4, 2, 3, 1] as [UInt64] { builder.message(1, at: time, [1, 2, 3]) }
        let (report, file) = try recover(builder.finished())
        #expect(report.isComplete)
        #expect(try file.readAll() == builder.expected)
    }

    @Test func `an id that stands for two things becomes two`() throws {
        var builder = RecordingBuilder()
        for (topic, schema) in [("/a", "a/A"), ("/b", "a/B"), ("/a", "a/A")] {
            builder.chunk { chunk in
                chunk.raw(RecordingBuilder.schemaRecord(1, schema, data: schema))
                chunk.raw(RecordingBuilder.channelRecord(1, topic, schema: 1))
                chunk.message(1, at: 1, Array(topic.utf8))
            }
        }
        for bytes in [builder.finished([]), builder.finished()] {
            let (report, file) = try recover(bytes)
            var topics: [String: [String]] = [:]
            try file.forEachMessage(ofChannels: Set(file.channels.keys)) { _, head, data in
                let channel = try #require(file.channels[head.channelID])
                let schema = try #require(file.schemas[channel.schemaID])
                topics[channel.topic, default: []].append(schema.name + String(decoding: data.withUnsafeBytes { Array($0) }, as: UTF8.self))
            }
            #expect(topics == ["/a": ["a/A/a", "a/A/a"], "/b": ["a/B/b"]])
            #expect(report.isComplete)
            #expect(report.repairs.contains { $0.contains("stands for") })
        }
    }

    @Test func `messages of a channel that nothing describes are lost, and a channel without its schema is kept`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 5)
        builder.chunk { chunk in
            chunk.message(1, at: 1, [1])
            chunk.message(2, at: 2, [2])
        }
        let (report, file) = try recover(builder.finished([]))
        #expect(try file.readAll() == [Reading(channel: 1, logTime: 1, data: [1])])
        #expect(file.channels[1]?.schemaID == 0)
        #expect(report.lostMessages == 1)
        #expect(report.losses.count == 2)
    }

    @Test func `messages of a chunk with a wrong checksum are kept and said to be doubtful`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk(.init(packing: .lz4, crcDelta: 1)) { $0.message(1, at: 1, [1]) }
        let (report, file) = try recover(builder.finished())
        #expect(try file.readAll() == builder.expected)
        #expect(!report.isComplete)
        #expect(report.lostBytes == 0)
    }

    @Test func `a file that is there is left alone unless it may be replaced, and never is the damaged one`() throws {
        try scratch.write(smallRecording(.none).bytes, "in.mcap")
        try scratch.write([1], "out.mcap")
        let (input, output) = (scratch.path("in.mcap"), scratch.path("out.mcap"))
        #expect { try MCAPRecovery.recover(from: input, to: output) } throws: { ($0 as? FileError)?.isExisting == true }
        #expect(try scratch.bytes("out.mcap") == [1])
        #expect(throws: MCAPError.self) { try MCAPRecovery.recover(from: input, to: input, replacing: true) }
        _ = try MCAPRecovery.recover(from: input, to: output, replacing: true)
        #expect(try scratch.bytes("out.mcap").count > 100)
        #expect(try FileSystem.list(scratch.folder.path()) == ["in.mcap", "out.mcap"])
    }

    @Test func `nothing is left behind where recovery fails or is cancelled`() throws {
        try scratch.write(Array("#ROSBAG V2.0\n".utf8), "in.bag")
        #expect(throws: MCAPError.self) { try MCAPRecovery.recover(from: scratch.path("in.bag"), to: scratch.path("out.mcap")) }
        try scratch.write(smallRecording(.none).finished(), "in.mcap")
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: CancellationError.self) {
            try MCAPRecovery.recover(from: scratch.path("in.mcap"), to: scratch.path("out.mcap"), cancellation: cancellation)
        }
        #expect(try FileSystem.list(scratch.folder.path()) == ["in.bag", "in.mcap"])
    }

    @Test(.enabled(if: OfficialReader.isThere)) func `the official reader finds nothing wrong with recovered files`() throws {
        var paths: [String] = []
        var expected: [[Reading]] = []
        for packing in RecordingBuilder.Packing.allCases {
            let bytes = smallRecording(packing).finished()
            for cut in stride(from: 8, through: bytes.count, by: 37) {
                try scratch.write(bytes[..<cut], "in.mcap")
                let path = scratch.path("\(packing) \(cut).mcap")
                _ = try MCAPRecovery.recover(from: scratch.path("in.mcap"), to: path)
                paths.append(path)
                expected.append(try MCAPFile(path: path).readInFileOrder())
            }
        }
        for ((path, messages), finding) in zip(zip(paths, expected), try OfficialReader.check(paths)) {
            #expect(finding.problems == [], "\(path)")
            #expect(finding.crc == checksum(messages), "\(path)")
        }
    }

    @Test func `a damaged file that the fuzzer made is recovered to one that reads back`() throws {
        let text = """
            iU1DQVAwDQoBEAAAAAAAAAAEAAAAcm9zMQQAAABzZWVkBvEAAAAAAAAA5wMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAA4AMAAAAAAADJAAAAAAAAAJNT/4oAAAAAyQAAAAAAAAADIAAAAAAAAAABAAMAAABhL0IHAAAAcm9zMW1zZwgAAAB1aW50
            OCB4CgQnAAAAAABuZwEAAAAxBCcAAAAAAAAAAgABAAIAAAAvYgQAAAByb3MxEQAAAAgAAABsYXRjaGluZwEAAAAxBRcAAAAAAAAFAQAAAAAA6AMAAAAAAAAA
            AAAAAAAAAAAFFwAAAAAAAAACAAEAAADnAwAAAAAAAAEAAAAAAAAAAQcWAAAAAAAAAAEAEAAAAOgDAAAAAAAAiQAAAAAAAAAHFgAAAAAAAAACABAAAADnAwAA
            AAAAAKkAAAAAAAAABggBAAAAAAAA4AMAAAAAAADmAwAAAAAAAOAAAAAAAAAAmfcWwAAAAADgAAAAAAAAAAUXAAAAAAAAAAEAAgAAAOYDAAAAAAAAAgAAAAAA
            AAACBRcAAAAAAAAAAgADAAAA5QMAAAAAAAADAAAAAAAAAAMFFwAAAAAAAAAAAAAAAAAAAAAAAAUXAAAAANUDAAAAAAAAEwAAAAAAAAATCTQAAAAAAAAMAAAA
            //8AAAwFFwAAAAAAAAACAA0AAADbAwAAAAAAAA0AAAAAAAAADQUXAAAAAAAAAAEADgAAANoDAAAAAAAADgAAAAAAAAAOBRcAAAAAAAAAAgAPAAAA2QMAAAAA
            AAD+DwAAAAAAAAAADwAAAAAAAAAPB0YAAAAAAAAAAgBAAAAA3wMAAABAAAAAAAAAAAAAAN0DAAAAAAAAQAAAAAAAAAABAAAA2wMAAAAAAA==
            """
        _ = try recover(try #require(Data(base64Encoded: text, options: .ignoreUnknownCharacters)))
    }
}
