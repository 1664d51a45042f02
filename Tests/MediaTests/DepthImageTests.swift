import Media
import Testing

private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

@Suite struct DepthImageTests {
    private func rvl(_ data: [UInt8]) throws -> DepthImage {
        try data.withUnsafeBytes { try DepthImage(rvl: $0) }
    }

    /// Eight by six values with holes, jumps and the highest number, and what the reference implementation makes of them.
    private let values: [UInt16] = [
        0, 926, 0, 954, 911, 913, 954, 1, 905, 901, 953, 65535, 950, 922, 1, 922, 925, 914, 918, 0, 0, 1, 65535, 926, 901, 0, 919, 941, 1,
        958, 901, 910, 958, 65535, 0, 1, 903, 0, 0, 0, 923, 946, 0, 933, 65535, 906, 934, 0,
    ]
    private let packed = bytes(
        """
        0800000006000000
        18C3CF114AA17D288AD39EA1C9D178C3AC9AF3ACC39EF6F3286DC3AE3CDC49128B39FFFF816139CFD3FAC5C41A9ED3AFACA8C128FFBF12F332C3C9F39314E5859DF3ACCE1087F3BC
        """
    )

    @Test func `RVL gives the values that were packed`() throws {
        let image = try rvl(packed)
        #expect((image.width, image.height) == (8, 6))
        #expect(image.values == .millimetres(values))
        // 0 0 5 6 0, put together by hand: runs 2 and 2, differences 5 and 1, runs 1 and 0.
        #expect(try rvl(bytes("05000000 01000000 0021A122")).values == .millimetres([0, 0, 5, 6, 0]))
    }

    @Test func `RVL that is cut, damaged or claims too much is an error`() throws {
        for count in 0..<packed.count - 4 { #expect(throws: MediaError.self) { try rvl(Array(packed.prefix(count))) } }
        for (width, height) in [(0, 6), (8, 0), (16_384, 16_384), (16_385, 1), (5, 6), (Int(UInt32.max), 8)] {
            var other = packed
            for index in 0..<4 {
                other[index] = UInt8(width >> (8 * index) & 255)
                other[4 + index] = UInt8(height >> (8 * index) & 255)
            }
            #expect(throws: MediaError.self) { try rvl(other) }
        }
        // Runs of nothing, again and again, and a number without an end.
        #expect(throws: MediaError.self) { try rvl(bytes("05000000 01000000 00000000 00000000")) }
        #expect(throws: MediaError.self) { try rvl(bytes("05000000 01000000 FFFFFFFF FFFFFFFF FFFFFFFF")) }
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<2_000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            var damaged = packed
            damaged[8 + Int(state >> 8) % (damaged.count - 8)] ^= UInt8(truncatingIfNeeded: state)
            if let image = try? rvl(damaged), case .millimetres(let found) = image.values { #expect(found.count == 48) }
        }
    }

    @Test func `a PNG of 16 bits gives its values, one of 8 bits is refused`() throws {
        let png = bytes(
            """
            89504e470d0a1a0a0000000d4948445200000003000000021000000000e88fe5850000001649444154081d6364606060646064fcff9fe5e55f0900
            1007040526450bb60000000049454e44ae426082
            """
        )
        let image = try png.withUnsafeBytes { try DepthImage(png: $0) }
        #expect((image.width, image.height) == (3, 2))
        #expect(image.values == .millimetres([0, 1, 2, 65_535, 1_000, 0]))
        #expect(throws: MediaError.self) { try Array(png.dropLast(30)).withUnsafeBytes { try DepthImage(png: $0) } }
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF]
        #expect(throws: MediaError.self) { try jpeg.withUnsafeBytes { try DepthImage(png: $0) } }
    }

    @Test func `inverse depths become metres and nothing stays nothing`() throws {
        let image = try rvl(bytes("05000000 01000000 0021A122")).metres(a: 12, b: 2)
        guard case .metres(let metres) = image.values else { return #expect(Bool(false)) }
        #expect(metres[2...3].elementsEqual([4, 3]))
        #expect([0, 1, 4].allSatisfy { metres[$0].isNaN })
    }

    @Test func `raw depth is read in either order of bytes and past the end of its rows`() throws {
        func depth(_ data: [UInt8], _ layout: DepthImage.Layout, isBigEndian: Bool, step: Int) throws -> DepthImage {
            try data.withUnsafeBytes { try DepthImage($0, layout: layout, width: 2, height: 2, step: step, isBigEndian: isBigEndian) }
        }
        let little = try depth([1, 2, 3, 4, 99, 5, 6, 7, 8, 99], .millimetres, isBigEndian: false, step: 5)
        #expect(little.values == .millimetres([0x0201, 0x0403, 0x0605, 0x0807]))
        let big = try depth([1, 2, 3, 4, 5, 6, 7, 8], .millimetres, isBigEndian: true, step: 4)
        #expect(big.values == .millimetres([0x0102, 0x0304, 0x0506, 0x0708]))
        let halves = [[UInt8]](repeating: [0x3F, 0, 0, 0], count: 4).flatMap { $0 }
        #expect(try depth(halves, .metres, isBigEndian: true, step: 8).values == .metres([0.5, 0.5, 0.5, 0.5]))
        #expect(throws: MediaError.self) { try depth([1, 2, 3, 4, 5, 6, 7], .millimetres, isBigEndian: true, step: 4) }
        #expect(throws: MediaError.self) { try depth([1, 2, 3, 4, 5, 6, 7, 8], .millimetres, isBigEndian: true, step: 3) }
    }
}
