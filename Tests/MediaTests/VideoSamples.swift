import Foundation
import Media

/// Coded video of `Tests/Fixtures/video`, which `Tests/Fixtures/make_video.py` made.
enum VideoSample {
    static let width = 128
    static let height = 96
    static let frames = 36
    static let group = 12

    /// The access units of a file.
    static func units(_ name: String) throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/video/\(name).units")))
        var units: [[UInt8]] = []
        var offset = 0
        while offset + 4 <= data.count {
            let count = (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
            units.append(Array(data[offset + 4..<offset + 4 + count]))
            offset += 4 + count
        }
        return units
    }

    /// The number that a picture shows in its squares; nil where a square is neither black nor white.
    static func number(in picture: Picture) throws -> Int? {
        let rgb = try picture.rgb()
        var number = 0
        for bit in 0..<7 {
            let value = rgb[(8 * picture.width + 16 * bit + 8) * 3 + 1]
            if value > 200 { number |= 1 << bit } else if value > 55 { return nil }
        }
        return number
    }

    /// What was drawn for a frame, packed RGB.
    static func original(_ number: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                if y < 16, x < 112 {
                    let value: UInt8 = number >> (x / 16) & 1 == 1 ? 255 : 0
                    bytes += [value, value, value]
                } else {
                    bytes += [UInt8(40 + (x + number) % 128), UInt8(60 + y), UInt8(220 - (x + y) / 2)]
                }
            }
        }
        return bytes
    }
}

extension VideoDecoder {
    func decode(_ unit: [UInt8], number: Int) throws -> [Output] {
        try unit.withUnsafeBytes { try decode($0, number: number) }
    }
}

/// The mean of the squared differences.
func meanSquaredError(_ left: [UInt8], _ right: [UInt8]) -> Double {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) } / Double(left.count)
}
