import MCAP
import TestSupport
import Testing

/// Reading by log time, chunk by chunk.
@Suite struct LogOrderTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A recording whose chunks overlap at random, with equal times, messages out of order and some outside chunks.
    private func tangled(_ seed: UInt64, hasIndex: Bool = true) -> RecordingBuilder {
        var random = SeededGenerator(seed: seed)
        var builder = RecordingBuilder()
        builder.schema(1, "a/B")
        for channel in [0, 3, 500] as [UInt16] { builder.channel(channel, "/\(channel)", schema: 1) }
        let span = UInt64.random(in: 1...60, using: &random)
        func fill() -> (UInt16, UInt64, [UInt8]) {
            ([0, 3, 500].randomElement(using: &random) ?? 0, .random(in: 1...span, using: &random), [.random(in: 0...255, using: &random)])
        }
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            if Int.random(in: 0..<4, using: &random) == 0 {
                for _ in 0..<3 {
                    let (channel, time, data) = fill()
                    builder.message(channel, at: time, data)
                }
                continue
            }
            let packing = RecordingBuilder.Packing.allCases.randomElement(using: &random) ?? .none
            let count = Int.random(in: 0...8, using: &random)
            let messages = (0..<count).map { _ in fill() }
            builder.chunk(.init(packing: packing, hasIndex: hasIndex)) { chunk in
                for (channel, time, data) in messages { chunk.message(channel, at: time, data) }
            }
        }
        return builder
    }

    @Test(arguments: 0..<150 as Range<UInt64>)
    func `overlapping chunks and equal times come by log time and then in the order of the file`(seed: UInt64) throws {
        let builder = tangled(seed, hasIndex: !seed.isMultiple(of: 3))
        for parts in [RecordingBuilder.Parts.all, []] {
            for cacheLimit in [0, 1 << 20] {
                let file = try scratch.open(builder.finished(parts), cacheLimit: cacheLimit)
                #expect(try file.readInLogOrder() == builder.expected)
                #expect(try file.readInLogOrder(ofChannels: nil) == builder.expected)
                var listed: [Reading] = []
                try file.forEachEntryInLogOrder(ofChannels: nil) { listed.append(try file.read($0)) }
                #expect(listed == builder.expected)
                #expect(file.problems == [])
            }
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `a window takes its first moment and not its last, of the wanted channels only`(seed: UInt64) throws {
        let builder = tangled(seed)
        let file = try scratch.open(builder.finished())
        for (start, end) in [(nil, 10), (10, nil), (5, 15), (7, 8), (15, 5), (nil, 0), (0, UInt64.max)] as [(UInt64?, UInt64?)] {
            for channels in [[3], [0, 500], [77], []] as [Set<UInt16>] {
                let expected = builder.expected.filter { message in
                    guard channels.contains(message.channel), message.logTime >= start ?? 0 else { return false }
                    if let end { return message.logTime < end }
                    return true
                }
                #expect(try file.readInLogOrder(ofChannels: channels, from: start, to: end) == expected)
                var count = 0
                try file.forEachEntryInLogOrder(ofChannels: channels, from: start, to: end) { _ in count += 1 }
                #expect(count == expected.count)
            }
        }
    }

    @Test func `the last nanosecond that there is can be read`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk { $0.message(1, at: .max, [9]) }
        let file = try scratch.open(builder.finished())
        #expect(try file.readInLogOrder() == builder.expected)
        #expect(try file.readInLogOrder(from: .max).count == 1)
        #expect(try file.readInLogOrder(to: .max).isEmpty)
    }

    @Test func `a location given in log order reads the same message again`() throws {
        let builder = tangled(4)
        let file = try scratch.open(builder.finished())
        var again: [Reading] = []
        try file.forEachInLogOrder(ofChannels: nil) { location, _, _ in
            again.append(try file.withMessage(at: location) { head, data in Reading(head, data) })
        }
        #expect(again == builder.expected)
    }

    @Test func `an index that lists no message of a channel loses none where the statistics know better`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.channel(2, "/b", schema: 0)
        builder.chunk(.init(packing: .zstd, changeIndex: { $0.removeAll { $0.channel == 2 } })) { chunk in
            chunk.message(1, at: 1)
            chunk.message(2, at: 2)
        }
        let file = try scratch.open(builder.finished())
        #expect(try file.readInLogOrder(ofChannels: [2]).map(\.logTime) == [2])
    }

    @Test func `a chunk that is earlier than it declares is reported`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        builder.chunk { $0.message(1, at: 10) }
        builder.chunk(.init(declaredTimes: (20, 30))) { chunk in
            chunk.message(1, at: 5)
            chunk.message(1, at: 25)
        }
        let indexed = try scratch.open(builder.finished())
        #expect(try indexed.readInLogOrder().map(\.logTime) == [10, 5, 25])
        #expect(indexed.problemKinds == [.wrongTimes])
        // A scan finds the true times before anything is given.
        let scanned = try scratch.open(builder.finished([]))
        #expect(try scanned.readInLogOrder().map(\.logTime) == [5, 10, 25])
        #expect(scanned.problemKinds == [.wrongTimes])
    }

    @Test func `damaged chunks are left out with a problem`() throws {
        var builder = RecordingBuilder()
        builder.channel(1, "/a", schema: 0)
        for time in 0..<3 as Range<UInt64> {
            builder.chunk(.init(packing: .zstd, damage: { if time == 1 { $0[0] ^= 0xFF } })) { $0.message(1, at: time + 1) }
        }
        let file = try scratch.open(builder.finished())
        #expect(try file.readInLogOrder().map(\.logTime) == [1, 3])
        #expect(file.problemKinds == [.damagedChunk])
    }
}

extension Reading {
    init(_ head: MessageHead, _ data: RawSpan) {
        self.init(channel: head.channelID, logTime: head.logTime, data: data.withUnsafeBytes { [UInt8]($0) })
    }
}

extension MCAPFile {
    /// Messages by log time, without an index of the file.
    func readInLogOrder(ofChannels channels: Set<UInt16>?, from start: UInt64? = nil, to end: UInt64? = nil) throws -> [Reading] {
        var result: [Reading] = []
        try forEachInLogOrder(ofChannels: channels, from: start, to: end) { _, head, data in result.append(Reading(head, data)) }
        return result
    }

    func readInLogOrder(from start: UInt64? = nil, to end: UInt64? = nil) throws -> [Reading] {
        try readInLogOrder(ofChannels: allChannels, from: start, to: end)
    }
}
