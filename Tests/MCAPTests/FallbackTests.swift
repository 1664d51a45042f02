import MCAP
import Testing

/// Files that are whole but say less about themselves than they could.
@Suite struct FallbackTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test(arguments: 0..<16, [true, false])
    func `whatever the summary leaves out, the messages are the same`(parts: Int, hasIndex: Bool) throws {
        for packing in RecordingBuilder.Packing.allCases {
            let builder = smallRecording(packing, hasIndex: hasIndex)
            for withDataEnd in [true, false] {
                let file = try scratch.open(builder.finished(.init(rawValue: parts), withDataEnd: withDataEnd))
                #expect(file.channels.keys.sorted() == [0, 300])
                #expect(file.schemas.keys.sorted() == [7])
                #expect(file.messageCounts == [0: 6, 300: 6])
                #expect(file.timeRange?.first == 100)
                #expect(file.timeRange?.last == 125)
                #expect(try file.readAll() == builder.expected)
                #expect(try file.readInFileOrder() == builder.messages.map(\.reading))
                #expect(file.metadata.map(\.name) == ["notes"])
                #expect(file.problems == [])
            }
        }
    }

    @Test func `messages outside chunks are found beside those that the summary indexes`() throws {
        var builder = RecordingBuilder()
        builder.schema(1, "a/B")
        builder.channel(1, "/a", schema: 1)
        builder.message(1, at: 1, [1])
        builder.chunk { $0.message(1, at: 2, [2]) }
        builder.message(1, at: 3, [3])
        builder.chunk { $0.message(1, at: 4, [4]) }
        builder.message(1, at: 5, [5])
        let file = try scratch.open(builder.finished())
        #expect(try file.readAll() == builder.expected)
        #expect(file.timeRange?.first == 1)
        #expect(file.timeRange?.last == 5)
        #expect(file.problems == [])
    }

    @Test func `a file without chunks is read`() throws {
        var builder = RecordingBuilder()
        builder.channel(4, "/a", schema: 0)
        for time in [3, 1, 2] as [UInt64] { builder.message(4, at: time, [UInt8(time)]) }
        for parts in [RecordingBuilder.Parts.all, []] {
            let file = try scratch.open(builder.finished(parts))
            #expect(try file.readAll().map(\.logTime) == [1, 2, 3])
            #expect(file.messageCounts == [4: 3])
            #expect(file.problems == [])
        }
    }

    @Test func `a summary with a wrong checksum is not trusted, one without a checksum is`() throws {
        let builder = smallRecording(.zstd)
        let wrong = try scratch.open(builder.finished(summaryCRCDelta: 1))
        #expect(wrong.problemKinds == [.damagedSummary])
        #expect(try wrong.readAll() == builder.expected)
        let none = try scratch.open(builder.finished(summaryCRCDelta: nil))
        #expect(none.problems == [])
        #expect(try none.readAll() == builder.expected)
    }

    @Test func `verification looks at the footer's checksum where there is no summary, too`() throws {
        let builder = smallRecording(.none)
        for (delta, kinds) in [(0, []), (nil, []), (1, [.crcMismatch])] as [(UInt32?, Set<MCAPProblem.Kind>)] {
            let file = try scratch.open(builder.finished([], summaryCRCDelta: delta))
            try file.verify { _, _, _ in }
            #expect(file.problemKinds == kinds)
        }
        // Where a summary was, and the footer no longer tells of it.
        var bytes = builder.finished()
        bytes.replaceSubrange((bytes.count - 28)..<(bytes.count - 20), with: repeatElement(0, count: 8))
        let file = try scratch.open(bytes)
        try file.verify { _, _, _ in }
        #expect(file.problemKinds.contains(.crcMismatch))
    }

    @Test func `a channel that is described nowhere is reported with its messages`() throws {
        var builder = RecordingBuilder()
        builder.message(9, at: 1)
        builder.channel(1, "/a", schema: 77)
        let file = try scratch.open(builder.finished([]))
        #expect(file.messageCounts == [9: 1])
        #expect(file.problemKinds == [.damagedRecord])
        #expect(file.problems.count == 2)
    }

    @Test func `what follows the closing magic is ignored`() throws {
        let builder = smallRecording(.zstd)
        for tail in [[0], Array(repeating: 0, count: 4096), Array(repeating: 0xAB, count: 7)] as [[UInt8]] {
            let file = try scratch.open(builder.finished() + tail)
            #expect(try file.readAll() == builder.expected)
            #expect(file.problems == [])
        }
    }

    @Test func `statistics that count other messages than there are are corrected by a scan`() throws {
        var builder = smallRecording(.zstd)
        builder.declaredCounts = [0: 5, 300: 7]
        let file = try scratch.open(builder.finished())
        #expect(file.messageCounts == [0: 5, 300: 7])
        #expect(try file.readAll() == builder.expected)
        #expect(file.messageCounts == [0: 6, 300: 6])
        #expect(file.problemKinds == [.wrongIndex])
    }

    @Test func `an index that leaves messages out is found out by the statistics`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk(.init(packing: .zstd, changeIndex: { $0.removeLast() })) { chunk in
            chunk.message(1, at: 1)
            chunk.message(1, at: 2)
        }
        for parts in [RecordingBuilder.Parts.all, []] {
            let file = try scratch.open(builder.finished(parts))
            #expect(try file.readAll() == builder.expected)
            #expect(file.problemKinds == [.wrongIndex])
        }
    }

    @Test func `a list in the order of the file starts over where the statistics show that an index is wrong`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk { chunk in
            chunk.message(1, at: 3)
            chunk.message(1, at: 1)
        }
        builder.chunk(.init(packing: .zstd, changeIndex: { $0.removeLast() })) { chunk in
            chunk.message(1, at: 2)
            chunk.message(1, at: 4)
        }
        let file = try scratch.open(builder.finished())
        #expect(try file.listInFileOrder().map(\.logTime) == [3, 1, 2, 4])
        let other = try scratch.open(builder.finished())
        #expect(try other.index(ofChannels: [1]).map(\.logTime) == [1, 2, 3, 4])
        #expect(file.problems == other.problems)
        #expect(file.messageCounts == other.messageCounts)
    }
}
