import Foundation
import Testing

@testable import Compression

/// What the fixtures below hold.
private let plain = (0..<300).flatMap { Array("joint \($0 % 7) moved\n".utf8) }

/// The plain text as the formats' own libraries compressed it, at other settings each.
private let fixtures: [(name: String, text: String)] = [
    ("zstd", "KLUv/WBoD00BAKBqb2ludCAwIG1vdmVkCjEyMzQ1NgggkGPjA1B24N7BDnncwXKEGKwS"),
    (
        "zstd",
        "KLUv/QRYrQUABtQmEcAVqwEckF0MWlUvKSmsqHpCJAAfAB8AnHKXU+5yyl1OucspdznlLqfc5ZS7nHKXUzAQh1EIEQYEAIyAdznlLqfc5ZS7nHKXU+5yyl1OucspdznlLqfc5ZS7"
            + "AVPucspdTrnLKXc55S6n3OWUu5xyl1PucspdTrnLKQHBQBxGIbiccpdT7nLKXU65yyl3OeUup9zllLuccpdT7jKBK6gR4O934c8BESgE+wdJJplhGgKoqmyl/Qw="
    ),
    ("lz4", "BCJNGGxAaBAAAAAAAAD5QgAAAOJqb2ludCAwIG1vdmVkCg4AGTEOABkyDgAZMw4AGTQOABk1DgAZNg4AD2IA////////////////////91BvdmVkCgAAAAAbmwUn"),
    (
        "bz2",
        "QlpoOTFBWSZTWdIitdgABC9ZgAAQQAB/AAYzhQAgAJAppkYmJiBSqjJpmk0bU4KR2UjCTG1J7pN6TikxSekmCkclIyUjJSOikalI+lI/FI7KRkpGxSP4u5Ip"
            + "woSGkRWuwA=="
    ),
]

private func fixture(_ index: Int) throws -> [UInt8] {
    [UInt8](try #require(Data(base64Encoded: fixtures[index].text)))
}

private func decompressor(_ name: String) throws -> any Decompressor {
    switch name {
    case "lz4": try LZ4Decompressor()
    case "bz2": BZip2Decompressor()
    default: try ZstdDecompressor()
    }
}

/// Compressed bytes that notice in which order they are taken.
private final class Watch: CompressedInput {
    private let bytes: [UInt8]
    private(set) var taken = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var count: Int { bytes.count }

    func withBytes<R>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        #expect(range.lowerBound == taken)
        taken = range.upperBound
        return bytes[range].withUnsafeBytes(body)
    }
}

@Suite struct DecompressorTests {
    @Test(arguments: fixtures.indices) func `a frame gives its bytes, again and again from one context`(index: Int) throws {
        let decompressor = try decompressor(fixtures[index].name)
        let input = try fixture(index)
        for _ in 0..<3 {
            #expect(try input.withUnsafeBytes { try decompressor.decompress($0, exactly: plain.count) } == plain)
            #expect(try input.withUnsafeBytes { try decompressor.decompress($0, atMost: 1 << 30) } == plain)
        }
    }

    @Test(arguments: fixtures.indices) func `several frames in a row are one stream`(index: Int) throws {
        let decompressor = try decompressor(fixtures[index].name)
        let input = try fixture(index) + fixture(index)
        #expect(try input.withUnsafeBytes { try decompressor.decompress($0, exactly: 2 * plain.count) } == plain + plain)
        #expect(try input.withUnsafeBytes { try decompressor.decompress($0, atMost: 1 << 20) } == plain + plain)
    }

    @Test(arguments: fixtures.indices) func `input and output are summed up once and in order`(index: Int) throws {
        let decompressor = try decompressor(fixtures[index].name)
        let input = try fixture(index) + fixture(index)
        #expect(try summedUp(decompressor, input, exactly: 2 * plain.count) == plain + plain)
    }

