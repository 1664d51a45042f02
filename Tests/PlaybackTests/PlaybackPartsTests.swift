import ExportCore
import Formats
import Foundation
import MCAP
import Plans
import TestSupport
import Testing

@testable import Playback

private let latched = ["offered_qos_profiles": "- durability: transient_local\n"]

@Suite struct `A recording in parts` {
    @Test func `has a message at exactly the end of a part in the next one`() throws {
        var volume = Volume(topics: [.init(id: 1, name: "/a"), .init(id: 2, name: "/b")])
        volume.chunks = [[(1, 100, [1]), (2, 199, [2]), (1, 200, [3]), (2, 200, [4]), (1, 200, [5]), (2, 301, [6]), (1, 700, [7])]]
        volume.attachments = [("before", 5), ("second", 200), ("gap", 450), ("end", 700), ("after", 9_000)]
        var fixture = try Fixture([volume])
        try fixture.annotate([150...250, 420...500])
        let (parts, files) = try fixture.parts(.init(duration: 100))
        #expect(files.map { $0.recorded.map(\.time) } == [[100, 199], [200, 200, 200], [301], [700]])
        #expect(parts.map(\.file) == ["part_0001.mcap", "part_0002.mcap", "part_0003.mcap", "part_0004.mcap"])
        #expect(parts.map(\.first) == [100, 200, 301, 700])
        #expect(parts.map(\.last) == [199, 200, 301, 700])
        #expect(files.map(\.attachments) == [["annotation.json", "before", "after"], ["second"], ["gap"], ["end"]])
        #expect(files.allSatisfy { $0.file.metadata.first?.name == "recorder" })
        let states = files.map { $0.annotations.map { "\($0.time) \($0.state["state"] ?? "") \($0.state["index"] ?? "")" } }
        #expect(
            states == [
                ["100 none 0", "150 start 1"], ["200 start 1", "251 none 0"], ["300 none 0", "420 start 2", "501 none 0"], ["700 none 0"],
            ]
        )
        #expect(parts.map(\.annotations) == [2, 1, 2, 0])
        #expect(parts.map(\.repeated) == [0, 1, 1, 1])
    }

    @Test func `repeats the last message of every publisher that latches`() throws {
        var volume = Volume(topics: [
            .init(id: 1, name: "/map", metadata: latched), .init(id: 2, name: "/map", metadata: latched),
            .init(id: 3, name: "tf_static", schema: ROSMessages.transforms(id: 3), encoding: "cdr"), .init(id: 4, name: "/once"),
            .init(id: 5, name: "/fast"),
        ])
        volume.chunks = [
            [
                (1, 10, [1]), (2, 11, [2]), (1, 12, [3]), (3, 13, ROSMessages.transform(child: "arm")),
                (3, 14, ROSMessages.transform(child: "head")), (3, 15, ROSMessages.transform(child: "arm")), (4, 16, [4]), (5, 17, [5]),
            ], [(5, 110, [6]), (5, 111, [7])], [(2, 210, [8]), (5, 211, [9])], [(5, 310, [10])],
        ]
        let fixture = try Fixture([volume])
        let (parts, files) = try fixture.parts(.init(duration: 100))
        #expect(parts.map(\.messages) == [8, 2, 2, 1])
        #expect(parts.map(\.repeated) == [0, 5, 5, 5])
        let second = try files[1].listed("exportd.repeats")
        #expect(second.map(\.logTime) == [11, 12, 14, 15, 16])
        #expect(second.allSatisfy { $0.repeatedAt == 110 })
        #expect(files[1].recorded.prefix(5).allSatisfy { $0.time == 110 && $0.publish < 100 })
        #expect(try files[3].listed("exportd.repeats").map(\.logTime) == [12, 14, 15, 16, 210])
        #expect(try files.flatMap { try $0.original() } == fixture.messages())
    }

    @Test func `repeats a lone picture or cloud only where its publisher latches`() throws {
        func schema(_ id: UInt16, _ name: String) -> Schema { Schema(id: id, name: name, encoding: "ros2msg", data: []) }
        var volume = Volume(topics: [
            .init(id: 1, name: "/camera", schema: ROSMessages.compressedImage(id: 1), encoding: "cdr"),
            .init(id: 2, name: "/lidar", schema: schema(2, "sensor_msgs/msg/PointCloud2"), encoding: "cdr"),
            .init(id: 3, name: "/cloud_map", schema: schema(2, "sensor_msgs/msg/PointCloud2"), encoding: "cdr", metadata: latched),
            .init(id: 4, name: "/calibration", schema: schema(4, "sensor_msgs/msg/CameraInfo"), encoding: "cdr"),
            .init(id: 5, name: "/video", schema: schema(5, "foxglove.CompressedVideo"), encoding: "cdr"), .init(id: 6, name: "/fast"),
        ])
        volume.chunks = [
            [
                (1, 10, ROSMessages.picture(isKey: true, number: 1)), (2, 11, [2]), (3, 12, [3]), (4, 13, [4]), (5, 14, [5]), (6, 15, [6]),
            ], [(6, 110, [7])],
        ]
        let fixture = try Fixture([volume])
        let (_, files) = try fixture.parts(.init(duration: 100))
        #expect(files.map { $0.recorded.map(\.topic) }.last == ["/cloud_map", "/calibration", "/fast"])
        #expect(try files.flatMap { try $0.original() } == fixture.messages())
    }

    @Test(arguments: [true, false]) func `does without latched messages whose chunk is damaged`(isRead: Bool) throws {
        var volume = Volume(topics: [.init(id: 1, name: "/map", metadata: latched), .init(id: 2, name: "/a")])
        let data = [UInt8](repeating: 7, count: 500)
        // The damaged chunk lies in two parts, so that it is read before its latched message is repeated, or in one.
        volume.chunks = [[(2, 10, data)], [(1, 90, data), (2, isRead ? 110 : 95, data)], [(2, 210, data)], [(2, 310, data)]]
        let fixture = try Fixture([volume])
        let path = "\(fixture.folder.path)/data_0.mcap"
        let place = try MCAPFile(path: path).storedChunk(1)
        var bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
        // The frame's magic.
        bytes[place.place.upperBound - place.storedSize] ^= 0xFF
        try Data(bytes).write(to: URL(filePath: path))
        let work = try fixture.work("out")
        let export = try PlaybackParts(work, .init(duration: 100))
        let files = try export.write().map { try MCAPFile(path: "\(work.folder)/\($0.file)") }
        var times: [UInt64] = []
        for file in files { try file.forEachMessage(ofChannels: [2]) { _, head, _ in times.append(head.logTime) } }
        #expect(times == [10, 210, 310])
        #expect(export.warnings.contains { $0.code == "latched_message_unreadable" })
    }

    @Test(arguments: [MCAPWriter.Compression.none, .zstd], [MCAPChunksOptions(duration: 400), MCAPChunksOptions(size: 30_000)])
    func `tells of damage in chunks that are copied as they are`(compression: MCAPWriter.Compression, cut: MCAPChunksOptions) throws {
        var volume = Volume(topics: [.init(id: 1, name: "/a")])
        volume.compression = compression
        for chunk in 0..<12 { volume.chunks.append((0..<10).map { (1, UInt64(chunk * 100 + $0 * 10), [UInt8](repeating: 9, count: 500)) }) }
        let fixture = try Fixture([volume])
        let whole = try fixture.messages()
        try fixture.damage(chunk: 5, keepingDataChecksum: true)
        let work = try fixture.work("out")
        let export = try PlaybackParts(work, cut)
        let files = try export.write().map { try Output("\(work.folder)/\($0.file)") }
        let isKept = compression == .none
        #expect(try files.flatMap { try $0.original() }.map(\.time) == whole.map(\.time).filter { isKept || !(500...590).contains($0) })
        #expect(export.warnings.map(\.code) == [isKept ? "recording_crc_mismatch" : "recording_damaged_chunk"])
        #expect(export.warnings.first?.message.contains("(log times 500 to 590)") == true)
    }

    @Test func `of a recording whose clock was set while it was made has no parts for the decades between`() throws {
        let now: UInt64 = 1_772_360_000_000_000_000
        var volume = Volume(topics: [.init(id: 1, name: "/a", metadata: latched), .init(id: 2, name: "/b")])
        volume.chunks = [
            [(1, 5, [1]), (2, 6, [2]), (2, now, [3])], [(2, now + 1_000_000_000, [4]), (2, now + 70_000_000_000, [5])],
        ]
        var fixture = try Fixture([volume])
        try fixture.annotate([Int64(now) - 1...Int64(now) + 500])
        _ = try PlaybackEstimate.of(fixture.dataset, .init(duration: 60_000_000_000))
        let (parts, files) = try fixture.parts(.init(duration: 60_000_000_000))
        #expect(parts.map(\.messages) == [2, 2, 1])
        #expect(try files.flatMap { try $0.original() } == fixture.messages())
        #expect(files.allSatisfy { $0.isConsistent && $0.recorded.first?.topic == "/a" })
    }

    @Test func `copies chunks that lie within a part as they are`() throws {
        var volume = Volume(topics: [.init(id: 1, name: "/a")])
        for chunk in 0..<12 { volume.chunks.append((0..<10).map { (1, UInt64(chunk * 100 + $0 * 10), [UInt8](repeating: 9, count: 200)) }) }
        let fixture = try Fixture([volume])
        let source = try MCAPFile(path: "\(fixture.folder.path)/data_0.mcap")
        let (_, files) = try fixture.parts(.init(duration: 350))
        for number in [0, 1, 2, 4, 5, 6, 7, 8, 9] {
            let chunk = source.withStoredChunk(number) { record, _ in record.withUnsafeBytes { Array($0) } }
            let holders = files.filter { $0.bytes.firstRange(of: chunk) != nil }.count
            let crosses = number * 100 / 350 != (number * 100 + 90) / 350
            #expect(holders == (crosses ? 0 : 1), "chunk \(number)")
        }
    }

    @Test func `of one chunk that crosses many parts is cut message by message`() throws {
        var volume = Volume(topics: [.init(id: 1, name: "/a")])
        volume.chunks = [(0..<200).map { (1, UInt64(1_000 + $0), [UInt8($0)]) }]
        let fixture = try Fixture([volume])
        let (parts, files) = try fixture.parts(.init(duration: 7))
        #expect(parts.count == 29)
        #expect(try files.flatMap { try $0.original() } == fixture.messages())
    }

    @Test func `never exceeds the size that is asked for, unless one instant does`() throws {
        var random = SeededGenerator(seed: 5)
        var volume = Volume(topics: [.init(id: 1, name: "/a"), .init(id: 2, name: "/map", metadata: latched)])
        for chunk in 0..<40 {
            volume.chunks.append(
                (0..<20).map { index in
                    (
                        chunk % 10 == 0 && index == 0 ? 2 : 1, UInt64(chunk * 1_000 + index * 40),
                        (0..<400).map { _ in UInt8.random(in: 0...255, using: &random) }
                    )
                }
            )
        }
        volume.attachments = [("x", 12_345)]
        var fixture = try Fixture([volume])
        try fixture.annotate([1_000...9_000, 9_001...30_000])
        for (index, limit) in ([30_000, 60_000, 100_000, 1_000_000] as [Int64]).enumerated() {
            let (parts, files) = try fixture.parts(.init(size: limit), as: "size\(index)")
            #expect(files.allSatisfy { $0.isConsistent })
            #expect(try files.flatMap { try $0.original() } == fixture.messages())
            #expect(parts.allSatisfy { $0.bytes <= limit }, "\(parts.map(\.bytes)) for \(limit)")
            #expect(parts.dropLast().allSatisfy { $0.bytes > limit * 3 / 4 }, "\(parts.map(\.bytes)) for \(limit)")
        }
        let (tiny, files) = try fixture.parts(.init(size: 1), as: "tiny")
        #expect(tiny.count == 800 && tiny.allSatisfy { $0.messages == 1 })
        #expect(try files.flatMap { try $0.original() } == fixture.messages())
    }

    @Test func `with no message is one part`() throws {
        let fixture = try Fixture([Volume(topics: [.init(id: 1, name: "/a")], attachments: [("x", 5)])])
        let (parts, files) = try fixture.parts(.init())
        #expect(parts.count == 1 && parts[0].messages == 0 && parts[0].first == nil)
        #expect(files[0].topics == ["/a"] && files[0].attachments == ["x"])
        let (sized, _) = try fixture.parts(.init(size: 100), as: "sized")
        #expect(sized.count == 1)
    }

    @Test func `is refused where there would be far too many`() throws {
        var dataset = try Fixture([Volume(topics: [.init(id: 1, name: "/a")])]).dataset
        dataset.range = TimeRange(start: Timestamp(nanoseconds: 0), end: Timestamp(nanoseconds: 1 << 60))
        dataset.topics = [TopicSummary(topic: "/a", type: "", messages: 100_000)]
        #expect(throws: Never.self) { try PlaybackEstimate.of(dataset, MCAPChunksOptions(duration: 1_000)) }
        dataset.topics[0].messages += 1
        let error = #expect(throws: ExportError.self) { try PlaybackEstimate.of(dataset, MCAPChunksOptions(duration: 1_000)) }
        #expect(error?.code == .optionUnsupported)
    }

    /// Chunks that overlap or not, equal times, several volumes, latched channels and holes: whatever the cut, the parts
    /// without their repeats are the recording.
    @Test(arguments: 0..<40)
    func `without its repeats is the recording`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed &+ 77)
        var time: UInt64 = 1_000
        let spread = [0, 5, 60, 3_000].randomElement(using: &random) ?? 0
        var volumes: [Volume] = []
        for index in 0..<Int.random(in: 1...3, using: &random) {
            var volume = Volume(topics: [
                .init(id: 1, name: "/a"), .init(id: UInt16(2 + index), name: "/map", metadata: latched), .init(id: 7, name: "/c\(index)"),
            ])
            volume.compression = MCAPWriter.Compression.allCases.randomElement(using: &random) ?? .none
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                var chunk: [(topic: UInt16, time: UInt64, data: [UInt8])] = []
                for _ in 0..<Int.random(in: 1...15, using: &random) {
                    time += UInt64([0, 0, 1, 7, 20].randomElement(using: &random) ?? 0)
                    let topic: UInt16 = [1, 1, 1, 7, UInt16(2 + index)].randomElement(using: &random) ?? 1
                    let early = UInt64(Int.random(in: 0...spread, using: &random))
                    chunk.append(
                        (
                            topic, time > early + 500 ? time - early : time,
                            [UInt8](repeating: UInt8(chunk.count), count: Int.random(in: 0...300, using: &random))
                        )
                    )
                }
                volume.chunks.append(chunk)
            }
            // Volumes beside each other as well as one after the other.
            if Bool.random(using: &random) { time = 1_000 }
            volumes.append(volume)
        }
        var fixture = try Fixture(volumes)
        try fixture.annotate([1_100...1_200, 1_150...1_400])
        let selection: (inout MessageSelection) -> Void = { selection in
            switch seed % 4 {
            case 1: selection.topics.exclude = ["/c*"]
            case 2: selection.time = .segments
            case 3: selection.time = .window(from: .offset(50), to: .offset(900))
            default: break
            }
            selection.compression = seed % 3 == 0 ? .lz4 : .keep
        }
        let all = try fixture.messages()
        let start = all.first?.time ?? 0
        let expected = all.filter { message in
            switch seed % 4 {
            case 1: !message.topic.hasPrefix("/c")
            case 2: (1_100...1_400).contains(message.time)
            case 3: (start + 50..<start + 900).contains(message.time)
            default: true
            }
        }
        let cut = MCAPChunksOptions(
            duration: seed % 2 == 0 ? Int64.random(in: 20...400, using: &random) : nil,
            size: seed % 2 == 1 ? Int64.random(in: 3_000...20_000, using: &random) : nil,
            selection
        )
        let (parts, files) = try fixture.parts(cut)
        #expect(files.allSatisfy { $0.isConsistent })
        #expect(try files.flatMap { try $0.original() } == expected)
        #expect(parts.map { Int($0.messages) }.reduce(0, +) == expected.count)
        let (_, full) = try fixture.full(MCAPOptions(selection), as: "full")
        #expect(full.isConsistent)
        #expect(full.recorded == expected)
    }
}
