import Foundation
import Media
import Testing

@Suite struct VideoFileTests {
    private func path(_ name: String) -> String { fixture("video/\(name)").path() }

    @Test(arguments: ["b-frames.mp4", "b-frames.mkv"]) func `B-frames have the times at which they are shown`(name: String) throws {
        let packets = try packets(path(name))
        let times = packets.compactMap(\.nanoseconds)
        #expect(times != times.sorted())
        #expect(times.sorted() == (0..<12).map { 40_000_000 * $0 })
        #expect(packets.map(\.isKeyFrame) == (0..<12).map { $0 == 0 })
        let frames = try shown(path(name))
        #expect(frames.map(\.number) == (0..<12).map { $0 })
        #expect(frames.map(\.nanoseconds) == (0..<12).map { 40_000_000 * $0 })
    }

    @Test func `what a file tells of itself is told`() throws {
        let file = try VideoFile(path("b-frames.mp4"))
        #expect(file.codec == "h264")
        #expect(file.pixelFormat == "yuv420p")
        #expect((file.width, file.height) == (128, 96))
        #expect(file.averageRate.map { [$0.numerator, $0.denominator] } == [25, 1])
        #expect(file.declaredFrameCount == 12)
        #expect(file.durationNanoseconds == 480_000_000)
        let matroska = try VideoFile(path("b-frames.mkv"))
        #expect(matroska.container == "matroska,webm")
        #expect(matroska.declaredFrameCount == nil)
        #expect(matroska.durationNanoseconds == 480_000_000)
    }

    @Test func `what an edit list cuts off is not shown`() throws {
        let packets = try packets(path("cut.mp4"))
        #expect(packets.count == 12)
        #expect(packets.filter(\.isShown).compactMap(\.nanoseconds).sorted() == (0..<8).map { 40_000_000 * $0 })
        #expect(try shown(path("cut.mp4")).map(\.number) == (4..<12).map { $0 })
    }

    @Test func `pictures that an AVI leaves out are a hole in its times`() throws {
        let times = try packets(path("gap.avi")).compactMap(\.nanoseconds)
        #expect(times == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11].map { 40_000_000 * $0 })
    }

    @Test func `what is no video is refused in words`() throws {
        let folder = try TemporaryFolder()
        let text = folder.path("video.mp4")
        try Data("#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\n/etc/passwd\n".utf8).write(to: URL(filePath: text))
        for path in [text, fixture("pictures/420.jpg").path(), folder.path("none.mp4"), "/dev/null"] {
            let error = #expect(throws: VideoError.self) { _ = try VideoFile(path) }
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test(arguments: ["b-frames.mp4", "b-frames.mkv", "cut.mp4", "gap.avi"])
    func `a cut or damaged file is read or refused, and never more`(name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: fixture("video/\(name)")))
        let folder = try TemporaryFolder()
        let url = URL(filePath: folder.path("damaged"))
        for round in 0..<60 {
            var damaged = bytes
            if round % 3 == 0 { damaged.removeLast(round * bytes.count / 60) }
            for place in stride(from: 4 + round, to: damaged.count, by: 61) { damaged[place] ^= UInt8(1 << (round % 8)) }
            try Data(damaged).write(to: url)
            guard let decoder = try? VideoFileDecoder(url.path()) else { continue }
            for _ in 0..<100 {
                do {
                    if try decoder.next() == nil { break }
                } catch {}
            }
            _ = try? packets(url.path())
        }
    }
}
