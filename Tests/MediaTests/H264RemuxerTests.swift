import ExportCore
import Foundation
import Media
import TestSupport
import Testing

@Suite struct H264RemuxerTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func remux(_ units: [[UInt8]], rate: Hertz = .whole(30)) throws {
        let remuxer = try H264Remuxer(folder.path("video.mp4"), rate: rate)
        for unit in units { try unit.withUnsafeBytes { try remuxer.append($0) } }
        try remuxer.finish()
    }

    @Test func `every picture is kept as it is, in its place`() throws {
        let units = try VideoSample.units("h264")
        try remux(units, rate: .whole(15))
        let frames = try shown(folder.path("video.mp4"))
        #expect(frames.map(\.number) == (0..<units.count).map { $0 })
        let packets = try packets(folder.path("video.mp4"))
        #expect(packets.map(\.ticks) == (0..<units.count).map { Int64(1024 * $0) })
        #expect(packets.map(\.isKeyFrame) == (0..<units.count).map { $0 % VideoSample.group == 0 })
        // Decoded from the recording and from the file, the pictures are the same.
        let reference = try VideoDecoder(.h264)
        let decoder = try VideoFileDecoder(folder.path("video.mp4"))
        var expected = try units.enumerated().flatMap { try reference.decode($1, number: $0) }
        expected += try reference.drain()
        for output in expected { #expect(try decoder.next()?.picture.rgb() == output.picture.rgb()) }
        #expect(expected.count == units.count)
    }

    @Test func `remuxed videos are joined`() throws {
        let units = try VideoSample.units("h264")
        let joiner = MP4Joiner(folder.path("joined.mp4"))
        for _ in 0..<3 {
            try remux(units)
            _ = try joiner.append(folder.path("video.mp4"))
        }
        try joiner.finish()
        #expect(try shown(folder.path("joined.mp4")).map(\.number) == (0..<3 * units.count).map { $0 % units.count })
    }

    @Test func `a stream refreshed in stripes has one key frame, where everything begins anew`() throws {
        try remux(try VideoSample.units("h264-refresh"))
        // The box of sync samples (ISO/IEC 14496-12, 8.6.2): version and flags, how many, their numbers from 1.
        let bytes = try folder.bytes("video.mp4")
        let box = Array("stss".utf8) + [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
        #expect(bytes.indices.dropLast(box.count).contains { bytes[$0..<$0 + box.count].elementsEqual(box) })
        #expect(try shown(folder.path("video.mp4")).map(\.number) == (0..<VideoSample.frames).map { $0 })
    }

    @Test func `what cannot be kept as it is is refused in words`() throws {
        func refusal(_ units: [[UInt8]]) -> String {
            #expect(throws: VideoError.self) { try remux(units) }?.description ?? ""
        }
        let units = try VideoSample.units("h264")
        #expect(refusal(try VideoSample.units("h264-b-frames")).contains("B-frames"))
        #expect(refusal(try VideoSample.units("h264-open")).contains("B-frames"))
        #expect(refusal(Array(units.dropFirst(5))).contains("picture 0 is no key frame"))
        #expect(refusal([units[0] + units[1]]).contains("message 0 holds 2 pictures"))
        #expect(refusal([units[0], []]).contains("message 1 holds 0 pictures"))
        #expect(refusal(try units + VideoSample.units("h264-small")).contains("picture 36 changes the stream's parameters"))
        #expect(refusal(try VideoSample.units("h265")) != "")
        #expect(refusal([]) != "")
    }

    @Test func `damaged pictures are refused or kept, and never more`() throws {
        let units = try VideoSample.units("h264")
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var damaged = Array(units.prefix(4))
            for _ in 0..<4 {
                let unit = Int.random(in: 0..<4, using: &generator)
                let place = Int.random(in: 0..<min(damaged[unit].count, 60), using: &generator)
                damaged[unit][place] = UInt8.random(in: 0...255, using: &generator)
            }
            damaged[3] = Array(damaged[3].prefix(Int.random(in: 0..<40, using: &generator)))
            try? remux(damaged)
        }
    }
}
