import Foundation
import MCAP
import Testing

/// Every combination of what a writer may leave in or out.
@Suite struct VariantTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: Contents.allCases)
    func `every valid file gives the same messages, all its records and no problem`(contents: Contents) throws {
        for bits in 0..<(1 << Features.count) {
            let features = Features(rawValue: bits)
            guard features.isSensible else { continue }
            let builder = VariantBuilder(features, contents)
            let file = try scratch.open(builder.bytes)

            var messages: [[UInt8]] = []
            try file.forEachInLogOrder(ofChannels: nil) { _, head, data in
                #expect(head.publishTime == head.logTime / 2)
                messages.append(data.withUnsafeBytes { [UInt8]($0) })
            }
            #expect(messages == builder.order.map(VariantBuilder.data), "\(features)")
            #expect(try file.readHeads() == file.readInFileOrder(), "\(features)")

            var records: [String] = []
            try file.forEachRecord { record, content in records.append(record.line(content)) }
            #expect(records == builder.records, "\(features)")
            #expect(file.statistics?.line(RawSpan()) == builder.statistics, "\(features)")

            #expect(file.channels.count == (contents.times.isEmpty ? 0 : 1))
            #expect(file.attachments.count == (contents.hasAttachment ? 1 : 0))
            #expect(file.metadata.count == (contents.hasMetadata ? 1 : 0))
            try file.verify { _, _, _ in }
            #expect(file.problems == [], "\(features)")
        }
    }

    @Test func `a summary of chunk indexes alone sends the reader to the chunks for schemas and channels`() throws {
        let file = try scratch.open(VariantBuilder([.chunks, .messageIndexes, .chunkIndexes], .tenMessages).bytes)
        #expect(file.channels[0]?.topic == "example")
        #expect(file.schemas[1]?.name == "Example")
        #expect(file.messageCounts == [0: 10])
    }

    @Test func `opcodes of other programs and of times to come are passed over, at the top and in chunks`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        for opcode in [0x10, 0x7F, 0x80, 0xFF] as [UInt8] {
            builder.raw(record(opcode, [1, 2, 3]))
            builder.chunk(.init(packing: .lz4)) { chunk in
                chunk.raw(record(opcode, []))
                chunk.message(1, at: UInt64(opcode), [opcode])
                chunk.raw(record(opcode, [9]))
            }
        }
        for parts in [RecordingBuilder.Parts.all, []] {
            let file = try scratch.open(builder.finished(parts))
            #expect(try file.readAll() == builder.expected)
            #expect(try file.readInLogOrder() == builder.expected)
            var types: Set<String> = []
            try file.forEachRecord { record, _ in types.insert(record.type) }
            #expect(types.isSubset(of: ["Header", "Channel", "Message", "DataEnd", "Statistics", "ChunkIndex", "Footer"]))
            #expect(file.problems == [])
        }
    }

    @Test func `what a recorder appends while the file is read is not seen and does no harm`() throws {
        let builder = smallRecording(.zstd)
        let bytes = builder.finished()
        let file = try scratch.open(bytes)
        let growing = try FileHandle(forWritingTo: URL(filePath: file.path))
        try growing.seekToEnd()
        try growing.write(contentsOf: Data(repeating: 7, count: 100_000))
        #expect(file.byteCount == bytes.count)
        #expect(try file.readInLogOrder() == builder.expected)
        // Opened again, it has something behind its end.
        let again = try MCAPFile(path: file.path)
        #expect(try again.readInLogOrder() == builder.expected)
    }
}

extension RecordFields {
    /// As `VariantBuilder` writes them.
    func line(_ content: RawSpan) -> String {
        let bytes = content.withUnsafeBytes { [UInt8]($0) }
        let fields = fields.map { name, value in
            switch value {
            case .number(let number): (name, String(number))
            case .text(let text): (name, text)
            case .bytes(let range): (name, "\(Array(bytes[range]))")
            case .texts(let texts): (name, "\(texts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })")
            case .numbers(let numbers): (name, "\(numbers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })")
            }
        }
        return VariantBuilder.line(type, fields)
    }
}
