import ExportCore
import Files
import Formats
import Foundation
import MCAP
import Testing

@testable import Playback

private func simple() -> Volume {
    var volume = Volume(topics: [.init(id: 1, name: "/a"), .init(id: 2, name: "b"), .init(id: 3, name: "/silent")])
    for chunk in 0..<10 {
        volume.chunks.append(
            (0..<10).map {
                (topic: $0 % 3 == 0 ? 2 : 1, time: UInt64(1_000 + chunk * 100 + $0 * 10), data: [UInt8](repeating: UInt8($0), count: 300))
            }
        )
    }
    volume.attachments = [("early", 1), ("late", 1_700)]
    return volume
}

@Suite struct `A recording as one file` {
    @Test func `attaches no file that a symbolic link leads to in the annotation's place`() throws {
        let secret = try TemporaryFolder()
        try Data("somebody else's".utf8).write(to: URL(filePath: "\(secret.path)/notes"))
        var fixture = try Fixture([simple()])
        try fixture.annotate([1_100...1_299])
        let work = try fixture.work("out")
        try FileManager.default.removeItem(atPath: "\(fixture.folder.path)/annotation.json")
        try FileManager.default.createSymbolicLink(
            atPath: "\(fixture.folder.path)/annotation.json",
            withDestinationPath: "\(secret.path)/notes"
        )
        #expect(throws: FileError.self) { try FullPlayback(work, MCAPOptions()).write(name: "recording.mcap") }
    }

