import Recordings
import Testing

private func header(_ bytes: [UInt8]) -> JPEGHeader? {
    bytes.withUnsafeBytes { JPEGHeader($0) }
}

/// SOI, APP0, DQT of no tables, SOF0 of 640×480 with three components (4:2:0), SOS.
private let baseline = bytes(
    "FFD8 FFE0 0004 0000 FFDB 0002 FFC0 0011 08 01E0 0280 03 01 22 00 02 11 01 03 11 01 FFDA 0008 01 01 00 00 3F 00"
)

@Suite struct `JPEG headers` {
    @Test func `a baseline header tells size and components`() throws {
        let found = try #require(header(baseline))
        #expect((found.width, found.height, found.precision, found.isProgressive) == (640, 480, 8, false))
        #expect(found.components.map(\.horizontal) == [2, 1, 1])
        #expect(found.components.map(\.vertical) == [2, 1, 1])
    }

    @Test func `a progressive header says so`() {
        var progressive = baseline
        progressive[13] = 0xC2
        #expect(header(progressive)?.isProgressive == true)
    }

    @Test func `fill bytes before a marker and lone markers are stepped over`() {
        #expect(header(bytes("FFD8 FFFFFFE0 0002 FF01 FFD0 FFC0 000B 08 0001 0002 01 01 11 00"))?.width == 2)
    }

    @Test func `a header cut anywhere is none`() {
        for count in 0..<31 { #expect(header(Array(baseline[..<count])) == nil) }
    }

    @Test(arguments: [
        "", "FFD8", "89504E47", "FFD8 FFDA 0002", "FFD8 FFD9 0000", "FFD8 FFE0 0001 0000", "FFD8 FFC0 0002", "FFD8 0000 0000 0000",
        "FFD8 FFC0 000B 08 0000 0002 01 01 11 00", "FFD8 FFC0 000B 08 0001 0002 01 01 01 00", "FFD8 FFC0 000B 08 0001 0002 05 01 11 00",
        "FFD8 FF00 0004 0000",
    ])
    func `what has no frame header is none`(hex: String) {
        #expect(header(bytes(hex)) == nil)
    }

    @Test(
        arguments: [
            // Little-endian and big-endian, with another entry before it; cut, of another tag, of no meaning, and no Exif at all.
            ("45786966 0000 49492A00 08000000 0100 1201 0300 01000000 06000000", .turnedLeft),
            ("45786966 0000 4D4D002A 00000008 0002 010F 0002 00000001 41000000 0112 0003 00000001 0003 0000", .turnedAround),
            ("45786966 0000 49492A00 08000000 0100 1201 0300 01000000", .upright),
            ("45786966 0000 49492A00 FFFFFFFF 0100 1201 0300 01000000 06000000", .upright),
            ("45786966 0000 49492A00 08000000 0100 1301 0300 01000000 06000000", .upright),
            ("45786966 0000 49492A00 08000000 0100 1201 0300 01000000 09000000", .upright),
            ("68747470 3A2F2F", .upright), ("", .upright),
        ] as [(String, JPEGHeader.Orientation)]
    )
    func `the orientation is that of the Exif data`(exif: String, orientation: JPEGHeader.Orientation) {
        let segment = bytes(exif)
        let length = segment.count + 2
        let jpeg = baseline[..<2] + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + segment + baseline[2...]
        #expect(header(Array(jpeg))?.orientation == orientation)
    }

    @Test func `damaged headers never trap`() {
        var state: UInt64 = 1
        for _ in 0..<20_000 {
            var damaged = baseline
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                damaged[Int(state >> 33) % damaged.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            _ = header(Array(damaged.prefix(Int(state >> 40) % (damaged.count + 1))))
        }
    }
}
