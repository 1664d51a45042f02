import ExportCore
import Files
import Foundation
import Recordings
import Testing

@Suite struct `Times of many messages` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Messages whose stamps lie at their beginning, behind something long, in text, or in what was compressed for itself; some are long.
    private static func volume() throws -> VolumeWriter {
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/JointState", "ros1msg", Messages.jointState)
        volume.schema(2, "p/Named", "ros1msg", "string name\nHeader header\nuint8[] data" + Messages.header)
        volume.schema(
            3,
            "p/msg/Wide",
            "ros2msg",
            "std_msgs/Header header\nwstring text\n===\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n"
        )
        volume.schema(
            4,
            "p/msg/Blob",
            "ros2msg",
            "std_msgs/Header header\nuint8[] data\n===\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n"
        )
        volume.schema(5, "p/NoStamp", "ros1msg", "uint8[] data")
        volume.channel(1, schema: 1, "/joints", "ros1")
        volume.channel(2, schema: 2, "/named", "ros1")
        volume.channel(3, schema: 3, "/wide", "cdr")
        volume.channel(4, schema: 4, "/blob", "cdr")
        volume.channel(5, schema: 5, "/none", "ros1")
        volume.channel(6, schema: 0, "/text", "json")
        for number in 0..<20 as Range<UInt32> {
            let size = Int(number) * 40
            volume.message(
                1,
                log: UInt64(number),
                Messages.jointState(Array(repeating: "joint", count: Int(number)), [], stamp: (number, 7))
            )
            var named = ByteList()
            named.add(String(repeating: "n", count: size))
            named.bytes += Messages.header(number, 9).bytes
            named.add(counted: Array(repeating: 1, count: size))
            volume.message(2, log: 100 + UInt64(number), named.bytes)
            var wide = ByteList()
            wide.bytes = [0, 1, 0, 0]
            for value in [number, 11, 2, 0x62, UInt32(size)] { wide.add(value) }
            wide.bytes += Array(repeating: 0x41, count: 2 * size)
            volume.message(3, log: 200 + UInt64(number), wide.bytes)
            var blob = ByteList()
            blob.bytes = [0, 1, 0, 0]
            for value in [number, 13, 2, 0x62, UInt32(size)] { blob.add(value) }
            blob.bytes += Array(repeating: 3, count: size)
            // Every second message is compressed for itself.
            let stored = number.isMultiple(of: 2) ? blob.bytes : CompressedVolumeTests.frame(blob.bytes)
            volume.message(4, log: 300 + UInt64(number), stored)
            volume.message(5, log: 400 + UInt64(number), ByteList.counted(size))
            let text = #"{"x": "\#(String(repeating: "x", count: size))", "header": {"stamp": {"sec": \#(number), "nanosec": 15}}}"#
            volume.message(6, log: 500 + UInt64(number), Array(text.utf8))
        }
        return volume
    }

    @Test(arguments: [MessageClock.logTime, .publishTime, .headerStamp]) func `are the same whether heads alone are read or everything`(
        clock: MessageClock
    ) throws {
        let volume = try Self.volume()
        let plain = try Recording(volumes: [folder.write(volume.finished(), "plain.mcap")])
        let whole = try Recording(volumes: [folder.write(volume.chunked(), "whole.mcap")])
        let heads = try Recording(volumes: [folder.write(volume.chunked(), "heads.mcap")])
        heads.expectHeadsOnly()
        #expect(heads.topics == plain.topics)
        let expected = try plain.arrivals(of: plain.topics, clock: clock).map(\.times)
        #expect(try whole.arrivals(of: whole.topics, clock: clock).map(\.times) == expected)
        let found = try heads.arrivals(of: heads.topics, clock: clock)
        #expect(found.map(\.times) == expected)
        if clock == .headerStamp {
            for (name, nanoseconds) in [("/joints", 7), ("/named", 9), ("/wide", 11), ("/blob", 13), ("/text", 15)] as [(String, Int64)] {
                let place = try #require(heads.topics.firstIndex { $0.name == name })
                #expect(found[place].times == (0..<20).map { $0 * 1_000_000_000 + nanoseconds }, "\(name)")
            }
            #expect(heads.warnings.map(\.code) == ["header_stamp_missing"])
        }
        #expect(heads.warnings == plain.warnings && whole.warnings == plain.warnings)
        for (topic, arrivals) in zip(heads.topics, found) {
            let reader = try TopicReader(heads, topic)
            for location in arrivals.locations {
                let known = try whole.withPayload(of: topic, at: location) { payload in
                    try reader.stamp(in: payload).map { ($0, payload.logTime) }
                }
                let stamp = try reader.stamp(at: location, in: heads)
                #expect(stamp?.stamp == known?.0 && stamp?.logTime == known?.1, "\(topic.name)")
            }
        }
    }

    @Test(arguments: [MessageClock.logTime, .publishTime]) func `places of many messages take no memory, and are theirs`(
        clock: MessageClock
    ) throws {
        let count = 70_000 as UInt64
        var volume = VolumeWriter()
        volume.schema(1, "p/N", "ros1msg", "uint32 data")
        volume.channel(1, schema: 1, "/n", "ros1")
        for number in 0..<count { volume.message(1, log: number, bytes(String(format: "%08x", UInt32(number).byteSwapped))) }
        let recording = try folder.recording(volume)
        let arrivals = try #require(try recording.arrivals(of: recording.topics, clock: clock).first)
        #expect(arrivals.times.count == Int(count) && arrivals.locations.count == Int(count))
        #expect(arrivals.locations.heldBytes == 0)
        let reader = try TopicReader(recording, recording.topics[0])
        for place in [0, 1, 35_000, 65_535, 65_536, 69_999] {
            let location = arrivals.locations[place]
            let data = try recording.withPayload(of: recording.topics[0], at: location) { try reader.numbers(path: nil, in: $0) }
            #expect(data == [Double(place)])
        }
    }

    @Test func `a message too short for its stamp is the dataset's fault, whole or not`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/JointState", "ros1msg", Messages.jointState)
        volume.channel(1, schema: 1, "/j", "ros1")
        volume.message(1, log: 1, [1, 2, 3])
        for bytes in [volume.finished(), volume.chunked()] {
            let recording = try Recording(volumes: [folder.write(bytes, "short-\(bytes.count).mcap")])
            recording.expectHeadsOnly()
            let error = #expect(throws: RecordingError.self) { try recording.arrivals(of: recording.topics, clock: .headerStamp) }
            #expect(error?.exportError.code == .datasetUnreadable)
        }
    }
}

extension ByteList {
    fileprivate static func counted(_ count: Int) -> [UInt8] {
        var list = ByteList()
        list.add(counted: Array(repeating: 5, count: count))
        return list.bytes
    }
}
