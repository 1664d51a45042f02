import Foundation
import Media
import Testing

/// Gradients without edges, packed RGB.
private func gradients(width: Int, height: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            bytes.append(UInt8(40 + 160 * x / width))
            bytes.append(UInt8(40 + 160 * y / height))
            bytes.append(UInt8(200 - 160 * x / width))
        }
    }
    return bytes
}

/// What the samples of a whole picture are.
private func samples(of rgb: [UInt8], width: Int, height: Int, every step: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for y in stride(from: 0, to: height, by: step) {
        for x in stride(from: 0, to: width, by: step) {
            let place = 3 * (y * width + x)
            bytes += rgb[place..<place + 3]
        }
    }
    return bytes
}

@Suite struct PictureSamplesTests {
    @Test(arguments: [(64, 48), (61, 47), (3, 2)], [1, 2, 4, 100]) func `samples of colours are those pixels`(size: (Int, Int), step: Int)
        throws
    {
        let (width, height) = size
        let rgb = gradients(width: width, height: height)
        let found = try rgbPicture(rgb, width: width, height: height).rgb(every: step)
        #expect(found == samples(of: rgb, width: width, height: height, every: step))
    }

    @Test(arguments: [(640, 480), (321, 247)], [1, 3, 4]) func `samples of a JPEG are the pixels of the whole picture`(
        size: (Int, Int),
        step: Int
    ) throws {
        let (width, height) = size
        let original = gradients(width: width, height: height)
        let jpeg = try JPEGEncoder().encode(try rgbPicture(original, width: width, height: height))
        let decoded = try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
        let whole = samples(of: try decoded.rgb(), width: width, height: height, every: step)
        let found = try decoded.rgb(every: step)
        try #require(found.count == whole.count)
        // The colour differences between two known ones are interpolated in two ways.
        let furthest = zip(found, whole).map { abs(Int($0) - Int($1)) }.max() ?? 0
        #expect(furthest <= 4)
        // And the samples are no further from what the camera saw than a step of brightness.
        let truth = means(samples(of: original, width: width, height: height, every: step))
        for (one, other) in zip(means(found), truth) { #expect(abs(one - other) < 1) }
    }

    @Test(arguments: ["420", "422", "444", "440", "411", "gray"]) func `samples of a JPEG are what OpenCV decodes`(name: String) throws {
        let jpeg = [UInt8](try Data(contentsOf: fixture("pictures/\(name).jpg")))
        let truth = [UInt8](try Data(contentsOf: fixture("pictures/\(name).rgb")))
        let found = try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }.rgb(every: 3)
        try #require(found.count == truth.count)
        // What is left to libavcodec, which rounds otherwise.
        let isExact = name != "440" && name != "411"
        #expect(zip(found, truth).allSatisfy { abs(Int($0) - Int($1)) <= (isExact ? 0 : 12) })
    }
}
