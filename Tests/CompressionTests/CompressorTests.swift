import Compression
import Testing

@Suite struct CompressorTests {
    private let inputs: [[UInt8]] = [
        [], [7], [UInt8](repeating: 3, count: 100_000), (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 >> 3) },
    ]

    @Test func `what zstd compresses comes back, and the same bytes are the same frame each time`() throws {
        let compressor = try ZstdCompressor(level: 3)
        let decompressor = try ZstdDecompressor()
        for input in inputs {
            var frames: [[UInt8]] = []
            for _ in 0..<2 {
                var output = [UInt8](repeating: 0, count: ZstdCompressor.maximumSize(of: input.count))
                let count = try input.withUnsafeBytes { source in
                    try output.withUnsafeMutableBytes { try compressor.compress(source, into: $0) }
                }
                frames.append(Array(output[..<count]))
            }
            #expect(frames[0] == frames[1])
            #expect(try frames[0].withUnsafeBytes { try decompressor.decompress($0, atMost: 1 << 20) } == input)
        }
    }

    @Test func `an output that could be too small is refused in words`() throws {
        let input = inputs[3]
        let compressor = try ZstdCompressor(level: 3)
        var output = [UInt8](repeating: 0xEE, count: 10)
        #expect {
            try input.withUnsafeBytes { source in try output.withUnsafeMutableBytes { try compressor.compress(source, into: $0) } }
        } throws: {
            "\($0)".hasPrefix("The zstd compressor failed: ")
        }
        #expect {
            try input.withUnsafeBytes { source in try output.withUnsafeMutableBytes { try Snappy.compress(source, into: $0) } }
        } throws: {
            "\($0)" == "The snappy compressor failed: the output buffer is too small."
        }
    }

    @Test func `snappy writes its block format: the size, then literals and copies`() throws {
        let input = Array("aaaaaaaaaaaaaaaaaaaa".utf8)
        var output = [UInt8](repeating: 0, count: Snappy.maximumSize(of: input.count))
        let count = try input.withUnsafeBytes { source in try output.withUnsafeMutableBytes { try Snappy.compress(source, into: $0) } }
        // Size 20; a literal of one byte; a copy of 19 bytes from one byte before.
        #expect(Array(output[..<count]) == [20, 0, 0x61, 0x4A, 1, 0])
    }
}