    @Test func `holds everything byte for byte, with the annotation`() throws {
        var fixture = try Fixture([simple()])
        try fixture.annotate([1_100...1_299, 1_200...1_250, 1_600...5_000])
        let (summary, file) = try fixture.full()
        #expect(file.isConsistent)
        #expect(file.recorded == (try fixture.messages()))
        #expect(summary.messages == 100)
        #expect(summary.warnings.isEmpty)
        #expect(file.attachments == ["early", "late", "annotation.json"])
        #expect(file.file.metadata.map(\.name) == ["recorder", "exportd.dataset"] + Array(repeating: "exportd.annotation", count: 3))
        let states = file.annotations.map { "\($0.time) \($0.state["state"] ?? "") \($0.state["task"] ?? "")" }
        #expect(
            states == [
                "1000 none ", "1100 start task 1", "1200 start task 2", "1251 resume task 1", "1300 none ", "1600 start task 3",
            ]
        )
        #expect(file.annotations[1].state["end_ns"] as? String == "1299")
    }

    @Test func `has its data copied as it lies there where nothing is left out`() throws {
        let fixture = try Fixture([simple()])
        let (_, file) = try fixture.full()
        let source = try MCAPFile(path: "\(fixture.folder.path)/data_0.mcap")
        let section = source.dataSection.place
        let copied = source.withFileBytes(section) { span in span.withUnsafeBytes { Array($0) } }
        #expect(file.bytes[section].elementsEqual(copied))
    }

    @Test func `with events of services, which nothing can take apart, under any ids is copied as it is`() throws {
        let definition = "int64 a\nint64 b\n---\nint64 sum\n"
        let schema = Schema(id: 900, name: "interfaces/srv/Add_Event", encoding: "ros2msg", data: Array(definition.utf8))
        var volume = Volume(topics: [
            .init(id: .max, name: "/add/_service_event", schema: schema, encoding: "cdr"), .init(id: 0, name: "/a"),
        ])
        let messages = (0..<6 as Range<UInt8>).map { number -> (topic: UInt16, time: UInt64, data: [UInt8]) in
            (number.isMultiple(of: 2) ? .max : 0, 1_000 + UInt64(number), [0, 1, 0, 0, number])
        }
        volume.chunks = [messages]
        var fixture = try Fixture([volume])
        try fixture.annotate([1_001...1_004])
        let original = try fixture.messages()
        for from: UInt64 in [1_000, 1_002] {
            let options = MCAPOptions { if from > 1_000 { $0.time = .window(from: .offset(2), to: nil) } }
            let (_, file) = try fixture.full(options, as: "from \(from)")
            #expect(file.isConsistent)
            #expect(file.recorded == original.filter { $0.time >= from })
            #expect(file.file.channels[.max]?.topic == "/add/_service_event")
            #expect(file.file.schemas[900] == schema)
        }
    }

    @Test func `is the same every time`() throws {
        var fixture = try Fixture([simple(), simple()])
        try fixture.annotate([1_100...1_299])
        let options = MCAPOptions { $0.time = .window(from: .offset(130), to: nil) }
        let (one, two) = (try fixture.full(options, as: "one").file.bytes, try fixture.full(options, as: "two").file.bytes)
        #expect(one == two)
    }

    @Test func `takes the topics and the time that are asked for, and copies whole chunks inside them`() throws {
        let fixture = try Fixture([simple()])
        let (summary, file) = try fixture.full(MCAPOptions { $0.time = .window(from: .offset(150), to: .offset(620)) })
        let expected = try fixture.messages().filter { (1_150..<1_620).contains($0.time) }
        #expect(file.recorded == expected)
        #expect(summary.messages == UInt64(expected.count))
        #expect(file.topics == ["/a", "b", "/silent"], "channels stay, whether or not they have messages")
        let source = try MCAPFile(path: "\(fixture.folder.path)/data_0.mcap")
        for number in 2...5 {
            let chunk = source.withStoredChunk(number) { record, _ in record.withUnsafeBytes { Array($0) } }
            #expect(file.bytes.firstRange(of: chunk) != nil, "chunk \(number) was written anew")
        }
        let (_, one) = try fixture.full(MCAPOptions { $0.topics.include = ["/b", "sil*"] }, as: "topics")
        #expect(one.recorded == (try fixture.messages().filter { $0.topic == "b" }))
        #expect(one.topics == ["b", "/silent"])
        let (_, rest) = try fixture.full(MCAPOptions { $0.topics.exclude = ["[ab]"] }, as: "excluded")
        #expect(rest.recorded.isEmpty && rest.topics == ["/silent"])
        #expect(rest.attachments == ["early", "late"])
    }

    @Test func `takes what the segments cover, both ends included, and says at once what is being done`() throws {
        var fixture = try Fixture([simple()])
        try fixture.annotate([1_100...1_200, 1_150...1_180, 1_500...1_500])
        let (_, file) = try fixture.full(MCAPOptions { $0.time = .segments })
        #expect(file.recorded == (try fixture.messages().filter { (1_100...1_200).contains($0.time) || $0.time == 1_500 }))
        let (_, inside) = try fixture.full(MCAPOptions { $0.time = .window(from: .offset(120), to: .offset(190)) }, as: "inside")
        let states = inside.annotations.map { "\($0.time) \($0.state["state"] ?? "") \($0.state["index"] ?? "")" }
        #expect(states == ["1120 start 1", "1150 start 2", "1181 resume 1"])
    }

    @Test(arguments: [MessageSelection.ChunkCompression.none, .lz4, .zstd])
    func `is compressed as asked`(_ compression: MessageSelection.ChunkCompression) throws {
        let fixture = try Fixture([simple()])
        let (_, file) = try fixture.full(MCAPOptions { $0.compression = compression })
        #expect(file.recorded == (try fixture.messages()))
        #expect(Set(file.file.storedChunks.map(\.compression)) == [compression == .none ? "" : compression.rawValue])
    }

    @Test func `asks for topics that are there`() throws {
        let fixture = try Fixture([simple()])
        let missing = #expect(throws: ExportError.self) { try fixture.full(MCAPOptions { $0.topics.include = ["/a", "/nope"] }) }
        #expect(missing?.code == .topicMissing)
        #expect(missing?.message == "site/one has no topic /nope.")
        let none = #expect(throws: ExportError.self) { try fixture.full(MCAPOptions { $0.topics.exclude = ["*"] }) }
        #expect(none?.message == "The topics: of the request take none of the 3 topics of site/one.")
        #expect(throws: Never.self) { try fixture.full(MCAPOptions { $0.topics.include = ["/a", "/nope*"] }, as: "glob") }
    }

    @Test func `may have no message, with its channels and a warning`() throws {
        let fixture = try Fixture([simple()])
        let (summary, file) = try fixture.full(MCAPOptions { $0.time = .window(from: .offset(5_000), to: nil) })
        #expect(file.isConsistent && file.recorded.isEmpty && file.topics.count == 3)
        #expect(summary.warnings.map(\.code) == ["no_messages"])
        let empty = try Fixture([Volume(topics: [.init(id: 4, name: "/a")])])
        let (nothing, emptyFile) = try empty.full()
        #expect(emptyFile.isConsistent && emptyFile.topics == ["/a"] && nothing.warnings.isEmpty)
    }

    @Test func `of several volumes has ids that mean one thing`() throws {
        let string = Schema(id: 1, name: "String", encoding: "jsonschema", data: Array("{}".utf8))
        let number = Schema(id: 1, name: "Number", encoding: "jsonschema", data: Array("{}".utf8))
        var first = Volume(topics: [.init(id: 1, name: "/a", schema: string), .init(id: 2, name: "/b")])
        var second = Volume(topics: [
            .init(id: 1, name: "/c", schema: number), .init(id: 2, name: "/b"), .init(id: 9, name: "/a", schema: number),
        ])
        first.chunks = [[(1, 10, [1]), (2, 20, [2])]]
        second.chunks = [[(1, 30, [3]), (2, 40, [4]), (9, 50, [5])], [(2, 60, [6])]]
        second.attachments = [("second", 35)]
        let fixture = try Fixture([first, second])
        let (_, file) = try fixture.full()
        #expect(file.isConsistent)
        #expect(file.recorded == (try fixture.messages()))
        let schemas = file.file.channels.values.map { "\($0.topic) \(file.file.schemas[$0.schemaID]?.name ?? "-")" }
        #expect(Set(schemas) == ["/a String", "/b -", "/c Number", "/a Number"])
        #expect(file.file.channels[2]?.topic == "/b", "an id that does not conflict stays")
        #expect(file.attachments == ["second"])
    }

    @Test func `is recovered as far as it goes`() throws {
        let fixture = try Fixture([simple()])
        let path = "\(fixture.folder.path)/data_0.mcap"
        let whole = try Data(contentsOf: URL(filePath: path))
        let source = try MCAPFile(path: path)
        let cut = source.storedChunk(7).place.lowerBound + source.storedChunk(7).place.count / 2
        try whole.prefix(cut).write(to: URL(filePath: path))
        let (summary, file) = try fixture.full()
        #expect(file.isConsistent)
        #expect(file.recorded == (try fixture.messages()))
        #expect(file.recorded.count >= 70)
        #expect(summary.warnings.map(\.code).contains("recording_truncated"))
    }

    @Test(arguments: [true, false]) func `says which chunk has a wrong checksum, and copies it as it is`(hasDataChecksum: Bool) throws {
        var volume = simple()
        volume.compression = .none
        let fixture = try Fixture([volume])
        let sound = try fixture.damage(chunk: nil, keepingDataChecksum: hasDataChecksum)
        #expect(try fixture.full(as: "sound").summary.warnings.isEmpty)
        try fixture.damage(chunk: 3, keepingDataChecksum: hasDataChecksum)
        let (summary, file) = try fixture.full()
        #expect(file.recorded == (try fixture.messages()) && file.recorded.count == 100)
        let warnings = summary.warnings.filter { $0.code == "recording_crc_mismatch" }
        #expect(warnings.contains { $0.message.contains("chunk at byte \(sound[3].place.lowerBound) (log times 1300 to 1390)") })
        #expect(warnings.count == (hasDataChecksum ? 2 : 1) && summary.warnings.count == warnings.count)
    }

    @Test(arguments: [true, false]) func `leaves out a chunk that cannot be read, and says so`(hasDataChecksum: Bool) throws {
        var fixture = try Fixture([simple()])
        try fixture.annotate([1_100...1_299])
        let whole = try fixture.messages()
        try fixture.damage(chunk: 3, keepingDataChecksum: hasDataChecksum)
        let (summary, file) = try fixture.full()
        #expect(file.isConsistent)
        #expect(file.recorded == whole.filter { !(1_300...1_390).contains($0.time) })
        #expect(summary.messages == 90)
        #expect(file.attachments == ["early", "late", "annotation.json"])
        let warning = summary.warnings.first { $0.code == "recording_damaged_chunk" }
        #expect(warning?.message.contains("(log times 1300 to 1390) is damaged and was left out, and with it the 10 messages") == true)
    }

    @Test func `keeps the annotation channel of a recording that was exported before`() throws {
        var fixture = try Fixture([Volume(topics: [.init(id: 1, name: AnnotationTrack.topic)], chunks: [[(1, 10, [1])]])])
        try fixture.annotate([5...20])
        let (summary, file) = try fixture.full()
        #expect(file.content.count == 1)
        #expect(summary.warnings.map(\.code) == ["annotation_channel_kept"])
    }

    @Test func `stops where it is cancelled`() throws {
        let fixture = try Fixture([simple()])
        let cancellation = Cancellation()
        let playback = try FullPlayback(try fixture.work("out", cancellation: cancellation), MCAPOptions { $0.compression = .lz4 })
        cancellation.cancel()
        #expect(throws: CancellationError.self) { try playback.write(name: "x.mcap") }
    }
}

