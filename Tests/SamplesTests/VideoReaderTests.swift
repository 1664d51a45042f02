import ExportCore
import Files
import Media
import Recordings
import Testing

@testable import Samples

@Suite struct VideoReaderTests {
    private func reader(_ recording: VideoRecording, _ codec: VideoCodec = .h264) throws -> VideoReader {
        try VideoReader(
            recording.recording,
            recording.topic,
            codec: codec,
            locations: recording.locations,
            cancellation: Cancellation()
        )
    }

    /// The number that the picture of a sample spells in its squares.
    private func number(_ reader: VideoReader, _ sample: Int) throws -> Int {
        let picture = try reader.picture(ofSample: sample)
        let rgb = try picture.rgb()
        return (0..<7).reduce(0) { $0 | (rgb[(8 * picture.width + 16 * $1 + 8) * 3] > 127 ? 1 << $1 : 0) }
    }

    @Test(arguments: [("h264", VideoCodec.h264), ("h265", .h265), ("vp9", .vp9), ("av1", .av1)])
    func `any sample gives its own picture, forward, again, far ahead and back`(name: String, codec: VideoCodec) throws {
        let recording = try VideoRecording(try VideoRecording.units(name), format: name)
        let reader = try reader(recording, codec)
        #expect(Array(reader.samples) == Array(0..<36))
        for sample in [0, 1, 1, 2, 5, 5, 17, 35, 35, 3, 4, 34, 0, 12, 11, 35] { #expect(try number(reader, sample) == sample) }
        #expect(reader.warnings(feature: "f").isEmpty)
    }

    @Test func `with B-frames a message's picture is the one that it codes`() throws {
        let units = try VideoRecording.units("h264-b-frames")
        let reader = try reader(try VideoRecording(units))
        let shown = try (0..<36).map { try number(reader, $0) }
        #expect(shown.sorted() == Array(0..<36))
        // The third access unit of each group of three is shown between the other two.
        #expect(Array(shown[0..<4]) == [0, 3, 1, 2])
        for sample in [35, 20, 33, 7] { #expect(try number(reader, sample) == shown[sample]) }
    }

    @Test func `open groups of pictures are joined in their middle`() throws {
        let units = try VideoRecording.units("h264-open")
        let recording = try VideoRecording(units)
        let whole = try reader(recording)
        let shown = try (0..<36).map { try number(whole, $0) }
        #expect(shown.sorted() == Array(0..<36))
        for start in 0..<36 {
            let reader = try reader(recording)
            for sample in [start, 35, 5] { #expect(try number(reader, sample) == shown[sample]) }
            #expect(reader.warnings(feature: "f").isEmpty)
        }
    }

    @Test func `a stream of which only recovery points were recorded begins at the first of them`() throws {
        // The first recovery point and what follows, without the IDR picture.
        let units = Array(try VideoRecording.units("h264-open").dropFirst(6))
        let reader = try reader(try VideoRecording(units))
        try reader.screen()
        #expect(reader.samples.count >= 20)
        let shown = try reader.samples.indices.map { try number(reader, $0) }
        #expect(Set(shown).count == shown.count && shown.last.map { $0 >= 34 } == true)
        for sample in [reader.samples.count - 1, 3] { #expect(try number(reader, sample) == shown[sample]) }
    }

    @Test func `far ahead the decoder begins again at a key frame`() throws {
        let group = try VideoRecording.units("h264")
        let reader = try reader(try VideoRecording(group + group + group))
        for sample in [2, 40, 75, 107, 1] { #expect(try number(reader, sample) == sample % 36) }
    }

    @Test func `messages before the first key frame are no samples and are counted`() throws {
        let reader = try reader(try VideoRecording(Array(try VideoRecording.units("h264").dropFirst(5))))
        #expect(Array(reader.samples) == Array(7..<31))
        #expect(try number(reader, 0) == 12)
        #expect(reader.warnings(feature: "f").map(\.code) == ["video_starts_late"])
        #expect(reader.warnings(feature: "f")[0].message.contains("7 of 31"))
    }

    @Test func `a video without any key frame is refused`() throws {
        let recording = try VideoRecording(Array(try VideoRecording.units("h264")[1..<12]))
        let error = #expect(throws: ExportError.self) { try reader(recording) }
        #expect(error?.message.contains("no key frame") == true)
    }

    @Test(arguments: [("h264", VideoCodec.h264), ("h265", .h265)]) func `a lost message loses the rest of its group and no more`(
        name: String,
        codec: VideoCodec
    ) throws {
        var units = try VideoRecording.units(name)
        units.remove(at: 15)
        let recording = try VideoRecording(units, format: name)
        let plain = try reader(recording, codec)
        #expect(throws: UnusableSample.self) { try plain.picture(ofSample: 16) }
        #expect(try number(plain, 23) == 24)
        let screened = try reader(recording, codec)
        try screened.screen()
        #expect(Array(screened.samples) == Array(0..<15) + Array(23..<35))
        let shown = try screened.samples.indices.map { try number(screened, $0) }
        #expect(shown == Array(0..<15) + Array(24..<36))
        let warnings = screened.warnings(feature: "f")
        #expect(warnings.map(\.code) == ["video_broken"])
        #expect(warnings[0].message.contains("once, at message 16 of 35"))
    }

    @Test func `a message that holds something else breaks the video until the next key frame`() throws {
        var units = try VideoRecording.units("h264")
        units[14] = [0xFF, 0xD8, 0xFF, 0xE0]
        units[30] = Array(units[30].prefix(9))
        let reader = try reader(try VideoRecording(units))
        try reader.screen()
        #expect(reader.samples.filter { $0 < 24 } == Array(0..<14))
        #expect(reader.samples.filter { $0 >= 24 } == Array(24..<30))
        #expect(reader.warnings(feature: "f")[0].message.contains("2 times, first at message 15 of 36"))
    }

    @Test func `parameter sets that were sent once are enough, also in a message of their own`() throws {
        let units = try VideoRecording.units("h264")
        let slice = try #require(units[0].indices.dropLast(4).last { Array(units[0][$0..<$0 + 4]) == [0, 0, 1, 0x65] })
        // All key frames without what comes before their slice; the parameter sets in a message before them.
        var bare = units
        for key in [0, 12, 24] {
            let start = try #require(units[key].indices.dropLast(4).last { Array(units[key][$0..<$0 + 4]) == [0, 0, 1, 0x65] })
            bare[key] = Array(units[key][start...])
        }
        let sets = Array(units[0][..<slice])
        let reader = try reader(try VideoRecording([sets] + bare))
        // Straight into the middle: the parameter sets are looked for.
        #expect(Array(reader.samples) == Array(1...36))
        #expect(try number(reader, 13) == 13)
        #expect(try number(reader, 3) == 3)
        try reader.screen()
        #expect(Array(reader.samples) == Array(1...36))
    }

    @Test func `a cancelled reader stops`() throws {
        let recording = try VideoRecording(try VideoRecording.units("h264"))
        let cancellation = Cancellation()
        let reader = try VideoReader(
            recording.recording,
            recording.topic,
            codec: .h264,
            locations: recording.locations,
            cancellation: cancellation
        )
        cancellation.cancel()
        #expect(throws: CancellationError.self) { try reader.screen() }
    }
}
