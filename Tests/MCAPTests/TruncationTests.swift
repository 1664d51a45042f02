import ExportCore
import MCAP
import Testing

@Suite struct TruncationTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: RecordingBuilder.Packing.allCases, [true, false])
    func `a file cut at any byte gives every message before the cut, and says that it is cut`(
        packing: RecordingBuilder.Packing,
        hasIndex: Bool
    ) throws {
        let builder = smallRecording(packing, hasIndex: hasIndex)
        let bytes = builder.finished()
        for cut in 8..<bytes.count {
            let file = try scratch.open(bytes[..<cut])
            let whole = builder.messages.filter { $0.neededBytes <= cut }
            let read = try file.readAll()
            // Both libraries give parts of stored blocks, so a message may be had before its block is whole.
            let bound = builder.messages.prefix(read.count)
            #expect(read.count >= whole.count, "cut at \(cut)")
            if packing == .none { #expect(read.count == whole.count, "cut at \(cut)") }
            #expect(read == RecordingBuilder.ordered(Array(bound)), "cut at \(cut)")
            #expect(try file.readInFileOrder() == bound.map(\.reading), "cut at \(cut)")
            #expect(try file.readHeads() == bound.map(\.reading), "cut at \(cut)")
            #expect(try file.readInLogOrder() == read, "cut at \(cut)")
            #expect(file.messageCounts.values.reduce(0, +) == UInt64(read.count))
            #expect(file.problems.map(\.kind) == [.truncated], "cut at \(cut): \(file.problems)")
        }
    }

    @Test func `messages outside chunks before a cut are read`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        for time in 1...4 as ClosedRange<UInt64> { builder.message(1, at: time, [1, 2, 3]) }
        for cut in 8..<builder.bytes.count {
            let file = try scratch.open(builder.bytes[..<cut])
            let whole = builder.messages.filter { $0.neededBytes <= cut }
            #expect(try file.readAll() == whole.map(\.reading))
            #expect(file.problems.map(\.kind) == [.truncated])
        }
    }

    @Test(arguments: [0, UInt64.max] as [UInt64])
    func `a chunk that its writer never closed gives its messages`(placeholder: UInt64) throws {
        for packing in RecordingBuilder.Packing.allCases {
            var builder = RecordingBuilder()
            let start = builder.bytes.count
            builder.chunk(.init(packing: packing, hasIndex: false)) { chunk in
                chunk.raw(RecordingBuilder.channelRecord(1, "/a", schema: 0))
                chunk.message(1, at: 1, [1])
                chunk.message(1, at: 2, [2])
            }
            var bytes = builder.bytes
            let name = packing.name.utf8.count
            // The lengths of the record, of the uncompressed and of the stored records; times and checksum.
            for place in [start + 1, start + 9 + 16, start + 9 + 32 + name] {
                bytes.replaceSubrange(place..<place + 8, with: number(placeholder))
            }
            bytes.replaceSubrange(start + 9 + 24..<start + 9 + 28, with: number(UInt32.max))
            let file = try scratch.open(bytes)
            #expect(try file.readAll() == builder.expected)
            #expect(file.channels[1]?.topic == "/a")
            #expect(file.problemKinds == [.truncated])
        }
    }

    @Test func `a file cut before its first record is a recording without messages`() throws {
        let file = try scratch.open(RecordingBuilder.magic)
        #expect(file.messageCounts == [:])
        #expect(file.problemKinds == [.truncated])
    }

    @Test func `what is no MCAP file is refused with a sentence`() throws {
        for (bytes, words) in [
            ([], "is empty"), ([0x89, 0x4D], "only 2 bytes long"), (Array("#ROSBAG V2.0\n".utf8), "not an MCAP file"),
            ([0x89, 0x4D, 0x43, 0x41, 0x50, 0x31, 0x0D, 0x0A], "version"),
        ] as [([UInt8], String)] {
            #expect { _ = try scratch.open(bytes) } throws: { error in
                guard let error = error as? MCAPError else { return false }
                return error.kind == .notMCAP && error.message.contains(words) && error.exportError.code == .datasetUnreadable
            }
        }
    }
}
