import Checksums
import ExportCore
import Foundation
import Synchronization
import Testing

@testable import Media

@Suite struct VideoWriterTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: bothCodecs, [30_000_000, 25_000_000, 29_970_000, 12_500_000, 1_000_000] as [Int64])
    func `frame k of a video is picture k and is shown at k ÷ rate`(settings: VideoSettings, microhertz: Int64) throws {
        let rate = try #require(Hertz(microhertz: microhertz))
        let path = folder.path("video.mp4")
        try write(Array(0..<7), to: path, settings, rate: rate)

        let decoder = try VideoFileDecoder(path)
        for k in 0..<7 {
            let frame = try #require(try decoder.next())
            #expect(try VideoSample.number(in: frame.picture) == k)
            #expect(decibels(try frame.picture.rgb(), VideoSample.original(k)) > 30)
        }
        #expect(try decoder.next() == nil)

        let file = try VideoFile(path)
        #expect(file.codec == settings.codec.name)
        #expect(file.pixelFormat == "yuv420p")
        #expect((file.width, file.height) == (VideoSample.width, VideoSample.height))
        #expect(file.declaredFrameCount == 7)
        let mean = try #require(file.averageRate)
        #expect(Int64(mean.numerator) * 1_000_000 == microhertz * Int64(mean.denominator))
        // ticks × seconds in a tick × rate = k, in whole numbers.
        let packets = try packets(path)
        for (k, packet) in packets.enumerated() {
            let ticks = try #require(packet.ticks)
            #expect(file.timeBase.numerator == 1)
            #expect(ticks * microhertz == Int64(k) * Int64(file.timeBase.denominator) * 1_000_000)
            #expect(packet.isKeyFrame == (k % 2 == 0))
            #expect(packet.isShown)
        }
        #expect(packets.count == 7)
    }

    // By x264 of Debian 12 with its instructions for SSE 4.2, AVX2 and AVX-512 alike. What it does where it may choose differs between
    // them, and within one process from run to run.
    @Test func `H.264 of moving noise is the same bytes on every processor`() throws {
        let (width, height) = (64, 48)
        let path = folder.path("noise.mp4")
        let writer = try VideoWriter(path, .lerobotH264, width: width, height: height, rate: .whole(5))
        var state: UInt32 = 1
        let texture = (0..<3 * 256 * height).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        for frame in 0..<120 {
            let rows = (0..<height).map { row in
                let start = 3 * (256 * row + frame * frame / 100)
                return texture[start..<start + 3 * width]
            }
            let pixels = rows.joined().map { UInt8(64 + Int($0) / 2 * (frame % 7 + 3) / 10) }
            try writer.append(try rgbPicture(pixels, width: width, height: height))
        }
        try writer.finish()
        let digest = try SHA256.digest(ofFile: path).digest.hexadecimal
        #expect(digest == "979db3149c15b98c916856b392099a686d41705cf02249d9b6c0665e023a0da2")
    }

    @Test(arguments: bothCodecs) func `colours stay what they were, from black to white`(settings: VideoSettings) throws {
        let colours: [[UInt8]] = [
            [0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128], [20, 200, 90], [250, 240, 3],
        ]
        for isJPEG in [true, false] {
            let path = folder.path("colours.mp4")
            let writer = try VideoWriter(path, settings, width: 64, height: 64, rate: .whole(30))
            for colour in colours {
                var picture = try rgbPicture((0..<64 * 64).flatMap { _ in colour }, width: 64, height: 64)
                if isJPEG { picture = try JPEGEncoder().encode(picture).withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) } }
                try writer.append(picture)
            }
            try writer.finish()
            let decoder = try VideoFileDecoder(path)
            for colour in colours {
                let found = means(try #require(try decoder.next()).picture.rgb())
                for (found, expected) in zip(found, colour) { #expect(abs(found - Double(expected)) < 4, "\(colour): \(found)") }
            }
        }
    }

    @Test(arguments: ["420", "422", "444", "440", "411", "gray"])
    func `a JPEG goes in however it stores its colours`(name: String) throws {
        let jpeg = [UInt8](try Data(contentsOf: fixture("pictures/\(name).jpg")))
        let picture = try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
        let path = folder.path("video.mp4")
        let settings = VideoSettings(.h264(preset: .veryfast), rateFactor: 10)
        let writer = try VideoWriter(path, settings, width: 96, height: 64, rate: .whole(30))
        for _ in 0..<2 { try writer.append(picture) }
        try writer.finish()
        let decoder = try VideoFileDecoder(path)
        let original = try picture.rgb()
        for _ in 0..<2 {
            let found = try #require(try decoder.next()).picture.rgb()
            #expect(decibels(found, original) > 38)
            for (found, expected) in zip(means(found), means(original)) { #expect(abs(found - expected) < 1) }
        }
    }

    @Test(arguments: [("bgr8", 3), ("rgba8", 4), ("mono8", 1), ("bayer_rggb8", 1), ("yuv422", 2)])
    func `raw pixels go in whatever their layout`(encoding: String, bytesPerPixel: Int) throws {
        let layout = try #require(PixelLayout(rosEncoding: encoding))
        let step = 64 * bytesPerPixel
        // A flat gray is the same number in every layout; luma and chroma have 16 to 235 for it.
        let isYUV = layout == .uyvy || layout == .yuyv
        let pixels = [UInt8](repeating: 128, count: 64 * step)
        let picture = try pixels.withUnsafeBytes { try Picture($0, layout: layout, width: 64, height: 64, step: step) }
        let path = folder.path("video.mp4")
        let writer = try VideoWriter(path, .lerobotAV1, width: 64, height: 64, rate: .whole(30))
        try writer.append(picture)
        try writer.finish()
        let found = means(try #require(try VideoFileDecoder(path).next()).picture.rgb())
        let expected = isYUV ? 112.0 * 255 / 219 : 128
        for value in found { #expect(abs(value - expected) < 2) }
    }

    @Test func `values come into video's range rounded, all of them`() {
        for value in 0...255 {
            #expect(LimitedRange.luma(UInt8(value)) == UInt8((16 + Double(value) * 219 / 255).rounded()))
            #expect(LimitedRange.chroma(UInt16(value)) == UInt8((128 + Double(value - 128) * 224 / 255).rounded()))
        }
    }

    @Test(arguments: bothCodecs) func `the same pictures are the same bytes, also side by side`(settings: VideoSettings) async throws {
        let paths = (0..<4).map { folder.path("\($0).mp4") }
        try await withThrowingTaskGroup { group in
            for path in paths { group.addTask { try write(Array(0..<9), to: path, settings, rate: .whole(30)) } }
            try await group.waitForAll()
        }
        let first = try folder.bytes("0.mp4")
        for number in 1..<4 { #expect(try folder.bytes("\(number).mp4") == first) }
    }

    @Test(arguments: bothCodecs, [0, 1, 5]) func `a video can be given up after any frame`(settings: VideoSettings, count: Int) throws {
        let path = folder.path("video.mp4")
        let writer = try VideoWriter(path, settings, width: VideoSample.width, height: VideoSample.height, rate: .whole(30))
        for number in 0..<count { try writer.append(try sample(number)) }
    }

    @Test(arguments: bothCodecs) func `a finished video takes no more frames`(settings: VideoSettings) throws {
        let path = folder.path("video.mp4")
        let writer = try VideoWriter(path, settings, width: VideoSample.width, height: VideoSample.height, rate: .whole(30))
        try writer.append(try sample(1))
        try writer.finish()
        let bytes = try folder.bytes("video.mp4")
        #expect(throws: VideoError.self) { try writer.append(try sample(2)) }
        #expect(throws: VideoError.self) { try writer.finish() }
        #expect(try folder.bytes("video.mp4") == bytes)
    }

    @Test(arguments: bothCodecs, [(97, 65), (96, 65), (97, 64)])
    func `an odd last column or row is left out`(settings: VideoSettings, size: (Int, Int)) throws {
        let (width, height) = size
        let value = { (x: Int, y: Int) -> [UInt8] in [UInt8(2 * x), UInt8(2 * y), UInt8(x + y)] }
        let bytes = (0..<height).flatMap { y in (0..<width).flatMap { x in value(x, y) } }
        let kept = (0..<64).flatMap { y in (0..<96).flatMap { x in value(x, y) } }
        let path = folder.path("odd.mp4")
        let writer = try VideoWriter(path, settings, width: width, height: height, rate: .whole(30))
        #expect((writer.width, writer.height) == (96, 64))
        let jpeg = try JPEGEncoder().encode(try rgbPicture(bytes, width: width, height: height))
        try writer.append(try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) })
        try writer.append(try rgbPicture(bytes, width: width, height: height))
        try writer.finish()
        let decoder = try VideoFileDecoder(path)
        for _ in 0..<2 {
            let picture = try #require(try decoder.next()).picture
            #expect((picture.width, picture.height) == (96, 64))
            #expect(decibels(try picture.rgb(), kept) > 32)
        }
    }

    @Test(arguments: bothCodecs) func `one frame is a video`(settings: VideoSettings) throws {
        let path = folder.path("one.mp4")
        try write([5], to: path, settings, rate: .whole(30))
        #expect(try shown(path).map(\.number) == [5])
        let file = try VideoFile(path)
        #expect(file.averageRate.map { [$0.numerator, $0.denominator] } == [30, 1])
        #expect(file.durationNanoseconds == 33_333_333)
    }

    @Test func `a frame of another size is refused with both sizes, and the video goes on`() throws {
        let path = folder.path("video.mp4")
        let writer = try VideoWriter(path, .lerobotH264, width: VideoSample.width, height: VideoSample.height, rate: .whole(30))
        try writer.append(try sample(1))
        let other = try rgbPicture([UInt8](repeating: 9, count: 64 * 64 * 3), width: 64, height: 64)
        let error = #expect(throws: VideoError.self) { try writer.append(other) }
        #expect(error == .frameSize(expectedWidth: 128, expectedHeight: 96, foundWidth: 64, foundHeight: 64))
        try writer.append(try sample(2))
        try writer.finish()
        #expect(try shown(path).map(\.number) == [1, 2])
    }

    @Test func `what cannot be encoded is refused in words`() throws {
        let path = folder.path("video.mp4")
        func refusal(_ settings: VideoSettings, _ width: Int, _ height: Int, _ rate: Hertz = .whole(30)) -> String? {
            #expect(throws: VideoError.self) { _ = try VideoWriter(path, settings, width: width, height: height, rate: rate) }?.description
        }
        #expect(refusal(.lerobotAV1, 62, 64)?.contains("62×64 pixels are too small for AV1") == true)
        #expect(refusal(.lerobotH264, 1, 64)?.contains("too small") == true)
        #expect(refusal(.lerobotH264, 1 << 40, 64) != nil)
        #expect(refusal(.lerobotH264, -4, 64) != nil)
        #expect(refusal(VideoSettings(.h264(preset: .fast), rateFactor: 52), 64, 64)?.contains("0 to 51") == true)
        #expect(refusal(VideoSettings(.av1(preset: 14), rateFactor: 30), 64, 64)?.contains("0 to 13") == true)
        #expect(refusal(VideoSettings(.av1(preset: 12), rateFactor: 30, keyFrameInterval: 0), 64, 64) != nil)
        #expect(refusal(VideoSettings(.av1(preset: 11), rateFactor: 30, keyFrameInterval: 3), 64, 64)?.contains("not every 3") == true)
        #expect(refusal(.lerobotH264, 64, 64, .whole(1001))?.contains("1001 frames a second") == true)
        for settings in bothCodecs {
            let empty = try VideoWriter(path, settings, width: 64, height: 64, rate: .whole(30))
            #expect(throws: VideoError.self) { try empty.finish() }
        }
    }

    @Test func `a file that cannot be written is an error that names it, and a full disk says so`() throws {
        let nowhere = folder.path("none/video.mp4")
        let error = #expect(throws: VideoError.self) {
            _ = try VideoWriter(nowhere, .lerobotH264, width: 64, height: 64, rate: .whole(30))
        }
        #expect(error == .writing(path: nowhere, reason: "No such file or directory", errno: ENOENT))
        #expect(error?.exportError.code == .ioError)
        let full = #expect(throws: VideoError.self) { try write(Array(0..<20), to: "/dev/full", .lerobotH264, rate: .whole(30)) }
        #expect(full?.exportError.code == .storageFull, "\(String(describing: full))")
    }

    /// SVT-AV1 1.4.1 looks at the machine's processors in memory that all of its encoders share.
    @Test func `encoders of AV1 may be opened and closed side by side`() {
        let failures = Mutex(0)
        let places = (0..<64).map { folder.path("\($0).mp4") }
        DispatchQueue.concurrentPerform(iterations: places.count) { number in
            do {
                try write([0, 1], to: places[number], .lerobotAV1, rate: .whole(30))
            } catch {
                failures.withLock { $0 += 1 }
            }
        }
        #expect(failures.withLock { $0 } == 0)
    }
}
