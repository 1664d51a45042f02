import Foundation
import Media
import Testing

@Suite struct SmallPictureTests {
    @Test func `a palette PNG reads back as its colours, the same bytes every time`() throws {
        var palette = [UInt32](repeating: 0, count: 256)
        palette[1] = 0x80_0000
        palette[255] = 0xE0_E0C0
        let pixels: [UInt8] = [0, 1, 255, 1, 1, 0]
        let encoder = try PalettePNGEncoder(palette: palette)
        let bytes = try encoder.encode(pixels, width: 3, height: 2)
        #expect(bytes[25] == 3, "the colour type is that of a palette")
        let picture = try bytes.withUnsafeBytes { try ImageDecoder(.png).decode($0) }
        #expect(try picture.rgb() == [0, 0, 0, 128, 0, 0, 224, 224, 192, 128, 0, 0, 128, 0, 0, 0, 0, 0])
        #expect(try encoder.encode(pixels, width: 3, height: 2) == bytes)
        #expect(throws: MediaError.self) { try encoder.encode(pixels, width: 3, height: 3) }
        #expect(throws: MediaError.self) { try PalettePNGEncoder(palette: [1, 2]) }
    }

    @Test func `the luma of a JPEG is that of the whole picture, in its size and in smaller ones, and damage is met in each`() throws {
        let layout = try #require(PixelLayout(rosEncoding: "mono8"))
        let pixels = (0..<121 * 83).map { (place: Int) -> UInt8 in UInt8(60 + place % 121 + place / 242) }
        let picture = try pixels.withUnsafeBytes { try Picture($0, layout: layout, width: 121, height: 83, step: 121, isBigEndian: false) }
        let jpeg = try JPEGEncoder().encode(picture)
        let decoder = try ImageDecoder(.jpeg)
        let whole = try jpeg.withUnsafeBytes { try decoder.decode($0).gray() }
        try jpeg.withUnsafeBytes { bytes in
            #expect(decoder.size(of: bytes).map { [$0.width, $0.height] } == [121, 83])
            #expect(decoder.luma(of: bytes, smallerBy: 1)?.pixels == whole)
            for factor in [2, 4, 8] {
                let small = try #require(decoder.luma(of: bytes, smallerBy: factor))
                #expect((small.width, small.height) == ((121 + factor - 1) / factor, (83 + factor - 1) / factor))
                let made = Int(small.pixels[40 / factor * small.width + 64 / factor])
                let same = Int(whole[(40 + factor / 2) * 121 + 64 + factor / 2])
                #expect(abs(made - same) < 8)
            }
            #expect(decoder.luma(of: bytes, smallerBy: 3) == nil)
        }
        let damaged = Array(jpeg.prefix(jpeg.count * 2 / 3))
        damaged.withUnsafeBytes { bytes in
            for factor in [1, 2, 4, 8] { #expect(decoder.luma(of: bytes, smallerBy: factor) == nil) }
        }
    }

    @Test func `a thumbnail keeps the shape of its picture and is no larger than asked`() throws {
        let encoder = try PalettePNGEncoder(palette: (0..<256).map { UInt32($0) * 0x01_0101 })
        let png = try encoder.encode((0..<400 * 100).map { UInt8($0 % 400 / 2) }, width: 400, height: 100)
        let small = try png.withUnsafeBytes { try Picture.thumbnail(of: $0, .png, side: 80) }
        let picture = try small.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
        #expect((picture.width, picture.height) == (80, 20))
        let rgb = try picture.rgb()
        #expect(rgb[0] < 20 && abs(Int(rgb[3 * 40]) - 100) < 15)
        let same = try png.withUnsafeBytes { try Picture.thumbnail(of: $0, .png, side: 1_000) }
        #expect(try same.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }.width == 400)
        #expect(throws: MediaError.self) { try png.prefix(60).withUnsafeBytes { try Picture.thumbnail(of: $0, .png, side: 80) } }
    }
}
