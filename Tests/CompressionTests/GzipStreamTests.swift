import Compression
import ExportCore
import Foundation
import Synchronization
import Testing

/// What a gzip stream gave, in the order in which it came.
private final class Collector: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var all: [UInt8] { bytes.withLock { $0 } }

    func take(_ member: [UnsafeRawBufferPointer]) {
        bytes.withLock { bytes in
            for piece in member { bytes.append(contentsOf: piece) }
        }
    }
}

private struct OutputRefused: Error {}

private func compress(_ bytes: [UInt8], threads: Int, piece: Int = 1 << 20) throws -> [UInt8] {
    let collector = Collector()
    let stream = GzipStream(threads: threads, cancellation: Cancellation()) { collector.take($0) }
    for start in Swift.stride(from: 0, to: bytes.count, by: piece) {
        try bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { try stream.write($0) }
    }
    try stream.finish()
    return collector.all
}

/// What gzip(1) makes of the bytes; it checks lengths and checksums.
private func decompress(_ bytes: [UInt8]) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "exportd-gzip-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "x.gz")
    try Data(bytes).write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/gzip")
    process.arguments = ["-dc", file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return [UInt8](output)
}

private func noise(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
}

private func table(lines: Int) -> [UInt8] {
    Array(
        (0..<lines).map { "dataset,\($0),\(1_767_225_600_000_000_000 + $0 * 33_333_333),\($0 * 7919 % 1000),0.\($0 * 104_729 % 99_991)\n" }
            .joined().utf8
    )
}

@Suite struct GzipStreamTests {
    @Test(arguments: [0, 1, 65_535, 65_536, 524_287, 524_288, 524_289, 2_000_003])
    func `gzip reads back what was compressed, whatever its length`(count: Int) throws {
        let text = Array(table(lines: 40_000).prefix(count))
        #expect(try decompress(compress(text, threads: 2)) == text)
        let random = noise(count, seed: 1)
        #expect(try decompress(compress(random, threads: 2)) == random)
    }

    @Test func `the bytes depend neither on the threads nor on the pieces`() throws {
        let bytes = table(lines: 30_000) + noise(1_700_000, seed: 2) + table(lines: 20_000) + [UInt8](repeating: 0, count: 900_000)
        let one = try compress(bytes, threads: 1)
        #expect(try decompress(one) == bytes)
        for (threads, piece) in [(2, 1 << 20), (4, 1000), (9, 3_000_000), (1, 333)] {
            #expect(try compress(bytes, threads: threads, piece: piece) == one)
        }
    }

    @Test(arguments: [0, 700, 524_288, 1_500_000])
    func `bytes that are put where the stream has room for them are the same as those that are copied`(count: Int) throws {
        let bytes = Array((table(lines: 30_000) + noise(1 << 20, seed: 6)).suffix(count))
        let collector = Collector()
        let stream = GzipStream(threads: 1, cancellation: Cancellation()) { collector.take($0) }
        var done = 0
        while true {
            let room = try stream.room()
            try #require(!room.isEmpty)
            let piece = bytes[done..<min(done + 70_000, done + room.count, bytes.count)]
            // Asked for once more when there is nothing left, as one who reads a file to its end does.
            if piece.isEmpty { break }
            room.copyBytes(from: piece)
            try stream.write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<piece.count]))
            done += piece.count
        }
        try stream.finish()
        #expect(try collector.all == compress(bytes, threads: 2))
    }

    @Test func `content that is compressed already is stored, text is deflated`() throws {
        let random = noise(3 << 20, seed: 3)
        let stored = try compress(random, threads: 2)
        #expect(stored.count > random.count)
        #expect(Double(stored.count) < Double(random.count) * 1.0003)
        let text = table(lines: 60_000)
        #expect(try compress(text, threads: 2).count * 2 < text.count)
    }

    @Test func `repetition is found in bytes that are all as frequent`() throws {
        let ramp = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: $0) }
        #expect(try compress(ramp, threads: 1).count * 20 < ramp.count)
    }

    @Test func `every member says no name, no time and no system`() throws {
        let bytes = try compress(table(lines: 100), threads: 1)
        #expect(Array(bytes.prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
    }

    @Test(arguments: [1, 2, 5])
    func `what the output throws comes out and ends the stream`(threads: Int) throws {
        let calls = Mutex(0)
        let stream = GzipStream(threads: threads, cancellation: Cancellation()) { _ in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            if call == 3 { throw OutputRefused() }
        }
        let bytes = noise(1 << 20, seed: 4)
        #expect(throws: OutputRefused.self) {
            for _ in 0..<64 { try bytes.withUnsafeBytes { try stream.write($0) } }
        }
        #expect(throws: OutputRefused.self) { try stream.finish() }
        #expect(calls.withLock { $0 } == 3)
    }

    @Test(arguments: [1, 3])
    func `a cancelled stream stops`(threads: Int) throws {
        let cancellation = Cancellation()
        let stream = GzipStream(threads: threads, cancellation: cancellation) { _ in cancellation.cancel() }
        let bytes = noise(1 << 20, seed: 5)
        #expect(throws: CancellationError.self) {
            for _ in 0..<64 { try bytes.withUnsafeBytes { try stream.write($0) } }
        }
    }

    @Test func `a stream may be given up before its end`() throws {
        let collector = Collector()
        var stream: GzipStream? = GzipStream(threads: 4, cancellation: Cancellation()) { collector.take($0) }
        let bytes = table(lines: 100_000)
        try bytes.withUnsafeBytes { try stream?.write($0) }
        // Returns only once all the stream's threads have ended.
        stream = nil
        #expect(collector.all.count < bytes.count)
    }
}
