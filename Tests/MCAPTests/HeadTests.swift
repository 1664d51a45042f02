import Bytes
import Testing

@testable import MCAP

@Suite struct HeadTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Read where they are mapped, messages are there as a whole; through the window no more than the beginning of long ones is.
    @Test(arguments: RecordingBuilder.Packing.allCases, [false, true])
    func `heads of long and short messages are read, and of long ones no more than the beginning`(
        packing: RecordingBuilder.Packing,
        mapped: Bool
    ) throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.channel(2, "/b", schema: 0)
        for chunk in 0..<3 as Range<UInt64> {
            builder.chunk(.init(packing: packing)) { records in
                for (number, size) in [0, 1, 64, 65, 95, 96, 97, 900, 3_000, 200_000, 5].enumerated() {
                    records.message(
                        number.isMultiple(of: 3) ? 2 : 1,
                        at: chunk * 100 + UInt64(number),
                        (0..<size).map { UInt8(truncatingIfNeeded: $0 / 3) }
                    )
                }
            }
        }
        for parts in [RecordingBuilder.Parts.all, []] {
            let file = try scratch.open(builder.finished(parts))
            file.mappingTrial = MappingTrial(file.mapped, isCheap: mapped)
            #expect(try file.readHeads() == builder.expected)
            var longest = 0
            file.isReadForHeads = true
            try file.forEachHead(ofChannels: [1]) { location, head, front, isWhole in
                #expect(location.channel == 1 && head.channelID == 1)
                if !isWhole { longest = max(longest, front.byteCount) }
            }
            #expect((longest > 0) == (packing == .none && !mapped))
            #expect(longest < 200)
            // Without the word that heads are enough, everything is read and checked.
            file.isReadForHeads = false
            try file.forEachHead(ofChannels: [1, 2]) { _, _, _, isWhole in #expect(isWhole) }
            #expect(file.problems == [])
        }
    }

    @Test func `a place where no message is, or another channel's, is refused`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk(.init(packing: .none)) { $0.message(1, at: 1, [1, 2, 3]) }
        let file = try scratch.open(builder.finished(.all))
        file.isReadForHeads = true
        for location in [
            MessageLocation(offset: 0, chunk: 0, channel: 2), MessageLocation(offset: 1, chunk: 0, channel: 1),
            MessageLocation(offset: 1 << 40, chunk: 0, channel: 1), MessageLocation(offset: 0, chunk: 1, channel: 1),
            MessageLocation(offset: .max, chunk: 0, channel: 1),
        ] {
            #expect(throws: MCAPError.self) { try file.withHead(at: location) { _, _, _ in } }
        }
        #expect(try file.withHead(at: MessageLocation(offset: 0, chunk: 0, channel: 1)) { head, _, _ in head.logTime } == 1)
    }
}