    @Test func `a frame of many blocks gives its bytes piece by piece, and the same context streams afterwards`() throws {
        var state: UInt64 = 5
        let noise = (0..<900_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let content = noise + (0..<100).flatMap { _ in plain } + noise.prefix(400_000)
        var frame = [UInt8](repeating: 0, count: ZstdCompressor.maximumSize(of: content.count))
        let count = try content.withUnsafeBytes { source in
            try frame.withUnsafeMutableBytes { try ZstdCompressor(level: 3).compress(source, into: $0) }
        }
        frame.removeLast(frame.count - count)
        let decompressor = try ZstdDecompressor()
        for _ in 0..<2 {
            #expect(try summedUp(decompressor, frame, exactly: content.count) == content)
            let prefix = frame.dropLast(10).withUnsafeBytes { decompressor.decompressPrefix($0, atMost: 1 << 30) }
            #expect(prefix.bytes.count > 700_000)
            #expect(content.starts(with: prefix.bytes))
            #expect(prefix.failure != nil)
        }
        for wrong in [frame.dropLast(1), frame[...] + frame.prefix(5)] {
            #expect(throws: DecompressionError.self) { try summedUp(decompressor, Array(wrong), exactly: content.count) }
        }
    }

    /// The bytes that compressed ones hold, once their checksums were compared with those of the whole.
    private func summedUp(_ decompressor: any Decompressor, _ input: [UInt8], exactly count: Int) throws -> [UInt8] {
        var before = CRC32()
        before.update(Array("before".utf8))
        var continued = before
        continued.update(input)
        for start in [nil, before] {
            let watch = Watch(input)
            var checksums = PairedChecksums(continuing: start)
            let bytes = try decompressor.decompress(watch, exactly: count, &checksums)
            #expect(watch.taken == input.count)
            #expect(checksums.made?.value == CRC32.of(bytes))
            #expect(checksums.stored?.value == (start == nil ? nil : continued.value))
            if start != nil { return bytes }
        }
        return []
    }

    /// A frame of blocks: raw ones of so many bytes of noise, or one byte repeated.
    private func frame(_ blocks: [(raw: Int, repeated: Int)]) -> (frame: [UInt8], content: [UInt8]) {
        var (frame, content): ([UInt8], [UInt8]) = ([0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58], [])
        func add(_ size: Int, type: UInt32, isLast: Bool) {
            let header = UInt32(size) << 3 | type << 1 | (isLast ? 1 : 0)
            frame += (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) }
        }
        for (number, block) in blocks.enumerated() {
            let isLast = number == blocks.count - 1
            if block.repeated > 0 {
                add(block.repeated, type: 1, isLast: isLast)
                frame.append(UInt8(truncatingIfNeeded: number))
                content += [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: block.repeated)
            } else {
                let bytes = (0..<block.raw).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13 &+ number) }
                add(block.raw, type: 0, isLast: isLast)
                frame += bytes
                content += bytes
            }
        }
        return (frame, content)
    }

    @Test func `raw blocks of any length, wherever they lie, are in both checksums`() throws {
        let decompressor = try ZstdDecompressor()
        let lengths = [0, 1, 2, 3, 4_096, 8_191, 8_192, 8_193, 16_384, 100_000, 131_071, 131_072]
        for first in lengths {
            let alone = frame([(first, 0)])
            #expect(try summedUp(decompressor, alone.frame, exactly: alone.content.count) == alone.content)
            for second in lengths {
                // Ends of blocks move over the ends of pieces.
                let several = frame([(131_072 - first, 0), (second, 0), (0, 77), (first, 0), (0, 1), (131_060, 0), (second, 0)])
                #expect(try summedUp(decompressor, several.frame, exactly: several.content.count) == several.content)
                let frames = several.frame + alone.frame + several.frame
                let content = several.content + alone.content + several.content
                #expect(try summedUp(decompressor, frames, exactly: content.count) == content)
            }
        }
    }

    @Test func `frames with any header are summed up, and so are those that are skipped`() throws {
        let decompressor = try ZstdDecompressor()
        let (frame, content) = frame([(50_000, 0), (0, 9), (8_200, 0)])
        let blocks = frame.dropFirst(6)
        let size = (0..<8).map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) }
        let lessSize = (0..<2).map { UInt8(truncatingIfNeeded: (content.count - 256) >> (8 * $0)) }
        let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let headers: [[UInt8]] = [
            magic + [0x00, 0x58], magic + [0x01, 0x58, 0], magic + [0x02, 0x58, 0, 0], magic + [0x03, 0x58, 0, 0, 0, 0],
            magic + [0x40, 0x58] + lessSize, magic + [0x80, 0x58] + size[..<4], magic + [0xC0, 0x58] + size, magic + [0xA0] + size[..<4],
            magic + [0xE0] + size, skipped + magic + [0x00, 0x58],
        ]
        for header in headers {
            #expect(try summedUp(decompressor, header + blocks, exactly: content.count) == content)
            #expect(try summedUp(decompressor, header + blocks + skipped, exactly: content.count) == content)
        }
        // Of a type that is reserved, cut, or followed by something else.
        for wrong in [magic + [0x00, 0x58, 0x07, 0, 0], Array(frame.dropLast(1)), frame + [1], magic + [0x00, 0x58], magic] {
            #expect(throws: DecompressionError.self) { try summedUp(decompressor, wrong, exactly: content.count) }
        }
    }

    @Test(arguments: fixtures.indices, [1, 7, 1000]) func `a stream gives its bytes, however it is cut into pieces`(index: Int, piece: Int)
        throws
    {
        let decompressor = try decompressor(fixtures[index].name)
        let input = try fixture(index) + fixture(index)
        func read(_ input: [UInt8]) throws -> (bytes: [UInt8], failure: DecompressionError?) {
            var (rest, bytes) = (input[...], [UInt8]())
            let failure = try decompressor.decompressStream {
                defer { rest = rest.dropFirst(piece) }
                return Array(rest.prefix(piece))
            } to: {
                bytes += $0
            }
            return (bytes, failure)
        }
        let whole = try read(input)
        #expect(whole.bytes == plain + plain)
        #expect(whole.failure == nil)
        let cut = try read(input.dropLast(3))
        #expect(cut.bytes.starts(with: plain))
        #expect(cut.failure != nil)
    }

    @Test(arguments: fixtures.indices) func `a wrong size is refused, whichever way it is wrong`(index: Int) throws {
        let decompressor = try decompressor(fixtures[index].name)
        let input = try fixture(index)
        for wrong in [0, 1, plain.count - 1, plain.count + 1, 1 << 24, 1 << 40] {
            #expect(throws: DecompressionError.self) { try input.withUnsafeBytes { try decompressor.decompress($0, exactly: wrong) } }
        }
        #expect { try input.withUnsafeBytes { try decompressor.decompress($0, atMost: 100) } } throws: {
            "\($0)" == "The \(fixtures[index].name) data holds more than 100 bytes."
        }
    }

    @Test(arguments: fixtures.indices) func `a cut at any byte gives a beginning of the bytes and an error, and the context works on`(
        index: Int
    ) throws {
        let decompressor = try decompressor(fixtures[index].name)
        let input = try fixture(index)
        for cut in 1..<input.count {
            let (bytes, failure) = input[..<cut].withUnsafeBytes { decompressor.decompressPrefix($0, atMost: 1 << 30) }
            #expect(plain.starts(with: bytes))
            #expect(failure?.kind == .truncated)
            #expect(throws: DecompressionError.self) {
                try input[..<cut].withUnsafeBytes { try decompressor.decompress($0, exactly: plain.count) }
            }
        }
        #expect(try input.withUnsafeBytes { try decompressor.decompress($0, exactly: plain.count) } == plain)
    }

    @Test(arguments: fixtures.indices) func `any flipped bit gives bytes or an error, and the context works on`(index: Int) throws {
        let decompressor = try decompressor(fixtures[index].name)
        let input = try fixture(index)
        for bit in 0..<(8 * input.count) {
            var damaged = input
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let (bytes, _) = damaged.withUnsafeBytes { decompressor.decompressPrefix($0, atMost: 1 << 16) }
            #expect(bytes.count <= 1 << 16)
            _ = try? damaged.withUnsafeBytes { try decompressor.decompress($0, exactly: plain.count) }
        }
        #expect(try input.withUnsafeBytes { try decompressor.decompress($0, exactly: plain.count) } == plain)
    }

    @Test func `bytes that are no frame are refused in the library's words`() throws {
        let text = Array("this is not compressed".utf8)
        let zstd = try ZstdDecompressor()
        let lz4 = try LZ4Decompressor()
        #expect { try text.withUnsafeBytes { try zstd.decompress($0, exactly: 100) } } throws: {
            "\($0)".contains("Unknown frame descriptor")
        }
        #expect { try text.withUnsafeBytes { try lz4.decompress($0, exactly: 100) } } throws: {
            "\($0)".contains("ERROR_frameType_unknown")
        }
    }

    @Test func `a declared size reserves no memory that the input does not justify`() throws {
        let zstd = try ZstdDecompressor()
        let input = try fixture(0)
        let (bytes, _) = input.withUnsafeBytes { zstd.decompressPrefix($0, atMost: 1 << 40) }
        #expect(bytes == plain)
        #expect(bytes.capacity < 1 << 21)
    }

    @Test func `a frame of which nothing is wanted gets no window, however large a one it asks for`() throws {
        // A window of 104 MiB, and one empty raw block.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x85, 0x01, 0x00, 0x00]
        let zstd = try ZstdDecompressor()
        #expect(try frame.withUnsafeBytes { try zstd.decompress($0, exactly: 0) } == [])
        #expect(zstd.heldBytes < 1 << 20)
        let input = try fixture(0)
        #expect(throws: DecompressionError.self) { try input.withUnsafeBytes { try zstd.decompress($0, exactly: 0) } }
        #expect(try input.withUnsafeBytes { try zstd.decompress($0, exactly: plain.count) } == plain)
    }

    /// “abc” as zstd 0.7 wrote it, before the format was settled; the library may read that still, with memory of any size.
    @Test(arguments: [false, true]) func `frames older than the format are refused, also behind one that is none of them`(
        isSecond: Bool
    ) throws {
        let old: [UInt8] = [0x27, 0xB5, 0x2F, 0xFD, 0x20, 3, 0x40, 0, 3, 0x61, 0x62, 0x63, 0xC0, 0, 0]
        let front = isSecond ? try fixture(0) : []
        let input = front + old
        let count = (isSecond ? plain.count : 0) + 3
        let decompressor = try ZstdDecompressor()
        input.withUnsafeBytes { bytes in
            #expect(throws: DecompressionError.self) { try decompressor.decompress(bytes, exactly: count) }
            #expect(throws: DecompressionError.self) { try decompressor.decompress(bytes, atMost: 1 << 20) }
            #expect(decompressor.decompressPrefix(bytes, atMost: 1 << 20).bytes == (isSecond ? plain : []))
        }
        // Nothing is wanted, so that it is decompressed at once.
        #expect(throws: DecompressionError.self) { try old.withUnsafeBytes { try decompressor.decompress($0, exactly: 0) } }
        for piece in [1, 3, 1000] {
            var (rest, made) = (input[...], [UInt8]())
            let failure = try decompressor.decompressStream {
                defer { rest = rest.dropFirst(piece) }
                return Array(rest.prefix(piece))
            } to: {
                made += $0
            }
            #expect(failure != nil)
            #expect(made == (isSecond ? plain : []))
        }
        let whole = try fixture(0)
        #expect(try whole.withUnsafeBytes { try decompressor.decompress($0, exactly: plain.count) } == plain)
    }

    @Test func `a bomb is followed as far as the limit and no further`() throws {
        // A frame without a content size, of 1024 blocks that each repeat one byte 128 Ki times.
        var bomb: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38]
        for number in 0..<1024 {
            let head = UInt32(1 << 17) << 3 | 1 << 1 | (number == 1023 ? 1 : 0)
            bomb += [UInt8(truncatingIfNeeded: head), UInt8(truncatingIfNeeded: head >> 8), UInt8(truncatingIfNeeded: head >> 16), 0x2A]
        }
        let zstd = try ZstdDecompressor()
        #expect(try bomb.withUnsafeBytes { try zstd.decompress($0, exactly: 1 << 27) }.count == 1 << 27)
        let (bytes, failure) = bomb.withUnsafeBytes { zstd.decompressPrefix($0, atMost: 5_000_000) }
        #expect(bytes.count == 5_000_000)
        #expect(failure?.kind == .tooLong)
    }

    @Test func `no input is no bytes`() throws {
        let zstd = try ZstdDecompressor()
        #expect(try [UInt8]().withUnsafeBytes { try zstd.decompress($0, exactly: 0) } == [])
        #expect(throws: DecompressionError.self) { try [UInt8]().withUnsafeBytes { try zstd.decompress($0, exactly: 1) } }
    }
}
