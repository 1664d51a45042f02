import Foundation
import MCAP
import Testing

/// Verification of chunks that are longer than what is read of them at once.
@Suite struct VerificationTests {
    private static let compressions: [MCAPWriter.Compression] = [.none, .zstd, .lz4]
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Three chunks of half a megabyte: noise, which is stored as it is, beside text, which isn't.
    private func write(_ compression: MCAPWriter.Compression) throws -> [Reading] {
        let writer = try scratch.writer("long.mcap", compression: compression, chunkSize: 500_000)
        try writer.define(topics: ["/a"])
        var noise = SplitMix(seed: 11)
        let messages = (0..<90 as Range<UInt64>).map { number in
            Reading(channel: 1, logTime: number * 10, data: (0..<16_000).map { $0 % 3 == 0 ? UInt8(ascii: "x") : noise.next() })
        }
        for message in messages { try writer.write(message) }
        _ = try writer.finish()
        return messages
    }

    private func verified(_ before: () throws -> Void = {}) throws -> (messages: [Reading], problems: [MCAPProblem]) {
        let file = try MCAPFile(path: scratch.path("long.mcap"))
        try before()
        var messages: [Reading] = []
        try file.verify { _, head, data in messages.append(Reading(head, data)) }
        return (messages, file.problems)
    }

    @Test(arguments: compressions) func `messages of long chunks are whole and nothing is wrong`(compression: MCAPWriter.Compression) throws
    {
        let messages = try write(compression)
        let (found, problems) = try verified()
        #expect(checksum(found) == checksum(messages))
        #expect(problems == [])
    }

    @Test(arguments: compressions) func `a byte changed anywhere in long chunks is found`(compression: MCAPWriter.Compression) throws {
        _ = try write(compression)
        let sound = try scratch.bytes("long.mcap")
        for place in stride(from: 100, to: sound.count - 100, by: 31_337) {
            var bytes = sound
            bytes[place] ^= 0x10
            try scratch.write(bytes, "long.mcap")
            #expect(try !verified().problems.isEmpty, "byte \(place)")
        }
    }

    @Test(arguments: compressions) func `a file whose name another one took meanwhile is the one that is verified`(
        compression: MCAPWriter.Compression
    ) throws {
        let messages = try write(compression)
        let path = scratch.path("long.mcap")
        let (found, problems) = try verified {
            try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
            try Data(repeating: 7, count: 10_000_000).write(to: URL(filePath: path))
        }
        #expect(checksum(found) == checksum(messages))
        #expect(problems == [])
    }
}

/// Bytes without any order, the same every time.
private struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt8 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        return UInt8(truncatingIfNeeded: mixed >> 27)
    }
}
