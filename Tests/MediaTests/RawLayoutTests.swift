import Media
import Testing

private func repeated<Element>(_ part: [Element], _ times: Int) -> [Element] {
    var whole: [Element] = []
    for _ in 0..<times { whole += part }
    return whole
}

/// Pixels as cameras send them, in every layout that `sensor_msgs/image_encodings` names.
@Suite struct RawLayoutTests {
    private func picture(
        _ bytes: [UInt8],
        _ encoding: String,
        _ width: Int,
        _ height: Int,
        step: Int,
        isBigEndian: Bool = false
    ) throws -> Picture {
        let layout = try #require(PixelLayout(rosEncoding: encoding))
        return try bytes.withUnsafeBytes {
            try Picture($0, layout: layout, width: width, height: height, step: step, isBigEndian: isBigEndian)
        }
    }

    private func isClose(_ left: [UInt8], _ right: [UInt8], by distance: Int = 1) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs(Int($0) - Int($1)) <= distance }
    }

    /// Luma and chroma of a red in the narrow range of BT.601, and that red.
    private let red: (y: UInt8, u: UInt8, v: UInt8) = (81, 90, 240)

    @Test(arguments: [
        ("uyvy", [1, 0, 2, 0]), ("yuv422", [1, 0, 2, 0]), ("yuyv", [0, 1, 0, 2]), ("yuv422_yuy2", [0, 1, 0, 2]),
    ])
    func `packed luma and chroma are those of BT.601 in its narrow range`(encoding: String, order: [Int]) throws {
        let samples = [red.y, red.u, red.v]
        let pair = order.map { samples[$0] }
        let bytes = repeated(pair + pair + [9, 9], 4)
        #expect(isClose(try picture(bytes, encoding, 4, 4, step: 10).rgb(), repeated([254, 0, 0], 16), by: 2))
    }

    @Test(arguments: ["nv12", "nv21", "nv24"]) func `luma and chroma in planes are found behind padded rows`(encoding: String) throws {
        let step = 6
        let luma = repeated([red.y, red.y, red.y, red.y, 9, 9], 4)
        let pair = encoding == "nv21" ? [red.v, red.u] : [red.u, red.v]
        let wide = repeated(repeated(pair, 4) + [9, 9, 9, 9], 4)
        let chroma = encoding == "nv24" ? wide : repeated(pair + pair + [9, 9], 2)
        let decoded = try picture(luma + chroma, encoding, 4, 4, step: step).rgb()
        #expect(isClose(decoded, repeated([254, 0, 0], 16), by: 2))
        #expect(throws: MediaError.self) { try picture(Array((luma + chroma).dropLast()), encoding, 4, 4, step: step) }
    }

    @Test(arguments: [(16, 0), (126, 128), (235, 255)] as [(UInt8, UInt8)])
    func `the narrow range is stretched to the whole one, as RGB and through JPEG`(luma: UInt8, level: UInt8) throws {
        let flat = try picture([UInt8](repeating: luma, count: 1_024) + [UInt8](repeating: 128, count: 512), "nv12", 32, 32, step: 32)
        #expect(try flat.rgb().allSatisfy { abs(Int($0) - Int(level)) <= 1 })
        let decoded = try JPEGEncoder().encode(flat).withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
        #expect(try decoded.rgb().allSatisfy { abs(Int($0) - Int(level)) <= 2 })
    }

    @Test(arguments: [false, true]) func `of 16 bits the high ones count, in either order of bytes`(isBigEndian: Bool) throws {
        func sixteen(_ values: [UInt16]) -> [UInt8] {
            values.flatMap { isBigEndian ? [UInt8($0 >> 8), UInt8($0 & 255)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
        }
        let gray = try picture(sixteen([0, 0x8000, 0xFFFF, 0x4000]), "mono16", 2, 2, step: 4, isBigEndian: isBigEndian)
        #expect(isClose(try gray.rgb(), [0, 0, 0, 128, 128, 128, 255, 255, 255, 64, 64, 64]))
        let colour = try picture(sixteen([0xFFFF, 0x8000, 0]), "rgb16", 1, 1, step: 6, isBigEndian: isBigEndian)
        #expect(isClose(try colour.rgb(), [255, 128, 0]))
        let reversed = try picture(sixteen([0, 0x8000, 0xFFFF, 7]), "bgra16", 1, 1, step: 8, isBigEndian: isBigEndian)
        #expect(isClose(try reversed.rgb(), [255, 128, 0]))
        let mosaic = repeated(repeated([UInt16(0xC000), 0x8000], 8) + repeated([0x8000, 0x4000], 8), 16)
        let sensor = try picture(sixteen(mosaic), "bayer_rggb16", 16, 32, step: 32, isBigEndian: isBigEndian)
        #expect(isClose(try sensor.rgb(), repeated([192, 128, 64], 512)))
    }

    @Test func `gray stays gray through the whole range`() throws {
        #expect(try picture([0, 128, 255, 7], "mono8", 2, 2, step: 2).rgb() == [0, 0, 0, 128, 128, 128, 255, 255, 255, 7, 7, 7])
        #expect(try picture([0, 128, 255, 7], "8UC1", 2, 2, step: 2).rgb() == [0, 0, 0, 128, 128, 128, 255, 255, 255, 7, 7, 7])
    }

    @Test(arguments: ["bayer_rggb8", "bayer_bggr16", "uyvy", "yuyv", "nv12", "nv21", "nv24"])
    func `odd sizes give the same picture every time, however small`(encoding: String) throws {
        for (width, height) in [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (5, 4), (4, 5), (33, 17)] {
            let step = width * 2 + 2
            let bytes = (0..<step * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            guard let first = try? picture(bytes, encoding, width, height, step: step) else {
                #expect(width == 1 || height == 1)
                continue
            }
            // Memory that was used in between must not shine through.
            let rgb = try first.rgb()
            _ = try picture(bytes.map { ~$0 }, encoding, width, height, step: step).rgb()
            #expect(try picture(bytes, encoding, width, height, step: step).rgb() == rgb)
        }
    }

    @Test(arguments: ["16UC1", "32FC1", "16SC1", "64FC1", "own", ""]) func `depth and unknown values are no colours`(encoding: String) {
        #expect(PixelLayout(rosEncoding: encoding) == nil)
    }

    @Test func `a WebP is decoded`() throws {
        // 8×8 pixels of one blue-green colour, made with OpenCV.
        let webp: [UInt8] = [
            82, 73, 70, 70, 62, 0, 0, 0, 87, 69, 66, 80, 86, 80, 56, 32, 50, 0, 0, 0, 48, 2, 0, 157, 1, 42, 8, 0, 8, 0, 0,
            192, 18, 37, 160, 2, 116, 186, 1, 248, 1, 250, 0, 6, 30, 0, 0, 254, 241, 77, 175, 254, 64, 93, 188, 106, 207,
            252, 128, 255, 255, 14, 62, 163, 10, 15, 252, 47, 224, 0,
        ]
        let decoded = try webp.withUnsafeBytes { try ImageDecoder(.webp).decode($0) }
        #expect(isClose(try decoded.rgb(), repeated([30, 120, 200], 64), by: 4))
        for count in 0..<webp.count { _ = try? webp.prefix(count).withUnsafeBytes { try ImageDecoder(.webp).decode($0) } }
    }
}
