import ExportCore
import MCAP
import Testing

/// Files that are wrong in the middle, by accident or on purpose.
@Suite struct DamageTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A file of three chunks with two messages each, of which the second is as the test wants it.
    private func threeChunks(_ second: RecordingBuilder.ChunkOptions, _ packing: RecordingBuilder.Packing = .zstd) -> RecordingBuilder {
        var builder = RecordingBuilder()
        builder.schema(1, "a/B")
        builder.channel(1, "/a", schema: 1)
        builder.channel(2, "/b", schema: 1)
        for (number, options) in [.init(packing: packing), second, .init(packing: packing)].enumerated() {
            builder.chunk(options) { chunk in
                chunk.message(1, at: UInt64(10 * number), [UInt8(number)])
                chunk.message(2, at: UInt64(10 * number + 1), Array(repeating: UInt8(number), count: 50))
            }
        }
        return builder
    }

    @Test(arguments: RecordingBuilder.Packing.allCases) func `where heads alone are read, no chunk is read for its checksum only`(
        packing: RecordingBuilder.Packing
    ) throws {
        let builder = threeChunks(.init(packing: packing, crcDelta: 1), packing)
        let file = try scratch.open(builder.finished(.all), cacheLimit: 0)
        file.isReadForHeads = true
        #expect(try file.readAll() == builder.expected)
        // What is decompressed is looked at all the same.
        #expect(file.problems.map(\.kind) == (packing == .none ? [] : [.crcMismatch]))
        // Not looked at is not verified: who reads the messages later is told.
        file.isReadForHeads = false
        #expect(try file.readAll() == builder.expected)
        #expect(file.problems.map(\.kind) == [.crcMismatch])
    }

    @Test(arguments: RecordingBuilder.Packing.allCases) func `a wrong checksum is reported once and the messages are used`(
        packing: RecordingBuilder.Packing
    ) throws {
        let builder = threeChunks(.init(packing: packing, crcDelta: 1), packing)
        for parts in [RecordingBuilder.Parts.all, []] {
            let file = try scratch.open(builder.finished(parts), cacheLimit: 0)
            #expect(try file.readAll() == builder.expected)
            #expect(try file.readAll() == builder.expected)
            #expect(file.problems.map(\.kind) == [.crcMismatch])
        }
    }

    @Test(arguments: [MCAPWriter.Compression.none, .lz4, .zstd]) func `no changed byte of the data is overlooked`(
        compression: MCAPWriter.Compression
    ) throws {
        let writer = try scratch.writer("whole.mcap", compression: compression, chunkSize: 3_000)
        try writer.define(topics: ["/a"])
        for number in UInt64(0)..<60 {
            try writer.write(Reading(channel: 1, logTime: number, data: (0..<100).map { UInt8(truncatingIfNeeded: number * $0 * $0 >> 2) }))
        }
        _ = try writer.finish()
        let content = try scratch.bytes("whole.mcap")
        let end = try MCAPFile(path: scratch.path("whole.mcap")).dataSection.place.upperBound
        for (place, isSound) in stride(from: 8, to: end, by: 7).map({ ($0, false) }) + [(nil, true)] as [(Int?, Bool)] {
            var bytes = content
            if let place { bytes[place] ^= 0x10 }
            let file = try scratch.open(bytes)
            try file.verify { _, _, _ in }
            #expect(file.problems.isEmpty == isSound, "byte \(place ?? 0) of \(compression)")
        }
    }

    @Test func `metadata whose texts run past their record are left out with a problem`() throws {
        var builder = RecordingBuilder()
        builder.raw(record(0x0C, text("whole") + counted(text("key") + text("value"))))
        builder.raw(record(0x0C, text("damaged") + counted(text("key") + number(UInt32(9)) + Array("value".utf8))))
        builder.message(1, at: 5)
        let file = try scratch.open(builder.finished([]))
        #expect(file.metadata.map(\.name) == ["whole"])
        #expect(try file.metadata.map { try file.values(of: $0) } == [["key": "value"]])
        #expect(file.problems.map(\.kind).contains(.damagedRecord))
    }

    @Test func `a checksum of zero stands for none`() throws {
        let builder = threeChunks(.init(packing: .lz4, crcIsZero: true))
        let file = try scratch.open(builder.finished())
        #expect(try file.readAll() == builder.expected)
        #expect(file.problems == [])
    }

    @Test(arguments: [RecordingBuilder.Packing.zstd, .lz4])
    func `a chunk that does not decompress is left out with a problem, and the others are read`(packing: RecordingBuilder.Packing) throws {
        let builder = threeChunks(.init(packing: packing, damage: { $0[0] ^= 0xFF }))
        let kept = builder.expected.filter { !(10...11).contains($0.logTime) }
        let scanned = try scratch.open(builder.finished([]))
        #expect(try scanned.readAll() == kept)
        #expect(try scanned.readInFileOrder() == kept)
        #expect(scanned.problems.map(\.kind) == [.damagedChunk])

        // The index lists messages that turn out to be lost when they are read.
        let indexed = try scratch.open(builder.finished())
        let entries = try indexed.index(ofChannels: [1, 2])
        #expect(entries.count == 6)
        var lost = 0
        for entry in entries {
            do {
                _ = try indexed.read(entry)
            } catch let error as MCAPError {
                #expect(error.kind == .unreadableChunk)
                #expect(error.exportError.code == .datasetUnreadable)
                lost += 1
            }
        }
        #expect(lost == 2)
        #expect(indexed.problems.map(\.kind) == [.damagedChunk])
        #expect(try indexed.index(ofChannels: [1, 2]).count == 4)
    }

    @Test func `a chunk in an unknown compression is left out with a problem`() throws {
        let builder = threeChunks(.init(compressionName: "brotli"))
        for parts in [RecordingBuilder.Parts.all, []] {
            let file = try scratch.open(builder.finished(parts))
            #expect(try file.readAll() == builder.expected.filter { !(10...11).contains($0.logTime) })
            #expect(file.problems.map(\.kind) == [.unknownCompression])
            #expect(file.problems.first?.message.contains("brotli") == true)
        }
    }

    @Test(arguments: [0, 10, 1 << 20, (1 << 30) + 1, UInt64(Int.max), UInt64.max] as [UInt64])
    func `a chunk that declares a wrong size is left out`(size: UInt64) throws {
        for packing in [RecordingBuilder.Packing.zstd, .lz4] {
            let builder = threeChunks(.init(packing: packing, hasIndex: false, declaredSize: size))
            for parts in [RecordingBuilder.Parts.all, []] {
                let file = try scratch.open(builder.finished(parts))
                #expect(try file.readAll() == builder.expected.filter { !(10...11).contains($0.logTime) })
                #expect(file.problemKinds == [.damagedChunk])
            }
        }
    }

    @Test func `a few bytes that stand for hundreds of megabytes are left out and not decompressed`() throws {
        // 300 MiB of zeros in blocks of which each repeats one byte; the size of the frame's content isn't given.
        let block: [UInt8] = [0x02 | 0, 0, 0x10, 0]
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0, 0x58] + (0..<2_400).flatMap { $0 < 2_399 ? block : [0x03, 0, 0x10, 0] }
        for size in [UInt64(2_400) << 17, 300 << 20] {
            let builder = threeChunks(.init(packing: .zstd, hasIndex: false, declaredSize: size, damage: { $0 = frame }))
            let file = try scratch.open(builder.finished([]))
            #expect(try file.readAll() == builder.expected.filter { !(10...11).contains($0.logTime) })
            #expect(file.problemKinds == [.damagedChunk])
            #expect(file.problems[0].message.contains("\(size) bytes in \(frame.count), more than any chunk may"))
        }
    }

    @Test func `a chunk without compression is used whatever size it declares`() throws {
        let builder = threeChunks(.init(hasIndex: false, declaredSize: 3))
        let file = try scratch.open(builder.finished())
        #expect(try file.readAll() == builder.expected)
        #expect(file.problemKinds == [.damagedChunk])
    }

    @Test func `records that end too early in a chunk give the messages before`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk(.init(packing: .lz4, hasIndex: false)) { chunk in
            chunk.message(1, at: 1, [1])
            chunk.raw([5] + number(UInt64.max) + [1, 2, 3])
        }
        builder.message(1, at: 2, [2])
        let file = try scratch.open(builder.finished([]))
        #expect(try file.readAll() == builder.expected)
        #expect(file.problemKinds == [.damagedChunk])
    }

    @Test(arguments: [
        UInt64(Int.max) - 8, UInt64(Int.max), UInt64(Int.max) + 1, UInt64.max - 8, UInt64.max,
    ]) func `a length near 2^63 in any record stops neither the reader nor what the summary lists`(length: UInt64) throws {
        for opcode in [0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x09, 0x0C, 0x0F, 0x42] as [UInt8] {
            var builder = RecordingBuilder()
            builder.schema(1, "a/B")
            builder.channel(1, "/a", schema: 1)
            builder.message(1, at: 1, [1])
            builder.raw([opcode] + number(length) + [1, 2, 3, 4])
            builder.chunk { $0.message(1, at: 2, [2]) }
            let indexed = try scratch.open(builder.finished())
            #expect(try indexed.readAll() == builder.expected)
            #expect(indexed.problemKinds == [.damagedRecord])
            let scanned = try scratch.open(builder.finished([]))
            #expect(try scanned.readAll() == builder.expected.filter { $0.logTime == 1 })
            #expect(!scanned.problems.isEmpty)
        }
    }

    @Test func `lengths within records that reach past them are damage, not a crash`() throws {
        let huge = number(UInt32.max)
        let records: [[UInt8]] = [
            record(3, number(UInt16(2)) + huge), record(3, number(UInt16(2)) + text("n") + text("e") + huge), record(3, [1]),
            record(3, number(UInt16(0)) + text("n") + text("e") + text("")), record(4, number(UInt16(2)) + number(UInt16(0)) + huge),
            record(4, number(UInt16(2)) + number(UInt16(0)) + text("t") + text("e") + counted(huge)), record(4, []),
            record(5, [1, 2, 3]), record(9, number(UInt64(0)) + number(UInt64(0)) + text("") + text("") + number(UInt64.max)),
            record(0x0C, huge),
        ]
        for bytes in records {
            var builder = RecordingBuilder()
            builder.channel(1, "/a", schema: 0)
            builder.raw(bytes)
            builder.message(1, at: 2, [2])
            let file = try scratch.open(builder.finished([]))
            #expect(try file.readAll() == builder.expected)
            #expect(file.problemKinds == [.damagedRecord])
        }
    }

    @Test func `one id for two things is reported, and the first counts`() throws {
        var builder = RecordingBuilder()
        builder.schema(1, "a/B")
        builder.channel(1, "/a", schema: 1)
        builder.raw(RecordingBuilder.schemaRecord(1, "a/B"))
        builder.raw(RecordingBuilder.channelRecord(1, "/a", schema: 1))
        #expect(try scratch.open(builder.finished()).problems == [])
        builder.raw(RecordingBuilder.schemaRecord(1, "a/B", data: "int32 y"))
        builder.raw(RecordingBuilder.channelRecord(1, "/other", schema: 1))
        let file = try scratch.open(builder.finished())
        #expect(file.problemKinds == [.conflictingSchema, .conflictingChannel])
        #expect(file.channels[1]?.topic == "/a")
        #expect(file.schemas[1]?.data == Array("int32 x".utf8))
    }

    @Test(arguments: RecordingBuilder.Packing.allCases) func `one id for two things within a chunk is reported once the chunk is read`(
        packing: RecordingBuilder.Packing
    ) throws {
        var builder = RecordingBuilder()
        builder.schema(1, "a/B")
        builder.channel(1, "/a", schema: 1)
        for number in UInt64(0)..<3 {
            builder.chunk(.init(packing: packing)) { chunk in
                chunk.raw(RecordingBuilder.schemaRecord(1, "a/B", data: number == 0 ? "int32 x" : "int32 y"))
                chunk.raw(RecordingBuilder.channelRecord(1, number == 0 ? "/a" : "/other", schema: 1))
                chunk.message(1, at: number)
            }
        }
        let second = try scratch.open(builder.finished()).storedChunk(1).place.lowerBound
        let ways: [(String, (MCAPFile) throws -> Void)] = [
            ("by index", { _ = try $0.readAll() }), ("in file order", { _ = try $0.readInFileOrder() }),
            ("verified", { try $0.verify { _, _, _ in } }),
            ("checked", { for number in 0..<3 { _ = try $0.check(chunk: number) } }),
        ]
        for (name, read) in ways {
            let file = try scratch.open(builder.finished())
            #expect(file.problems.isEmpty)
            try read(file)
            #expect(file.problemKinds == [.conflictingSchema, .conflictingChannel], "\(name)")
            #expect(file.problems.allSatisfy { $0.offset == second }, "\(name)")
            #expect(file.channels[1]?.topic == "/a")
        }
    }

    @Test func `an index entry outside its chunk makes the chunk be scanned`() throws {
        for offset in [1000, UInt64(Int.max), UInt64.max, UInt64.max - 30] as [UInt64] {
            let builder = threeChunks(.init(packing: .zstd, changeIndex: { $0[0].offset = offset }))
            let file = try scratch.open(builder.finished())
            #expect(try file.readAll() == builder.expected)
            #expect(file.problemKinds == [.wrongIndex])
        }
    }

    @Test func `an index entry that points to no message of its channel gives an error, not another message`() throws {
        // Into the middle of a record, and to a message of the other channel.
        for offset in [3, UInt64(9 + 22 + 1)] {
            let builder = threeChunks(.init(packing: .zstd, changeIndex: { $0[0].offset = offset }))
            let file = try scratch.open(builder.finished())
            let entry = try #require(try file.index(ofChannels: [1]).first { $0.logTime == 10 })
            #expect { try file.read(entry) } throws: { ($0 as? MCAPError)?.kind == .noSuchMessage }
        }
    }

    @Test func `a summary that places chunks where none can be is not used`() throws {
        let builder = threeChunks(.init(packing: .zstd))
        let bytes = builder.finished(summaryCRCDelta: nil)
        let index = try #require(lastIndex(of: 0x08, in: bytes))
        for place in [UInt64(0), 40, UInt64(bytes.count), UInt64.max] {
            var wrong = bytes
            wrong.replaceSubrange(index + 9 + 16..<index + 9 + 24, with: number(place))
            let file = try scratch.open(wrong)
            // A place within the file is believed until the chunk is wanted, and then found to be none.
            _ = try file.readAll()
            #expect(!file.problems.isEmpty)
        }
        var wrong = bytes
        wrong.replaceSubrange(index + 9 + 16..<index + 9 + 24, with: number(UInt64.max))
        let file = try scratch.open(wrong)
        #expect(try file.readAll() == builder.expected)
        #expect(file.problemKinds == [.damagedSummary])
    }

    @Test func `locations of another file are refused, not followed`() throws {
        let first = try scratch.open(smallRecording(.zstd).finished())
        let locations = try first.index(ofChannels: [0, 300]).map(\.location)
        var outside = RecordingBuilder()
        outside.channel(1, "/a", schema: 0)
        for time in 0..<200 as Range<UInt64> { outside.message(1, at: time) }
        let second = try scratch.open(outside.finished())
        for location in locations { #expect(throws: MCAPError.self) { try second.withMessage(at: location) { _, _ in } } }
        let far = try second.index(ofChannels: [1]).suffix(100).map(\.location)
        for location in far { #expect(throws: MCAPError.self) { try first.withMessage(at: location) { _, _ in } } }
    }

    @Test func `a file full of damage lists a bounded number of problems`() throws {
        var builder = RecordingBuilder()
        for _ in 0..<3000 { builder.raw(record(5, [1])) }
        let file = try scratch.open(builder.finished([]))
        #expect(file.problems.count == 1000)
        #expect(file.problems.last?.kind == .more)
    }

    /// Where the last record of an opcode starts in a file's summary.
    private func lastIndex(of opcode: UInt8, in bytes: [UInt8]) -> Int? {
        var found: Int?
        var place = 8
        while place + 9 <= bytes.count - 8 {
            if bytes[place] == opcode { found = place }
            place += 9 + Int(bytes[place + 1]) + Int(bytes[place + 2]) << 8
        }
        return found
    }
}
