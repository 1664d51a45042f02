import Media
import Testing

private func codec(_ name: String) -> VideoDecoder.Codec {
    switch name {
    case "h265": .h265
    case "vp9": .vp9
    case "av1": .av1
    default: .h264
    }
}

@Suite struct VideoDecoderTests {
    /// Every access unit decoded, the pictures by their numbers.
    private func decode(_ units: [[UInt8]], _ codec: VideoDecoder.Codec) throws -> [Int: Picture] {
        let decoder = try VideoDecoder(codec)
        var pictures: [Int: Picture] = [:]
        for (number, unit) in units.enumerated() {
            for output in try decoder.decode(unit, number: number) { pictures[output.number] = output.picture }
        }
        for output in try decoder.drain() { pictures[output.number] = output.picture }
        return pictures
    }

    @Test(arguments: ["h264", "h264-refresh", "h265", "vp9", "av1"])
    func `every access unit gives its own picture, at once and as it was drawn`(name: String) throws {
        let units = try VideoSample.units(name)
        #expect(units.count == VideoSample.frames)
        let decoder = try VideoDecoder(codec(name))
        for (number, unit) in units.enumerated() {
            let outputs = try decoder.decode(unit, number: number)
            #expect(outputs.map(\.number) == [number])
            let picture = try #require(outputs.first).picture
            #expect(picture.width == VideoSample.width && picture.height == VideoSample.height)
            #expect(try VideoSample.number(in: picture) == number)
            // 40 is 32 dB; colours at edges have half the resolution.
            if number % 6 == 5 { #expect(meanSquaredError(try picture.rgb(), VideoSample.original(number)) < 40) }
        }
        #expect(try decoder.drain().isEmpty)
    }

    @Test(arguments: ["h264-b-frames", "h264-open"])
    func `pictures that come out late and in another order keep the numbers of their access units`(name: String) throws {
        let units = try VideoSample.units(name)
        let pictures = try decode(units, .h264)
        #expect(pictures.count == VideoSample.frames)
        let shown = try (0..<VideoSample.frames).map { try VideoSample.number(in: #require(pictures[$0])) }
        #expect(shown != Array(0..<VideoSample.frames))
        #expect(shown.compactMap { $0 }.sorted() == Array(0..<VideoSample.frames))
    }

    @Test(arguments: ["h264", "h265"]) func `a picture that refers to a lost one is refused and so is all until the next key frame`(
        name: String
    ) throws {
        let units = try VideoSample.units(name)
        let decoder = try VideoDecoder(codec(name))
        for number in 0..<5 { #expect(try decoder.decode(units[number], number: number).count == 1) }
        let error = #expect(throws: MediaError.self) { try decoder.decode(units[6], number: 6) }
        #expect(error?.description.contains("missing") == true)
        decoder.reset()
        #expect(try VideoSample.number(in: #require(decoder.decode(units[12], number: 12).first).picture) == 12)
        #expect(try VideoSample.number(in: #require(decoder.decode(units[13], number: 13).first).picture) == 13)
    }

    @Test(arguments: ["h264", "h265", "av1"]) func `nothing comes of pictures whose key frame was never seen`(name: String) throws {
        let units = try VideoSample.units(name)
        let decoder = try VideoDecoder(codec(name))
        for number in 1..<6 {
            let outputs = (try? decoder.decode(units[number], number: number)) ?? []
            #expect(outputs.isEmpty)
        }
    }

    @Test func `a stream may change its size at a key frame`() throws {
        let pictures = try decode(try VideoSample.units("h264").prefix(12) + VideoSample.units("h264-small"), .h264)
        #expect(pictures.count == 24)
        #expect(try #require(pictures[11]).width == 128)
        let after = try #require(pictures[15])
        #expect(after.width == 112 && after.height == 80)
        #expect(try VideoSample.number(in: after) == 3)
    }

    @Test(arguments: ["h264", "h265", "vp9", "av1"]) func `cut off and damaged access units are an error or a picture, never more`(
        name: String
    ) throws {
        let units = try VideoSample.units(name)
        for unit in 0..<3 {
            for count in [0, 1, 3, 5, units[unit].count / 2, units[unit].count - 1] {
                let decoder = try VideoDecoder(codec(name))
                for number in 0..<unit { _ = try decoder.decode(units[number], number: number) }
                _ = try? decoder.decode(Array(units[unit].prefix(count)), number: unit)
                _ = try? decoder.drain()
            }
        }
        var state: UInt64 = 88_172_645_463_325_252
        let decoder = try VideoDecoder(codec(name))
        for round in 0..<300 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            var damaged = units[round % 24]
            let position = Int(state >> 8) % damaged.count
            damaged[position] ^= UInt8(truncatingIfNeeded: 1 << (state % 8))
            for output in (try? decoder.decode(damaged, number: round)) ?? [] { _ = try? output.picture.rgb() }
        }
        // The decoder is as good as new after all that.
        decoder.reset()
        #expect(try VideoSample.number(in: #require(decoder.decode(units[0], number: 0).first).picture) == 0)
    }

    @Test func `pictures of several slices are whole, and of one that lacks a slice nothing is shown`() throws {
        let units = try VideoSample.units("h264-slices")
        let pictures = try decode(units, .h264)
        #expect(pictures.count == VideoSample.frames)
        for (number, picture) in pictures { #expect(try VideoSample.number(in: picture) == number) }
        // The third of four slices of an access unit goes missing, and what refers to its picture comes after it.
        let starts = units[2].indices.dropLast(3).filter { units[2][$0...].starts(with: [0, 0, 1, 0x41]) }
        try #require(starts.count == 4)
        let lacking = Array(units[2][..<starts[2]] + units[2][starts[3]...])
        let decoder = try VideoDecoder(.h264)
        for number in 0..<2 { #expect(try decoder.decode(units[number], number: number).count == 1) }
        #expect(throws: MediaError.self) { try decoder.decode(lacking, number: 2) }
    }

    @Test func `a stream of pictures beyond the limit is refused`() throws {
        // 8192×8192 pixels of plain grey, whole and sound.
        let units = try VideoSample.units("h265-too-large")
        #expect(throws: MediaError.self) { try VideoDecoder(.h265).decode(units[0], number: 0) }
    }

    @Test func `an access unit without its parameter sets gives no picture`() throws {
        let unit = try VideoSample.units("h264")[0]
        // The slice is the last NAL unit, and has a start code of three bytes before its header.
        let start = try #require(unit.indices.dropLast(4).last { Array(unit[$0..<$0 + 4]) == [0, 0, 1, 0x65] })
        let outputs = (try? VideoDecoder(.h264).decode(Array(unit[start...]), number: 0)) ?? []
        #expect(outputs.isEmpty)
    }

    @Test func `the matrix and the range that the video names are heeded`() throws {
        let picture = try #require(try decode([VideoSample.units("h264-bt709")[0]], .h264)[0])
        #expect(meanSquaredError(try picture.rgb(), VideoSample.original(0)) < 40)
        let jpeg = try JPEGEncoder().encode(picture)
        let decoded = try jpeg.withUnsafeBytes { try ImageDecoder(.jpeg).decode($0) }
        #expect(meanSquaredError(try decoded.rgb(), VideoSample.original(0)) < 40)
    }
}
