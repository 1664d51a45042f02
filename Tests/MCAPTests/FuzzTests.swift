import MCAP
import TestSupport
import Testing

@Suite struct FuzzTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// An order in which only equal entries are equal.
    private static func precedes(_ first: MessageEntry, _ second: MessageEntry) -> Bool {
        let (left, right) = (first.location, second.location)
        return (left.chunk, left.offset, first.logTime, first.channel) < (right.chunk, right.offset, second.logTime, second.channel)
    }

    /// Does everything with a file that its user could; only errors may come of it.
    private func exercise(_ bytes: [UInt8]) throws {
        let file: MCAPFile
        do { file = try scratch.open(bytes, cacheLimit: 200) } catch is MCAPError { return }
        let entries = try file.index(ofChannels: file.allChannels)
        // Another reader, to which the first look at the indexes is this one.
        let other = try scratch.open(bytes, cacheLimit: 200)
        let listed = try other.listInFileOrder()
        #expect(listed == other.inFileOrder(listed))
        #expect(listed.sorted(by: Self.precedes) == entries.sorted(by: Self.precedes))
        #expect(other.problems == file.problems)
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.logTime <= $1.logTime })
        for entry in entries.prefix(100) { _ = try? file.read(entry) }
        let inFileOrder = try file.readInFileOrder()
        #expect(try file.readHeads() == inFileOrder)
        try file.forEachRecord { _, _ in }
        for chunk in file.storedChunks { file.withStoredChunk(chunk.number) { #expect($0.byteCount + $1.byteCount > 0) } }
        _ = file.dataSection
        // All that there is comes in log order too, unless a chunk that was left out or came late is reported.
        var inLogOrder: [Reading] = []
        try file.verify { _, head, data in inLogOrder.append(Reading(head, data)) }
        let all = try file.readInLogOrder(ofChannels: nil)
        #expect(all == inLogOrder)
        #expect(all.count >= inFileOrder.count)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.logTime <= $1.logTime } || file.problemKinds.contains(.wrongTimes))
        for attachment in file.attachments { _ = try? file.withAttachment(attachment) { $0.byteCount } }
        for metadata in file.metadata { _ = try? file.values(of: metadata) }
        if let range = file.timeRange { #expect(range.first <= range.last) }
    }

    @Test(arguments: RecordingBuilder.Packing.allCases, 1...4 as ClosedRange<UInt64>)
    func `flipped bits, foreign numbers and moved bytes give errors and problems only`(packing: RecordingBuilder.Packing, seed: UInt64)
        throws
    {
        var generator = SeededGenerator(seed: seed)
        var builder = smallRecording(packing, hasIndex: seed.isMultiple(of: 2))
        builder.message(0, at: 1, [1])
        // Without a checksum in the summary, damage in it is not found out at once.
        let original = builder.finished(seed == 4 ? [] : .all, summaryCRCDelta: nil)
        let hostile: [UInt64] = [0, 1, 0x7F, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, UInt64(Int.max), UInt64(Int.max) + 1, .max, .max - 8]
        for _ in 0..<400 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 8..<bytes.count - 8, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0, 1:
                    bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2:
                    bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 3:
                    bytes.replaceSubrange(place..<place + 8, with: number(hostile.randomElement(using: &generator) ?? 0))
                default:
                    let from = Int.random(in: 8..<bytes.count - 8, using: &generator)
                    bytes.replaceSubrange(place..<place + 8, with: Array(bytes[from..<from + 8]))
                }
            }
            try exercise(bytes)
        }
    }

    @Test func `every single flipped bit gives errors and problems only`() throws {
        var builder = RecordingBuilder()
        builder.schema(1, "a/B")
        builder.channel(1, "/a", schema: 1)
        builder.chunk { $0.message(1, at: 1, [1]) }
        let original = builder.finished(summaryCRCDelta: nil)
        for bit in 64..<8 * original.count {
            var bytes = original
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            try exercise(bytes)
        }
    }
}
