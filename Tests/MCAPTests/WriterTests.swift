import ExportCore
import Files
import Foundation
import MCAP
import TestSupport
import Testing

@Suite struct WriterTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A file with whatever files may have, made by a generator of numbers.
    private func writeRandomFile(_ name: String, seed: UInt64) throws -> [Reading] {
        var random = SeededGenerator(seed: seed)
        let writer = try scratch.writer(
            name,
            compression: MCAPWriter.Compression.allCases.randomElement(using: &random) ?? .none,
            chunkSize: [1, 50, 1000, 40_000].randomElement(using: &random) ?? 1
        )
        let channels = UInt16.random(in: 1...6, using: &random)
        for id in 1...3 as ClosedRange<UInt16> {
            try writer.add(Schema(id: id * 1000, name: "pkg/T\(id)", encoding: "ros2msg", data: Array("int32 x\(id)".utf8)))
        }
        func channel(_ number: UInt16) -> Channel {
            Channel(
                id: number * 7919,
                schemaID: number % 4 * 1000,
                topic: "/t\(number)",
                messageEncoding: "cdr",
                metadata: ["z": "é", "a": ""]
            )
        }
        var expected: [Reading] = []
        var defined: Set<UInt16> = []
        for _ in 0..<Int.random(in: 0...120, using: &random) {
            let number = UInt16.random(in: 0..<channels, using: &random)
            // The same definition again is nothing.
            try writer.add(channel(number))
            defined.insert(number)
            let size = [0, 1, 30, 900, 5000].randomElement(using: &random) ?? 0
            let isRandom = Bool.random(using: &random)
            let reading = Reading(
                channel: number * 7919,
                logTime: UInt64.random(in: 0...50, using: &random) * 1_000_000_007,
                data: (0..<size).map { isRandom ? UInt8.random(in: 0...255, using: &random) : UInt8($0 % 10) }
            )
            try writer.write(reading)
            expected.append(reading)
            switch UInt8.random(in: 0...20, using: &random) {
            case 0: try writer.closeChunk()
            case 1: try writer.attach(name: "n", mediaType: "", logTime: 1, createTime: 0, reading.data.span.bytes)
            case 2: try writer.addMetadata(name: "m", ["k": "v", "": "empty"])
            default: break
            }
        }
        for number in 0..<channels where !defined.contains(number) { try writer.add(channel(number)) }
        let written = try writer.finish()
        #expect(written.messageCount == UInt64(expected.count))
        return expected
    }

    @Test func `any file that is written is read back whole, by this reader and by the official one`() throws {
        var files: [(name: String, messages: [Reading])] = []
        for seed in 0..<60 as Range<UInt64> {
            let name = "\(seed).mcap"
            files.append((name, try writeRandomFile(name, seed: seed)))
        }
        for (name, messages) in files {
            let file = try MCAPFile(path: scratch.path(name))
            #expect(try file.readInFileOrder() == messages)
            let ordered = messages.enumerated().sorted { ($0.element.logTime, $0.offset) < ($1.element.logTime, $1.offset) }.map(\.element)
            #expect(try file.readAll() == ordered)
            #expect(file.problems == [])
            #expect(file.isCopyable)
            for entry in file.attachments { #expect(try file.withAttachment(entry) { $0.byteCount } == entry.size) }
            for entry in file.metadata { #expect(try file.values(of: entry) == ["k": "v", "": "empty"]) }
        }
        guard OfficialReader.isThere else { return }
        for ((name, messages), finding) in zip(files, try OfficialReader.check(files.map { scratch.path($0.name) })) {
            #expect(finding.problems == [], "\(name)")
            #expect(finding.crc == checksum(messages), "\(name)")
        }
    }

    @Test func `the same calls give the same bytes`() throws {
        for seed in 0..<5 as Range<UInt64> {
            _ = try writeRandomFile("a\(seed)", seed: seed)
            _ = try writeRandomFile("b\(seed)", seed: seed)
            #expect(try scratch.bytes("a\(seed)") == scratch.bytes("b\(seed)"))
        }
    }

    @Test func `chunks that compression makes smaller are compressed, and others are stored as they are`() throws {
        var random = SeededGenerator(seed: 1)
        let noise = (0..<1_000_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for (compression, name) in [(.zstd, "zstd"), (.lz4, "lz4"), (.none, "")] as [(MCAPWriter.Compression, String)] {
            let writer = try scratch.writer("\(name).mcap", compression: compression, chunkSize: 500_000)
            try writer.define(topics: ["/a"])
            try writer.write(Reading(channel: 1, logTime: 1, data: noise))
            try writer.write(Reading(channel: 1, logTime: 2, data: Array(repeating: 7, count: 1_000_000)))
            try writer.write(Reading(channel: 1, logTime: 3, data: [1, 2, 3]))
            _ = try writer.finish()
            let file = try MCAPFile(path: scratch.path("\(name).mcap"))
            #expect(Array(file.storedChunks).map(\.compression) == ["", name, ""])
            #expect(try file.readAll().map(\.data.count) == [1_000_000, 1_000_000, 3])
        }
    }

    @Test func `a message as large as a chunk has a chunk to itself`() throws {
        let writer = try scratch.writer("a.mcap", chunkSize: 100)
        try writer.define(topics: ["/a"])
        for size in [1, 200, 1, 1, 69] {
            try writer.write(Reading(channel: 1, logTime: UInt64(size), data: Array(repeating: 0, count: size)))
        }
        #expect(writer.openBytes == 0)
        #expect(try writer.finish().chunkCount == 4)
        let counts = Array(try MCAPFile(path: scratch.path("a.mcap")).storedChunks).map { $0.messageCounts?[1] }
        #expect(counts == [1, 1, 2, 1])
    }

    @Test(arguments: [65_000, 66_000, 100_000, 131_000, 140_000, 300_000])
    func `a large message keeps its place behind small ones that are still gathered`(size: Int) throws {
        let writer = try scratch.writer("a.mcap", compression: .none, chunkSize: 100)
        try writer.define(topics: ["/a"])
        let messages = [30, size, 1, size, 200].enumerated().map { number, count in
            Reading(channel: 1, logTime: UInt64(number), data: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 + number) })
        }
        for message in messages { try writer.write(message) }
        _ = try writer.finish()
        let file = try MCAPFile(path: scratch.path("a.mcap"))
        #expect(try file.readInFileOrder() == messages)
        #expect(file.problems == [])
    }

    @Test func `an id can't stand for two things, and nothing may stand for an id that isn't defined`() throws {
        let writer = try scratch.writer("a.mcap")
        try writer.define(topics: ["/a"])
        try writer.define(topics: ["/a"])
        func kind(_ body: () throws -> Void) -> MCAPError.Kind? {
            do { try body() } catch { return (error as? MCAPError)?.kind }
            return nil
        }
        #expect(kind { try writer.define(topics: ["/b"]) } == .conflictingDefinition)
        #expect(kind { try writer.add(Schema(id: 1, name: "other", encoding: "", data: [])) } == .conflictingDefinition)
        #expect(kind { try writer.add(Schema(id: 0, name: "zero", encoding: "", data: [])) } == .conflictingDefinition)
        #expect(kind { try writer.add(Channel(id: 9, schemaID: 9, topic: "/x", messageEncoding: "")) } == .missingDefinition)
        #expect(kind { try writer.write(Reading(channel: 9, logTime: 0, data: [])) } == .missingDefinition)
    }

    @Test func `a file that exists is never written to`() throws {
        try scratch.write([1, 2, 3], "a.mcap")
        #expect(throws: FileError.self) { try scratch.writer("a.mcap") }
        #expect(try scratch.bytes("a.mcap") == [1, 2, 3])
    }

    @Test func `cancelling stops a writer at its next chunk`() throws {
        let cancellation = Cancellation()
        let writer = try scratch.writer("a.mcap", chunkSize: 1, cancellation: cancellation)
        try writer.define(topics: ["/a"])
        try writer.write(Reading(channel: 1, logTime: 1, data: []))
        cancellation.cancel()
        #expect(throws: CancellationError.self) { try writer.write(Reading(channel: 1, logTime: 1, data: [])) }
    }

    // MARK: - Copies

    @Test(arguments: RecordingBuilder.Packing.allCases) func `chunks are copied byte for byte with their indexes`(
        packing: RecordingBuilder.Packing
    ) throws {
        let builder = smallRecording(packing)
        try scratch.write(builder.finished(), "in.mcap")
        let file = try MCAPFile(path: scratch.path("in.mcap"))
        let writer = try scratch.writer("out.mcap")
        try writer.add(Channel(id: 5, schemaID: 0, topic: "/own", messageEncoding: "json"))
        try writer.write(Reading(channel: 5, logTime: 1, data: [1]))
        // The last chunk first: nothing says that chunks must keep their order.
        for chunk in file.storedChunks.reversed() { try writer.copy(chunk, of: file) }
        try writer.write(Reading(channel: 0, logTime: 2, data: [2]))
        _ = try writer.finish()
        let copy = try MCAPFile(path: scratch.path("out.mcap"))
        #expect(copy.isCopyable)
        #expect(copy.storedChunkCount == 5)
        func stored(_ file: MCAPFile, _ number: Int) -> [[UInt8]] {
            file.withStoredChunk(number) { record, indexes in [record.withUnsafeBytes { Array($0) }, indexes.withUnsafeBytes { Array($0) }]
            }
        }
        for number in 0..<3 { #expect(stored(copy, 3 - number) == stored(file, number)) }
        #expect(
            Set(try copy.readAll())
                == Set(builder.expected + [Reading(channel: 5, logTime: 1, data: [1]), Reading(channel: 0, logTime: 2, data: [2])])
        )
        #expect(copy.problems == [])
        guard OfficialReader.isThere else { return }
        #expect(try OfficialReader.check([scratch.path("out.mcap")])[0].problems == [])
    }

    @Test(arguments: RecordingBuilder.Packing.allCases) func `a data section is copied byte for byte, and more can be added behind it`(
        packing: RecordingBuilder.Packing
    ) throws {
        let builder = smallRecording(packing)
        try scratch.write(builder.finished(), "in.mcap")
        let file = try MCAPFile(path: scratch.path("in.mcap"))
        #expect(file.isCopyable)
        let writer = try scratch.writer("out.mcap")
        try writer.copyDataSection(of: file)
        try writer.add(Channel(id: 5, schemaID: 0, topic: "/own", messageEncoding: "json"))
        try writer.write(Reading(channel: 5, logTime: 1, data: [1]))
        try writer.attach(name: "annotation.json", mediaType: "application/json", logTime: 0, createTime: 0, [UInt8]().span.bytes)
        let written = try writer.finish()
        let section = file.dataSection.place
        #expect(try scratch.bytes("out.mcap")[section] == scratch.bytes("in.mcap")[section])
        let copy = try MCAPFile(path: scratch.path("out.mcap"))
        #expect(try copy.readAll() == [Reading(channel: 5, logTime: 1, data: [1])] + builder.expected)
        #expect(copy.attachments.map(\.name) == ["log.txt", "annotation.json"])
        #expect(copy.metadata.map(\.name) == ["notes"])
        #expect(copy.isCopyable)
        #expect(try #require(written.timeRange) == (1, 125))
        guard OfficialReader.isThere else { return }
        #expect(try OfficialReader.check([scratch.path("out.mcap")])[0].problems == [])
    }

    @Test func `a copied data section is compared with its checksum, and each of its chunks`() throws {
        let writer = try scratch.writer("in.mcap")
        try writer.define(topics: ["/a"])
        try writer.write(Reading(channel: 1, logTime: 1, data: Array(repeating: 1, count: 100)))
        _ = try writer.finish()
        var bytes = try scratch.bytes("in.mcap")
        let place = try #require(bytes.firstRange(of: Array(repeating: 1, count: 100)))
        bytes[place.lowerBound + 50] ^= 1
        try scratch.write(bytes, "damaged.mcap")
        for (name, problems) in [("in.mcap", []), ("damaged.mcap", [MCAPProblem.Kind.crcMismatch, .crcMismatch])] {
            let file = try MCAPFile(path: scratch.path(name))
            let copy = try scratch.writer("copy of \(name)")
            try copy.copyDataSection(of: file)
            #expect(file.problems.map(\.kind) == problems)
            _ = try copy.finish()
        }
    }

    @Test func `the checksums of attachments in a copied data section are looked at`() throws {
        let writer = try scratch.writer("in.mcap")
        try writer.attach(name: "log.txt", mediaType: "text/plain", logTime: 1, createTime: 1, Array("a unique text".utf8).span.bytes)
        _ = try writer.finish()
        var bytes = try scratch.bytes("in.mcap")
        let place = try #require(bytes.firstRange(of: Array("a unique text".utf8)))
        bytes[place.lowerBound] ^= 1
        // Many writers leave the checksum of the data out.
        let end = try MCAPFile(path: scratch.path("in.mcap")).dataSection.place.upperBound + 9
        bytes.replaceSubrange(end..<(end + 4), with: [0, 0, 0, 0])
        try scratch.write(bytes, "damaged.mcap")
        let file = try MCAPFile(path: scratch.path("damaged.mcap"))
        try scratch.writer("out.mcap").copyDataSection(of: file)
        #expect(file.problems.map(\.message) == ["The checksum of the attachment “log.txt” is wrong. It was used."])
    }

    @Test func `what isn't sound and indexed is not copied as it is`() throws {
        let builder = smallRecording(.none)
        var outside = smallRecording(.none)
        outside.message(300, at: 1)
        let cases = [
            builder.finished([]), smallRecording(.none, hasIndex: false).finished(),
            builder.finished(withDataEnd: false), Array(builder.finished().dropLast(1)), outside.finished(),
        ]
        for (number, bytes) in cases.enumerated() {
            try scratch.write(bytes, "\(number).mcap")
            let file = try MCAPFile(path: scratch.path("\(number).mcap"))
            #expect(!file.isCopyable, "\(number)")
            let writer = try scratch.writer("\(number).copy")
            #expect(throws: MCAPError.self, "\(number)") { try writer.copyDataSection(of: file) }
        }
    }

    @Test func `chunks in which ids mean something else are refused`() throws {
        try scratch.write(smallRecording(.none).finished(), "in.mcap")
        let file = try MCAPFile(path: scratch.path("in.mcap"))
        let writer = try scratch.writer("out.mcap")
        try writer.add(Channel(id: 300, schemaID: 0, topic: "/other", messageEncoding: "json"))
        #expect(throws: MCAPError.self) { try writer.copy(file.storedChunk(0), of: file) }
    }
}
