import Media
import Testing

/// A smooth picture in which every colour changes, packed RGB.
private func gradient(width: Int, height: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            bytes.append(UInt8(40 + 200 * x / width))
            bytes.append(UInt8(30 + 180 * y / height))
            bytes.append(UInt8(220 - 150 * (x + y) / (width + height)))
        }
    }
    return bytes
}

/// The sensor's mosaic of a picture: of each pixel the one colour that `pattern` has there, given row by row for a square of
/// two by two.
private func mosaic(_ picture: [UInt8], width: Int, height: Int, pattern: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            let colour = pattern[y % 2 * 2 + x % 2]
            bytes.append(picture[(y * width + x) * 3 + colour])
        }
    }
    return bytes
}

@Suite struct MosaicTests {
    @Test(arguments: [
        ("bayer_rggb8", [0, 1, 1, 2]), ("bayer_bggr8", [2, 1, 1, 0]), ("bayer_gbrg8", [1, 2, 0, 1]), ("bayer_grbg8", [1, 0, 2, 1]),
    ])
    func `a sensor's mosaic keeps its colours, as RGB and through JPEG`(encoding: String, pattern: [Int]) throws {
        let layout = try #require(PixelLayout(rosEncoding: encoding))
        let original = gradient(width: 96, height: 64)
        let sensor = mosaic(original, width: 96, height: 64, pattern: pattern)
        let picture = try sensor.withUnsafeBytes { try Picture($0, layout: layout, width: 96, height: 64, step: 96) }
        // 20 is 35 dB.
        #expect(meanSquaredError(try picture.rgb(), original) < 20)
        let jpeg = try JPEGEncoder().encode(picture)
        let decoded = try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
        #expect(meanSquaredError(try decoded.rgb(), original) < 20)
    }
}
