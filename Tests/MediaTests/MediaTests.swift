import Media
import Testing

/// A photo-like picture: smooth gradients with edges, packed RGB.
private func scene(width: Int, height: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            let box = (x / 16 + y / 16) % 2 == 0
            bytes.append(UInt8(255 * x / width))
            bytes.append(UInt8(255 * y / height))
            bytes.append(box ? 60 : 180)
        }
    }
    return bytes
}

@Suite struct MediaTests {
    private func picture(_ bytes: [UInt8], _ layout: PixelLayout, _ width: Int, _ height: Int, step: Int) throws -> Picture {
        try bytes.withUnsafeBytes { try Picture($0, layout: layout, width: width, height: height, step: step) }
    }

    @Test(arguments: [(64, 48), (61, 47)]) func `a picture encoded as JPEG and decoded again looks the same`(width: Int, height: Int) throws
    {
        let original = scene(width: width, height: height)
        let jpeg = try JPEGEncoder().encode(try picture(original, .rgb, width, height, step: width * 3))
        #expect(jpeg.starts(with: [0xFF, 0xD8, 0xFF]))
        let decoded = try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
        #expect(decoded.width == width && decoded.height == height)
        // Half resolution of the colours is all that 4:2:0 keeps at edges: 80 is 29 dB.
        let error = meanSquaredError(original, try decoded.rgb())
        #expect(error < 80)
    }

    @Test func `colours keep their places whatever the layout`() throws {
        let red = try picture([255, 0, 0, 255, 0, 0], .rgb, 2, 1, step: 6)
        let blueFirst = try picture([0, 0, 255, 0, 0, 255], .bgr, 2, 1, step: 6)
        let withAlpha = try picture([255, 0, 0, 9, 255, 0, 0, 9], .rgba, 2, 1, step: 8)
        for picture in [red, blueFirst, withAlpha] { #expect(try picture.rgb() == [255, 0, 0, 255, 0, 0]) }
    }

    @Test func `a PNG is a picture of its own and not the difference from the one before`() throws {
        let png: [UInt8] = [
            137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 2,
            0, 0, 0, 1, 8, 2, 0, 0, 0, 123, 64, 232, 221, 0, 0, 0, 15, 73, 68, 65,
            84, 120, 156, 99, 224, 18, 145, 59, 49, 45, 5, 0, 5, 7, 1, 255, 6, 124, 182, 253,
            0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
        ]
        let decoder = try ImageDecoder(.png)
        for _ in 0..<3 { #expect(try png.withUnsafeBytes { try decoder.decode($0) }.rgb() == [10, 20, 30, 200, 150, 100]) }
    }

    @Test func `full range is kept through JPEG, black stays black and white stays white`() throws {
        for level in [UInt8(0), 255] {
            let flat = [UInt8](repeating: level, count: 32 * 32 * 3)
            let jpeg = try JPEGEncoder().encode(try picture(flat, .rgb, 32, 32, step: 96))
            let decoded = try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
            #expect(try decoded.rgb().allSatisfy { abs(Int($0) - Int(level)) <= 1 })
        }
    }

    @Test func `padding at the end of rows is passed over`() throws {
        let padded: [UInt8] = [1, 2, 3, 99, 99, 4, 5, 6, 99, 99]
        #expect(try picture(padded, .rgb, 1, 2, step: 5).rgb() == [1, 2, 3, 4, 5, 6])
    }

    @Test func `the same picture is the same JPEG every time and from every encoder`() throws {
        let bytes = scene(width: 80, height: 60)
        let encoder = try JPEGEncoder()
        let first = try encoder.encode(try picture(bytes, .rgb, 80, 60, step: 240))
        #expect(try encoder.encode(try picture(bytes, .rgb, 80, 60, step: 240)) == first)
        #expect(try JPEGEncoder().encode(try picture(bytes, .rgb, 80, 60, step: 240)) == first)
    }

    @Test func `pixels that do not fill the picture are refused`() {
        #expect(throws: MediaError.self) { try picture([1, 2, 3], .rgb, 2, 1, step: 6) }
        #expect(throws: MediaError.self) { try picture([1, 2, 3], .rgb, 1, 1, step: 2) }
        #expect(throws: MediaError.self) { try picture([1, 2, 3], .rgb, 1 << 40, 1, step: 1 << 42) }
    }

    @Test func `a cut or damaged JPEG is an error and never more`() throws {
        let bytes = scene(width: 64, height: 48)
        let jpeg = try JPEGEncoder().encode(try picture(bytes, .rgb, 64, 48, step: 192))
        let decoder = try ImageDecoder(.jpeg)
        for count in [0, 1, 2, 20, jpeg.count / 8] {
            #expect(throws: MediaError.self) { try jpeg.prefix(count).withUnsafeBytes { try decoder.decode($0) } }
        }
        var position = 2
        while position < jpeg.count {
            var damaged = jpeg
            damaged[position] ^= UInt8(truncatingIfNeeded: 1 << (position % 8))
            position += 7
            _ = try? damaged.withUnsafeBytes { try decoder.decode($0).rgb() }
        }
        // The decoder is as good as new after all that.
        #expect(try jpeg.withUnsafeBytes { try decoder.decode($0) }.width == 64)
    }
}
