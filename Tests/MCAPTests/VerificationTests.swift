import Bytes
import Compression
import Foundation
import TestSupport
import Testing

@testable import MCAP

/// Verification of chunks that are longer than what is read of them at once.
@Suite struct VerificationTests {
    private static let compressions: [MCAPWriter.Compression] = [.none, .zstd, .lz4]
    /// Whether chunks are read where the file is mapped, or through a window.
    private static let ways = [true, false]
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Three chunks of half a megabyte: noise, which is stored as it is, beside text, which isn't.
    private func write(_ compression: MCAPWriter.Compression) throws -> [Reading] {
        let writer = try scratch.writer("long.mcap", compression: compression, chunkSize: 500_000)
        try writer.define(topics: ["/a"])
        var noise = SeededGenerator(seed: 11)
        let messages = (0..<90 as Range<UInt64>).map { number in
            Reading(
                channel: 1,
                logTime: number * 10,
                data: (0..<16_000).map { $0 % 3 == 0 ? UInt8(ascii: "x") : UInt8.random(in: .min ... .max, using: &noise) }
            )
        }
        for message in messages { try writer.write(message) }
        _ = try writer.finish()
        return messages
    }

    private func verified(mapped: Bool, _ before: () throws -> Void = {}) throws -> (messages: [Reading], problems: [MCAPProblem]) {
        let file = try MCAPFile(path: scratch.path("long.mcap"))
        file.mappingTrial = MappingTrial(file.mapped, isCheap: mapped)
        try before()
        var messages: [Reading] = []
        try file.verify { _, head, data in messages.append(Reading(head, data)) }
        return (messages, file.problems)
    }

    @Test(arguments: compressions, ways) func `messages of long chunks are whole and nothing is wrong`(
        compression: MCAPWriter.Compression,
        mapped: Bool
    ) throws {
        let messages = try write(compression)
        let (found, problems) = try verified(mapped: mapped)
        #expect(checksum(found) == checksum(messages))
        #expect(problems == [])
    }

    @Test(arguments: compressions, ways) func `a byte changed anywhere in long chunks is found`(
        compression: MCAPWriter.Compression,
        mapped: Bool
    ) throws {
        _ = try write(compression)
        let sound = try scratch.bytes("long.mcap")
        for place in stride(from: 100, to: sound.count - 100, by: 31_337) {
            var bytes = sound
            bytes[place] ^= 0x10
            try scratch.write(bytes, "long.mcap")
            #expect(try !verified(mapped: mapped).problems.isEmpty, "byte \(place)")
        }
    }

    @Test(arguments: compressions, ways) func `a file whose name another one took meanwhile is the one that is verified`(
        compression: MCAPWriter.Compression,
        mapped: Bool
    ) throws {
        let messages = try write(compression)
        let path = scratch.path("long.mcap")
        let (found, problems) = try verified(mapped: mapped) {
            try FileManager.default.moveItem(atPath: path, toPath: path + ".old")
            try Data(repeating: 7, count: 10_000_000).write(to: URL(filePath: path))
        }
        #expect(checksum(found) == checksum(messages))
        #expect(problems == [])
    }

    @Test(arguments: compressions, ways) func `a chunk's wrong checksum and that of the data are told apart`(
        compression: MCAPWriter.Compression,
        mapped: Bool
    ) throws {
        _ = try write(compression)
        let file = try MCAPFile(path: scratch.path("long.mcap"))
        // Behind its opcode, length, two times and size.
        let ofChunk = file.storedChunk(1).place.lowerBound + 9 + 24
        let (dataEnd, ofData) = (file.dataSection.place.upperBound, file.dataSection.place.upperBound + 9)
        let sound = try scratch.bytes("long.mcap")
        func problems(_ change: (inout [UInt8]) -> Void) throws -> [Int?] {
            var bytes = sound
            change(&bytes)
            try scratch.write(bytes, "long.mcap")
            let problems = try verified(mapped: mapped).problems
            #expect(problems.allSatisfy { $0.kind == .crcMismatch })
            return problems.map(\.offset)
        }
        func sumUp(_ bytes: inout [UInt8]) {
            let checksum = CRC32.of(Array(bytes[..<dataEnd]))
            for byte in 0..<4 { bytes[ofData + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * byte)) }
        }
        #expect(try problems { sumUp(&$0) } == [])
        func summedUp(_ bytes: inout [UInt8]) {
            bytes[ofChunk] ^= 1
            sumUp(&bytes)
        }
        #expect(try problems(summedUp) == [file.storedChunk(1).place.lowerBound])
        #expect(try problems { $0[ofData] ^= 1 } == [dataEnd])
        #expect(try problems { $0[ofChunk] ^= 1 } == [file.storedChunk(1).place.lowerBound, dataEnd])
    }
}
