import ExportCore
import Foundation
import Media
import Testing

@Suite struct MP4JoinerTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: bothCodecs) func `joined videos show all their frames in order and without a gap`(settings: VideoSettings) throws {
        let joiner = MP4Joiner(folder.path("joined.mp4"))
        var number = 0
        for (episode, length) in [1, 1, 3, 2, 1, 6, 1].enumerated() {
            let path = folder.path("\(episode).mp4")
            try write(Array(number..<number + length), to: path, settings, rate: .whole(30))
            #expect(try joiner.append(path) == number..<number + length)
            number += length
        }
        #expect(joiner.frameCount == number)
        let announced = joiner.byteCount
        try joiner.finish()
        let size = try folder.bytes("joined.mp4").count
        #expect(size <= announced && announced < size + 8192)
        #expect(joiner.byteCount == size)
        #expect(throws: VideoError.self) { _ = try joiner.append(folder.path("0.mp4")) }
        try joiner.finish()
        #expect(try folder.bytes("joined.mp4").count == size)

        let frames = try shown(folder.path("joined.mp4"))
        #expect(frames.map(\.number) == (0..<number).map { $0 })
        #expect(try packets(folder.path("joined.mp4")).map(\.ticks) == (0..<number).map { Int64(512 * $0) })
        let file = try VideoFile(folder.path("joined.mp4"))
        #expect(file.averageRate.map { [$0.numerator, $0.denominator] } == [30, 1])
        #expect(file.declaredFrameCount == number)
    }

    @Test func `thousands are joined, one open at a time`() throws {
        for number in 0..<4 { try write([number], to: folder.path("\(number).mp4"), .lerobotH264, rate: .whole(30)) }
        let joiner = MP4Joiner(folder.path("joined.mp4"))
        let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        for position in 0..<2000 { _ = try joiner.append(folder.path("\(position % 4).mp4")) }
        // Other tests run at the same time and open files too, but no two thousand.
        #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count < before + 500)
        let announced = joiner.byteCount
        try joiner.finish()
        #expect(try folder.bytes("joined.mp4").count <= announced)
        #expect(try packets(folder.path("joined.mp4")).map(\.ticks) == (0..<2000).map { Int64(512 * $0) })
        #expect(try shown(folder.path("joined.mp4")).enumerated().allSatisfy { $1.number == $0 % 4 })
    }

    @Test func `a video of another kind is refused in words, and joining goes on`() throws {
        try write([1, 2], to: folder.path("first.mp4"), .lerobotH264, rate: .whole(30))
        try write([3], to: folder.path("next.mp4"), .lerobotH264, rate: .whole(30))
        try write([3], to: folder.path("better.mp4"), VideoSettings(.h264(preset: .veryfast), rateFactor: 18), rate: .whole(30))
        try write([4], to: folder.path("av1.mp4"), .lerobotAV1, rate: .whole(30))
        try write([5], to: folder.path("slow.mp4"), .lerobotH264, rate: .whole(25))
        let small = try VideoWriter(folder.path("small.mp4"), .lerobotH264, width: 64, height: 64, rate: .whole(30))
        try small.append(try rgbPicture([UInt8](repeating: 9, count: 64 * 64 * 3), width: 64, height: 64))
        try small.finish()

        let joiner = MP4Joiner(folder.path("joined.mp4"))
        _ = try joiner.append(folder.path("first.mp4"))
        let others = [
            ("av1", "it holds av1, not h264"), ("slow", "25/1 frames a second"), ("small", "64×64 pixels, not 128×96"),
            ("better", "its h264 parameters are others"),
        ]
        for (name, words) in others {
            let error = #expect(throws: VideoError.self) { _ = try joiner.append(folder.path("\(name).mp4")) }
            #expect(error?.description.contains(words) == true)
        }
        #expect(try joiner.append(folder.path("next.mp4")) == 2..<3)
        try joiner.finish()
        #expect(try shown(folder.path("joined.mp4")).map(\.number) == [1, 2, 3])
    }

    @Test func `a damaged or missing video is an error that names it`() throws {
        try write(Array(0..<4), to: folder.path("whole.mp4"), .lerobotH264, rate: .whole(30))
        let bytes = try folder.bytes("whole.mp4")
        for count in [0, 8, 200, bytes.count / 2, bytes.count - 1] {
            try Data(bytes.prefix(count)).write(to: URL(filePath: folder.path("cut.mp4")))
            let error = #expect(throws: VideoError.self) { _ = try MP4Joiner(folder.path("joined.mp4")).append(folder.path("cut.mp4")) }
            #expect(error?.description.contains("cut.mp4") == true)
        }
        #expect(throws: VideoError.self) { _ = try MP4Joiner(folder.path("joined.mp4")).append(folder.path("none.mp4")) }
        #expect(throws: VideoError.self) { try MP4Joiner(folder.path("joined.mp4")).finish() }
    }
}
