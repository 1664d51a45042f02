import Foundation
import Recordings
import Testing

@Suite struct `Access units of video` {
    private func look(_ hex: String, _ codec: VideoCodec) -> VideoAccessUnit {
        bytes(hex).withUnsafeBytes { VideoAccessUnit($0, codec: codec) }
    }

    /// Access units that `Tests/Fixtures/make_video.py` made.
    private func units(_ name: String) throws -> [[UInt8]] {
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

    @Test(arguments: [("h264", VideoCodec.h264), ("h265", .h265), ("vp9", .vp9), ("av1", .av1)])
    func `every twelfth picture of the samples is a key frame with its parameter sets`(name: String, codec: VideoCodec) throws {
        let found = try units(name).map { unit in unit.withUnsafeBytes { VideoAccessUnit($0, codec: codec) } }
        #expect(found.count == 36)
        #expect(found.allSatisfy { $0.hasPicture })
        let keys = [0, 12, 24]
        #expect(found.indices.filter { found[$0].isKeyFrame } == keys)
        #expect(found.indices.filter { found[$0].hasParameterSets } == keys)
        #expect(found.allSatisfy { $0.isKeyFrame || !$0.isClosed } && found[0].isClosed)
    }

    @Test(arguments: [("h264", VideoCodec.h264), ("h264-slices", .h264), ("h264-b-frames", .h264), ("h265", .h265), ("av1", .av1)])
    func `as many pictures are told as a message holds`(name: String, codec: VideoCodec) throws {
        let units = try units(name)
        for unit in units { #expect(unit.withUnsafeBytes { VideoAccessUnit.beginnings($0, codec) } == 1) }
        #expect((units[0] + units[1] + units[12]).withUnsafeBytes { VideoAccessUnit.beginnings($0, codec) } == 3)
        #expect([UInt8]().withUnsafeBytes { VideoAccessUnit.beginnings($0, codec) } == 0)
    }

    @Test func `a recovery point at once is a key frame, one after gradual refresh is none`() throws {
        let open = try units("h264-open").map { unit in unit.withUnsafeBytes { VideoAccessUnit.isKeyFrame($0, .h264) } }
        // The first is an IDR picture, the others are I pictures that B pictures before them may refer to.
        #expect(open.filter { $0 }.count == 3 && open[0])
        let refresh = try units("h264-refresh").map { unit in unit.withUnsafeBytes { VideoAccessUnit.isKeyFrame($0, .h264) } }
        #expect(refresh.indices.filter { refresh[$0] } == [0])
    }

    @Test(
        arguments: [
            ("00000001 6588 84", true, false, true), ("000001 6588 84", true, false, true), ("0000000001 6588", true, false, true),
            ("00000001 67 42 000001 68 CE 000001 65 88", true, true, true), ("00000001 67 42 000001 68 CE", false, true, false),
            ("00000001 67 42 000001 65 88", true, false, true), ("00000001 41 9A", false, false, true), ("", false, false, false),
            ("000001", false, false, false), ("0000", false, false, false), ("00000000", false, false, false),
            ("6588", false, false, false),
            // A recovery point at once (SEI 6, ue 0) with an I slice and with a P slice; after three pictures (ue 3).
            ("000001 06 06 01 C4 80 000001 41 88", true, false, true), ("000001 06 06 01 C4 80 000001 41 9A", false, false, true),
            ("000001 06 06 01 24 80 000001 41 88", false, false, true),
            // The same behind another SEI message, whose bytes hold an escape.
            ("000001 06 05 04 00 00 03 00 01 06 01 C4 80 000001 41 88", true, false, true), ("000001 06 05 FF", false, false, false),
        ] as [(String, Bool, Bool, Bool)]
    )
    func `H.264 is told by its NAL units`(hex: String, isKey: Bool, hasSets: Bool, hasPicture: Bool) {
        let found = look(hex, .h264)
        #expect((found.isKeyFrame, found.hasParameterSets, found.hasPicture) == (isKey, hasSets, hasPicture))
    }

    @Test(
        arguments: [
            ("000001 2601 AF", true, false), ("000001 2801 AF", true, false), ("000001 2A01 AF", true, false),
            ("000001 0201 D0", false, false),
            ("000001 4001 0C 000001 4201 01 000001 4401 C1 000001 2601 AF", true, true), ("000001 4001 0C 000001 2601 AF", true, false),
            ("000001 26", false, false),
        ] as [(String, Bool, Bool)]
    )
    func `H.265 is told by its NAL units`(hex: String, isKey: Bool, hasSets: Bool) {
        let found = look(hex, .h265)
        #expect((found.isKeyFrame, found.hasParameterSets) == (isKey, hasSets))
    }

    @Test func `sizes that run past the end are no units of AV1`() {
        for hex in ["12", "1200 0AFF", "0A FFFFFFFFFFFFFFFFFF", "1200 0AFFFFFFFF0F", "80", "32", "3601"] {
            let found = look(hex, .av1)
            #expect(!found.isKeyFrame && !found.hasPicture)
        }
    }

    @Test(arguments: VideoCodec.allCases) func `any bytes at all are survived`(codec: VideoCodec) throws {
        var state: UInt64 = 88_172_645_463_325_252
        func random(below bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 1) % bound
        }
        let samples = try units(codec.rawValue)
        for round in 0..<3_000 {
            var unit = samples[round % samples.count]
            for _ in 0...random(below: 4) { unit[random(below: unit.count)] = [0, 1, 3, 255, 6, 128][random(below: 6)] }
            unit.removeLast(random(below: unit.count))
            let found = unit.withUnsafeBytes { VideoAccessUnit($0, codec: codec) }
            #expect(found.hasPicture || !found.isKeyFrame)
        }
    }
}
