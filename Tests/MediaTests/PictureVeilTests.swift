import Foundation
import Media
import Testing

/// Covering parts of pictures, and encoding them again as they were.
@Suite struct PictureVeilTests {
    private static func fixture() throws -> Data {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: folder.appending(path: "Fixtures/faces/astronaut.jpg"))
    }

    private static func decode(_ bytes: some ContiguousBytes, _ format: ImageDecoder.Format = .jpeg) throws -> Picture {
        try bytes.withUnsafeBytes { try ImageDecoder(format).decode($0) }
    }

    @Test(arguments: [PictureVeil.blur, .pixelate, .fill]) func `nothing outside of what is covered changes, and little is left inside`(
        _ veil: PictureVeil
    ) throws {
        let picture = try Self.decode(Self.fixture())
        let area = PictureArea(x: 100, y: 60, width: 120, height: 130)
        let (before, after) = (try picture.gray(), try picture.veiled([area], veil).gray())
        var values: Set<UInt8> = []
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let place = y * picture.width + x
                if (100..<220).contains(x), (60..<190).contains(y) {
                    values.insert(after[place])
                } else {
                    #expect(after[place] == before[place])
                }
            }
        }
        switch veil {
        case .fill: #expect(values.count == 1)
        case .pixelate: #expect(values.count <= 36)
        case .blur: #expect(values.count < 256)
        }
    }

    @Test func `of what is light and dark blur leaves a quarter, and all of it where pixelate does`() throws {
        let picture = try Self.decode(Self.fixture())
        let area = PictureArea(x: 100, y: 60, width: 120, height: 130)
        func range(_ veil: PictureVeil) throws -> Int {
            let after = try picture.veiled([area], veil).gray()
            var values: [Int] = []
            for y in 60..<190 {
                for x in 100..<220 { values.append(Int(after[y * picture.width + x])) }
            }
            return (values.max() ?? 0) - (values.min() ?? 0)
        }
        let (blur, pixelate) = (try range(.blur), try range(.pixelate))
        #expect(pixelate > 80)
        #expect((pixelate / 4 - 4...pixelate / 4 + 4).contains(blur))
    }

    @Test func `an area that reaches beyond the picture is covered as far as there are pixels`() throws {
        let picture = try Self.decode(Self.fixture())
        let veiled = try picture.veiled([PictureArea(x: -50, y: -20, width: 5_000, height: 9_000)], .fill)
        #expect(Set(try veiled.gray()).count == 1)
    }

    @Test(arguments: [PictureVeil.blur, .pixelate]) func `of a face that is half out of the picture no more is left than of a whole one`(
        _ veil: PictureVeil
    ) throws {
        let picture = try Self.decode(Self.fixture())
        // A fifth of the rectangle lies in the picture: one column of the five cells across.
        let after = try picture.veiled([PictureArea(x: -120, y: 60, width: 150, height: 150)], veil).gray()
        for y in 60..<210 { #expect(Set(after[y * picture.width..<y * picture.width + 30]).count == 1, "row \(y)") }
        #expect(Set((60..<210).map { after[$0 * picture.width] }).count <= (veil == .pixelate ? 5 : 150))
    }

    @Test(arguments: [
        (PixelLayout.rgb, 3), (.bgra, 4), (.gray, 1), (.bayerRGGB, 1), (.gray16, 2), (.rgb16, 6), (.yuyv, 2), (.uyvy, 2), (.nv12, 1),
        (.nv24, 1),
    ]) func `raw pixels are covered where they lie and stay in their layout`(_ layout: PixelLayout, _ bytesPerPixel: Int) throws {
        let (width, height) = (32, 24)
        let step = width * bytesPerPixel + 6
        let rows = layout == .nv12 ? height * 3 / 2 : layout == .nv24 ? height * 3 : height
        let pixels = (0..<step * rows).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 91) }
        let picture = try pixels.withUnsafeBytes { try Picture($0, layout: layout, width: width, height: height, step: step) }
        var written = pixels
        try written.withUnsafeMutableBytes {
            try picture.veiled([PictureArea(x: 8, y: 8, width: 8, height: 8)], .fill).write(into: $0, layout: layout, step: step)
        }
        #expect(written != pixels)
        // The first rows lie above what is covered.
        #expect(written[..<(8 * step)] == pixels[..<(8 * step)])
        let changed = zip(written[..<(height * step)], pixels).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
        #expect(changed.allSatisfy { (8..<16).contains($0 / step) && (8 * bytesPerPixel..<16 * bytesPerPixel).contains($0 % step) })
    }

    @Test func `a JPEG that is encoded again keeps its quantisation and sampling, and hardly changes where nothing was covered`() throws {
        let original = try Self.fixture()
        let picture = try Self.decode(original)
        let made = try original.withUnsafeBytes { try StillEncoder().jpeg(picture, like: $0, orientation: 1) }
        let again = try Self.decode(made)
        #expect((again.width, again.height) == (picture.width, picture.height))
        let differences = zip(try again.gray(), try picture.gray()).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) < differences.count / 2)
        #expect(abs(made.count - original.count) < original.count / 5)
        #expect(Data(made).range(of: Data("Exif".utf8)) == nil)
    }

    @Test(arguments: [PixelLayout.rgb, .yuyv, .nv12]) func `a JPEG that is encoded again shares colours among as many pixels as before`(
        _ layout: PixelLayout
    ) throws {
        // A picture in which each pixel has its own colour, in which two share one, and in which four do.
        let pixels = (0..<96 * 64 * 3).map { UInt8(truncatingIfNeeded: $0 / 5) }
        let step = layout == .rgb ? 288 : layout == .yuyv ? 192 : 96
        let picture = try pixels.withUnsafeBytes { try Picture($0, layout: layout, width: 96, height: 64, step: step) }
        let encoder = try StillEncoder()
        var original = Array(try Self.fixture())
        if layout != .nv12 { original = try [UInt8]().withUnsafeBytes { try encoder.jpeg(picture, like: $0, orientation: 1) } }
        let shared = try #require(Self.sharing(original))
        #expect(shared == (layout == .rgb ? [1, 1] : layout == .yuyv ? [2, 1] : [2, 2]))
        let veiled = try Self.decode(original).veiled([PictureArea(x: 8, y: 8, width: 40, height: 40)], .blur)
        #expect(Self.sharing(try original.withUnsafeBytes { try encoder.jpeg(veiled, like: $0, orientation: 1) }) == shared)
    }

    /// Among how many columns and rows of a JPEG a colour difference is shared, from its frame header (ITU-T T.81, B.2.2).
    private static func sharing(_ jpeg: [UInt8]) -> [Int]? {
        guard let place = jpeg.indices.dropLast(20).first(where: { jpeg[$0] == 0xFF && [0xC0, 0xC2].contains(jpeg[$0 + 1]) }),
            jpeg[place + 9] == 3
        else { return nil }
        let (luma, blue, red) = (Int(jpeg[place + 11]), Int(jpeg[place + 14]), Int(jpeg[place + 17]))
        guard blue == red, blue & 15 > 0, blue >> 4 > 0 else { return nil }
        return [(luma >> 4) / (blue >> 4), (luma & 15) / (blue & 15)]
    }

    @Test func `how a JPEG is to be turned is kept, alone of all its metadata`() throws {
        let original = try Self.fixture()
        let made = try original.withUnsafeBytes { try StillEncoder().jpeg(try Self.decode(original), like: $0, orientation: 6) }
        #expect(Array(made[2..<4]) == [0xFF, 0xE1])
        #expect(made[..<40].contains(6))
        #expect(try Self.decode(made).width == 320)
    }

    @Test func `a PNG that is encoded again is the same picture`() throws {
        let picture = try Self.decode(Self.fixture())
        let png = try StillEncoder().png(try Self.decode(StillEncoder().png(try Self.asRGB(picture)), .png))
        #expect(try Self.decode(png, .png).rgb() == picture.rgb())
    }

    /// The picture as packed pixels.
    private static func asRGB(_ picture: Picture) throws -> Picture {
        let bytes = try picture.rgb()
        return try bytes.withUnsafeBytes {
            try Picture($0, layout: .rgb, width: picture.width, height: picture.height, step: picture.width * 3)
        }
    }

    @Test(arguments: [VideoDecoder.Codec.h264, .h265, .av1, .vp9]) func `each picture of a video becomes one access unit at once`(
        _ codec: VideoDecoder.Codec
    ) throws {
        let picture = try Self.decode(Self.fixture())
        let encoder = try AccessUnitEncoder(codec, framesPerSecond: 30)
        let decoder = try VideoDecoder(codec)
        var decoded: [VideoDecoder.Output] = []
        for number in 0..<6 {
            let veiled = try picture.veiled([PictureArea(x: 10 * number, y: 20, width: 40, height: 40)], .fill)
            let unit = try encoder.encode(veiled, isKeyFrame: number % 3 == 0)
            decoded += try unit.withUnsafeBytes { try decoder.decode($0, number: number) }
        }
        decoded += try decoder.drain()
        #expect(decoded.map(\.number) == Array(0..<6))
        #expect(decoded.allSatisfy { $0.picture.width == 320 && $0.picture.height == 280 })
    }
}