@Suite struct `Inter-coded video` {
    private static func volume() -> Volume {
        var volume = Volume(topics: [
            .init(id: 1, name: "/video", schema: ROSMessages.compressedImage(id: 1), encoding: "cdr"), .init(id: 2, name: "/other"),
        ])
        // A key frame every ten pictures.
        for chunk in 0..<6 {
            volume.chunks.append(
                (0..<5).flatMap { index -> [(topic: UInt16, time: UInt64, data: [UInt8])] in
                    let number = chunk * 5 + index
                    let time = UInt64(1_000 + number * 10)
                    return [(1, time, ROSMessages.picture(isKey: number % 10 == 0, number: UInt8(number))), (2, time + 1, [UInt8(number)])]
                }
            )
        }
        return volume
    }

    @Test func `starts at the key frame before the time that is asked for, and that is listed`() throws {
        let fixture = try Fixture([Self.volume()])
        let (summary, file) = try fixture.full(MCAPOptions { $0.time = .window(from: .offset(145), to: .offset(200)) })
        let video = file.recorded.filter { $0.topic == "/video" }
        #expect(video.map(\.time) == Array(stride(from: 1_100, to: 1_200, by: 10)))
        #expect(file.recorded.filter { $0.topic == "/other" }.map(\.time) == [1_151, 1_161, 1_171, 1_181, 1_191])
        #expect(try file.listed("exportd.preroll").map(\.logTime) == [1_100, 1_110, 1_120, 1_130, 1_140])
        #expect(summary.warnings.map(\.code) == ["video_starts_earlier"])
        let (_, exact) = try fixture.full(MCAPOptions { $0.time = .window(from: .offset(200), to: nil) }, as: "exact")
        #expect(try exact.listed("exportd.preroll").isEmpty)
        #expect(exact.recorded.first?.time == 1_200)
    }

    @Test func `stands in every part from its key frame on, at the part's start`() throws {
        let fixture = try Fixture([Self.volume()])
        let (parts, files) = try fixture.parts(.init(duration: 70))
        #expect(files.allSatisfy { $0.isConsistent })
        #expect(try files.flatMap { try $0.original() } == fixture.messages())
        for (part, file) in zip(parts, files) {
            let video = file.content.map(\.message).filter { $0.topic == "/video" }
            #expect(video.first?.data.count == ROSMessages.picture(isKey: true, number: 0).count, "\(part.file) begins without a key frame")
            for row in try file.listed("exportd.repeats") {
                #expect(row.repeatedAt == video.first?.time && row.logTime < row.repeatedAt ?? 0)
            }
        }
        #expect(parts.map(\.repeated) == [0, 7, 4, 1, 8])
    }
    @Test func `without key frames, or with one long ago, is told of or repeated in each part`() throws {
        for (key, repeated) in [(Int?.none, 0), (3, 4)] {
            var volume = Volume(topics: [.init(id: 1, name: "/video", schema: ROSMessages.compressedImage(id: 1), encoding: "cdr")])
            volume.chunks = (0..<4).map { chunk in
                (0..<10).map { index in
                    let number = chunk * 10 + index
                    return (1, UInt64(1_000 + number * 10), ROSMessages.picture(isKey: number == key, number: UInt8(number)))
                }
            }
            let fixture = try Fixture([volume])
            let work = try fixture.work("out")
            let export = try PlaybackParts(work, .init(duration: 70))
            let parts = try export.write()
            #expect(parts.map(\.repeated) == (0..<6).map { $0 == 0 || repeated == 0 ? 0 : $0 * 7 - 3 })
            #expect(export.warnings.count { $0.code == "video_key_frame_missing" } == (repeated == 0 ? 5 : 0))
        }
    }
}
