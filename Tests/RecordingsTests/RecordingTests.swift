import ExportCore
import Files
import Foundation
import ROS
import Recordings
import Testing

@Suite struct `A recording` {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `topics are named with a slash, sorted, counted and typed`() throws {
        var volume = VolumeWriter()
        volume.schema(7, "sensor_msgs/msg/JointState", "ros1msg", Messages.jointState)
        volume.schema(9, "sensor_msgs/Image", "ros1msg", Messages.image)
        volume.channel(3, schema: 7, "robot/joint_states", "ros1")
        volume.channel(0, schema: 9, "/camera", "ros1", metadata: ["latching": "1"])
        for time in [10, 20, 30] as [UInt64] { volume.message(3, log: time, Messages.jointState(["a"], [1])) }
        let recording = try folder.recording(volume)
        #expect(recording.topics.map(\.name) == ["/camera", "/robot/joint_states"])
        #expect(recording.topics.map(\.type) == ["sensor_msgs/Image", "sensor_msgs/JointState"])
        #expect(recording.topics.map(\.messages) == [0, 3])
        #expect(recording.topics.map(\.content) == [.image(.raw), .jointState])
        #expect(recording.topics.map(\.isLatched) == [true, false])
        #expect(recording.topics.map(\.isDecodable) == [true, true])
        #expect(recording.range == TimeRange(start: Timestamp(nanoseconds: 10), end: Timestamp(nanoseconds: 30)))
        #expect(recording.topic(named: "robot/joint_states") == recording.topics[1])
        #expect(recording.topic(named: "robot") == nil)
        #expect(recording.warnings.isEmpty)
    }

    @Test(arguments: [
        ("- history: 1\n  depth: 1\n  durability: 1\n", true), ("- durability: transient_local\r\n", true), ("- durability: 2\n", false),
        ("- durability: volatile\n  depth: 1", false), ("", false), ("durability:", false), ("- avoid_durability: 1", false),
    ])
    func `latched topics of ROS 2 are told from their profiles`(profiles: String, isLatched: Bool) throws {
        var volume = VolumeWriter()
        volume.schema(1, "std_msgs/msg/Bool", "ros2msg", "bool data")
        volume.channel(1, schema: 1, "/a", "cdr", metadata: ["offered_qos_profiles": profiles])
        #expect(try folder.recording(volume).topics.map(\.isLatched) == [isLatched])
    }

    @Test func `channels with and without a slash are one topic, each read by its own schema`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "p/N", "ros1msg", "int32 x\nfloat64 data")
        volume.schema(2, "p/msg/N", "ros1msg", "float64 data")
        volume.channel(1, schema: 1, "/n", "ros1")
        volume.channel(2, schema: 2, "n", "ros1")
        volume.message(1, log: 10, bytes("05000000 000000000000f03f"))
        volume.message(2, log: 20, bytes("0000000000000040"))
        volume.message(1, log: 30, bytes("05000000 0000000000000840"))
        let recording = try folder.recording(volume)
        #expect(recording.topics.map(\.messages) == [3])
        #expect(try recording.map("/n") { try $0.numbers(path: nil, in: $1) } == [[1], [2], [3]])
    }

    @Test func `a topic of two types keeps the one with more messages and says so`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "p/A", "ros1msg", "uint8 data")
        volume.schema(2, "p/B", "ros1msg", "uint8 data")
        volume.channel(1, schema: 1, "/n", "ros1")
        volume.channel(2, schema: 2, "/n", "ros1")
        volume.message(1, log: 1, [1])
        volume.message(2, log: 2, [2])
        volume.message(2, log: 3, [3])
        let recording = try folder.recording(volume)
        #expect(recording.topics.map(\.type) == ["p/B"])
        #expect(recording.warnings.map(\.code) == ["topic_types_differ"])
        #expect(try recording.map("/n") { try $0.numbers(path: nil, in: $1) } == [[2], [3]])
    }

    @Test func `several volumes are one recording, equal times in the order of the volumes`() throws {
        var paths: [String] = []
        for (number, times) in [[30, 40], [10, 30], [20, 30]].enumerated() as EnumeratedSequence<[[UInt64]]> {
            var volume = VolumeWriter()
            volume.schema(UInt16(number) + 1, "p/A", "ros1msg", "uint8 data")
            volume.channel(UInt16(number), schema: UInt16(number) + 1, "/n", "ros1")
            for (index, time) in times.enumerated() { volume.message(UInt16(number), log: time, [UInt8(number * 10 + index)]) }
            paths.append(try folder.write(volume.finished(), "\(number).mcap"))
        }
        let recording = try Recording(volumes: paths)
        let topic = try #require(recording.topic(named: "/n"))
        let index = try recording.index(of: topic, clock: .logTime)
        #expect(topic.messages == 6)
        #expect(Array(index.times) == [10, 20, 30, 30, 30, 40])
        #expect(index.regressions == 2)
        #expect(try recording.map("/n") { try $0.numbers(path: "data", in: $1) } == [[10], [20], [0], [11], [21], [1]])
        #expect(recording.range == TimeRange(start: Timestamp(nanoseconds: 10), end: Timestamp(nanoseconds: 40)))
    }

    @Test func `each of the three clocks orders the messages by itself`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/JointState", "ros1msg", Messages.jointState)
        volume.channel(1, schema: 1, "/j", "ros1")
        volume.message(1, log: 100, publish: 7, Messages.jointState(["a"], [1], stamp: (0, 900)))
        volume.message(1, log: 300, publish: 6, Messages.jointState(["a"], [2], stamp: (0, 0)))
        volume.message(1, log: 200, publish: 8, Messages.jointState(["a"], [3], stamp: (1, 50)))
        let recording = try folder.recording(volume)
        let topic = try #require(recording.topic(named: "/j"))
        let log = try recording.index(of: topic, clock: .logTime)
        #expect((Array(log.times), log.regressions) == ([100, 200, 300], 1))
        let publish = try recording.index(of: topic, clock: .publishTime)
        #expect((Array(publish.times), publish.regressions) == ([6, 7, 8], 1))
        #expect(recording.warnings.isEmpty)
        let stamp = try recording.index(of: topic, clock: .headerStamp)
        #expect((Array(stamp.times), stamp.regressions) == ([300, 900, 1_000_000_050], 1))
        #expect(recording.warnings.map(\.code) == ["header_stamp_missing"])
        #expect(try recording.map("/j", clock: .headerStamp) { try $0.numbers(path: nil, in: $1) } == [[2], [1], [3]])
        #expect(recording.warnings.count == 1)
    }

    @Test(arguments: [300, 30_000], [0, 1, 12_000] as [UInt64])
    func `what an index holds in memory does not grow with the messages, in whatever order they come`(count: Int, disorder: UInt64) throws {
        var volume = VolumeWriter()
        volume.schema(1, "p/A", "ros1msg", "uint32 data")
        volume.channel(1, schema: 1, "/n", "ros1")
        var times: [UInt64] = []
        var state: UInt64 = 9
        for number in 0..<UInt64(count) {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            times.append(number + (disorder == 0 ? 0 : state >> 33 % (disorder + 1)))
            let data = withUnsafeBytes(of: UInt32(number).littleEndian) { Array($0) }
            volume.message(1, log: times[Int(number)], publish: 77 - number % 78, data)
        }
        let recording = try folder.recording(volume)
        let topic = try #require(recording.topics.first)
        let reader = try TopicReader(recording, topic)
        for clock in [MessageClock.logTime, .publishTime] {
            let index = try recording.index(of: topic, clock: clock)
            let clocked = clock == .logTime ? times.map { Int64($0) } : (0..<count).map { Int64(77 - $0 % 78) }
            let order = clocked.indices.sorted { clocked[$0] < clocked[$1] }
            #expect(Array(index.times) == order.map { clocked[$0] })
            let read = try index.locations.map { try recording.withPayload(of: topic, at: $0) { try reader.numbers(path: "data", in: $0) } }
            #expect(read == order.map { [Double($0)] })
            #expect(index.regressions == zip(clocked, clocked.dropFirst()).count { $0 > $1 })
            // 24 bytes a message, as long as they are few.
            #expect(index.times.heldBytes + index.locations.heldBytes == (count > 8_192 ? 0 : 24 * count))
        }
    }

    @Test func `a scratch directory that is not there is named where an index is long`() throws {
        var volume = VolumeWriter()
        volume.channel(1, schema: 0, "/n", "json")
        for number in 0..<10_000 { volume.message(1, log: UInt64(number), []) }
        let path = try folder.write(volume.finished(), "data.mcap")
        let recording = try Recording(volumes: [path], scratch: "/nowhere")
        let error = #expect(throws: RecordingError.self) { try recording.index(of: recording.topics[0], clock: .logTime) }
        #expect(error?.exportError.code == .ioError)
        #expect(error?.description.contains("/nowhere") == true)
    }

    @Test func `times beyond the year 2262 count as the last instant`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "p/A", "ros1msg", "uint8 data")
        volume.channel(1, schema: 1, "/n", "ros1")
        volume.message(1, log: .max, [1])
        volume.message(1, log: 5, [2])
        let recording = try folder.recording(volume)
        let index = try recording.index(of: try #require(recording.topics.first), clock: .logTime)
        #expect(Array(index.times) == [5, .max])
        #expect(recording.range?.end.nanoseconds == .max)
    }

    @Test func `joint names follow each message`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/JointState", "ros1msg", Messages.jointState)
        volume.channel(1, schema: 1, "/j", "ros1")
        for (time, names) in [["a", "b"], ["a", "b"], ["b", "a"], [], ["a", "b"]].enumerated() as EnumeratedSequence<[[String]]> {
            volume.message(1, log: UInt64(time), Messages.jointState(names, names.map { $0 == "a" ? 1 : 2 }))
        }
        let recording = try folder.recording(volume)
        #expect(try recording.map("/j") { try $0.names(in: $1) } == [["a", "b"], ["a", "b"], ["b", "a"], [], ["a", "b"]])
        #expect(try recording.map("/j") { try $0.numbers(path: nil, in: $1) } == [[1, 2], [1, 2], [2, 1], [], [1, 2]])
        #expect(try recording.map("/j") { try $0.numbers(path: "velocity", in: $1) } == [[], [], [], [], []])
        #expect(try recording.map("/j") { try $0.stamp(in: $1) }.first == 1_000_000_005)
        #expect(try recording.map("/j") { try $0.value(in: $1) }.first?["position"] == .list([.float64(1), .float64(2)]))
    }

    @Test func `messages that the recorder compressed one by one are decompressed`() throws {
        let jointState =
            "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n"
            + "===\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id"
        let frame = bytes(compressedJointState)
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/msg/JointState", "ros2msg", jointState)
        volume.channel(1, schema: 1, "/j", "cdr")
        volume.message(1, log: 1, frame)
        volume.message(1, log: 2, Array(frame.dropLast(5)))
        let recording = try folder.recording(volume)
        let topic = try #require(recording.topic(named: "/j"))
        let reader = try TopicReader(recording, topic)
        let index = try recording.index(of: topic, clock: .logTime)
        let found = try recording.withPayload(of: topic, at: index.locations[0]) {
            (names: try reader.names(in: $0), numbers: try reader.numbers(path: nil, in: $0), stamp: try reader.stamp(in: $0))
        }
        #expect(found.names == ["left", "right_1"])
        #expect(found.numbers == [1.5, 2.5])
        #expect(found.stamp == 1_736_935_769_628_202_496)
        #expect(throws: RecordingError.self) { try recording.withPayload(of: topic, at: index.locations[1]) { _ in } }
    }

    @Test(arguments: [
        ("protobuf", "protobuf", "foxglove.CompressedImage", "x"), ("json", "jsonschema", "Thing", "{"),
        ("cdr", "ros2idl", "p/msg/A", "module p {};"),
        ("cdr", "ros2msg", "p/srv/A_Event", "int8 a\n---\nint8 b"), ("ros1", "ros1msg", "p/A", "Missing x"), ("", "", "p/A", ""),
        ("cdr", "ros1msg", "p/A", "int8 a"), ("ros1", "ros1msg", "p/A", "p/A[] a"),
    ])
    func `a topic that cannot be taken apart is listed with a warning`(message: String, encoding: String, name: String, text: String) throws
    {
        var volume = VolumeWriter()
        volume.schema(1, name, encoding, text)
        volume.channel(1, schema: 1, "/t", message)
        volume.message(1, log: 1, [1, 2, 3])
        let recording = try folder.recording(volume)
        let topic = try #require(recording.topics.first)
        #expect(!topic.isDecodable)
        #expect(recording.warnings.map(\.code) == ["topic_undecodable"])
        #expect(throws: RecordingError.self) { try TopicReader(recording, topic) }
        let index = try recording.index(of: topic, clock: .headerStamp)
        #expect(Array(index.times) == [1])
        #expect(try recording.withPayload(of: topic, at: index.locations[0]) { $0.withUnsafeBytes { Array($0) } } == [1, 2, 3])
    }

    @Test func `Foxglove's types in JSON are pictures, with the stamp beside them`() throws {
        var volume = VolumeWriter()
        let time = #""timestamp": {"type": "object", "properties": {"sec": {"type": "integer"}, "nsec": {"type": "integer"}}}"#
        let data = #""data": {"type": "string", "contentEncoding": "base64"}"#
        volume.schema(1, "foxglove.CompressedImage", "jsonschema", "{\"type\": \"object\", \"properties\": {\(time), \(data)}}")
        volume.channel(1, schema: 1, "/camera", "json")
        volume.message(1, log: 1, Array(#"{"timestamp": {"sec": 3, "nsec": 4}, "data": "/9j/"}"#.utf8))
        volume.channel(2, schema: 0, "/plain", "json")
        volume.message(2, log: 2, Array(#"{"header": {"stamp": {"sec": 5, "nanosec": 6}}, "x": [1, 2]}"#.utf8))
        let recording = try folder.recording(volume)
        #expect(recording.topics.map(\.content) == [.image(.compressed), .other])
        #expect(recording.warnings.isEmpty)
        #expect(Array(try recording.index(of: recording.topics[0], clock: .headerStamp).times) == [3_000_000_004])
        let index = try recording.index(of: recording.topics[1], clock: .headerStamp)
        #expect(Array(index.times) == [5_000_000_006])
        let reader = try TopicReader(recording, recording.topics[1])
        let numbers = try recording.withPayload(of: recording.topics[1], at: index.locations[0]) { try reader.numbers(path: "x", in: $0) }
        #expect(numbers == [1, 2])
    }

    @Test func `a channel without a schema is listed`() throws {
        var volume = VolumeWriter()
        volume.channel(1, schema: 0, "/t", "cbor")
        volume.message(1, log: 1, [])
        let recording = try folder.recording(volume)
        #expect(recording.topics.map(\.type) == [""])
        #expect(recording.topics.map(\.isDecodable) == [false])
    }

    @Test func `a path that the type has not is the request's fault, a malformed message the dataset's`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/JointState", "ros1msg", Messages.jointState)
        volume.channel(1, schema: 1, "/j", "ros1")
        volume.message(1, log: 1, [1, 2, 3])
        let recording = try folder.recording(volume)
        let reader = try TopicReader(recording, recording.topics[0])
        let unknown = #expect(throws: RecordingError.self) { try reader.checkNumbers(path: "positions") }
        #expect(unknown?.exportError.code == .requestInvalid)
        #expect(unknown?.exportError.message.contains("position") == true)
        #expect(throws: RecordingError.self) { try reader.checkNumbers(path: "name") }
        try reader.checkNumbers(path: "effort")
        let broken = #expect(throws: RecordingError.self) { try recording.map("/j") { try $0.numbers(path: nil, in: $1) } }
        #expect(broken?.exportError.code == .datasetUnreadable)
        #expect(throws: RecordingError.self) { try recording.index(of: recording.topics[0], clock: .headerStamp) }
    }

    @Test func `a message of another topic is refused`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "p/A", "ros1msg", "uint8 data")
        volume.channel(1, schema: 1, "/a", "ros1")
        volume.channel(2, schema: 1, "/b", "ros1")
        volume.message(1, log: 1, [1])
        let recording = try folder.recording(volume)
        let (a, b) = (recording.topics[0], recording.topics[1])
        let location = try #require(try recording.index(of: a, clock: .logTime).locations.first)
        #expect(throws: RecordingError.self) { try recording.withPayload(of: b, at: location) { _ in } }
        let reader = try TopicReader(recording, b)
        #expect(throws: RecordingError.self) { try recording.withPayload(of: a, at: location) { try reader.numbers(path: nil, in: $0) } }
    }

    @Test func `a file that was cut off is read as far as it goes, with a warning`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "p/A", "ros1msg", "uint8 data")
        volume.channel(1, schema: 1, "/a", "ros1")
        volume.message(1, log: 1, [1])
        volume.message(1, log: 2, [2])
        let recording = try Recording(volumes: [folder.write(volume.cut(1), "a.mcap")])
        #expect(recording.topics.map(\.messages) == [1])
        #expect(recording.warnings.map(\.code) == ["recording_truncated"])
        let two = try Recording(volumes: [folder.write(volume.finished(), "b.mcap"), folder.write(volume.cut(1), "c.mcap")])
        #expect(two.warnings.map { $0.message.hasPrefix("c.mcap: ") } == [true])
    }

    @Test func `what is no recording is refused`() throws {
        let missing = #expect(throws: RecordingError.self) { try Recording(volumes: [folder.url.appending(path: "none.mcap").path()]) }
        #expect(missing?.exportError.code == .ioError)
        let text = try folder.write(Array("hello, this is no recording".utf8), "a.mcap")
        let foreign = #expect(throws: RecordingError.self) { try Recording(volumes: [text]) }
        #expect(foreign?.exportError.code == .datasetUnreadable)
        #expect(throws: RecordingError.self) { try Recording(volumes: []) }
    }

    @Test func `cancelled work stops and says that it was cancelled`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "p/A", "ros1msg", "uint8 data")
        volume.channel(1, schema: 1, "/a", "ros1")
        volume.message(1, log: 1, [1])
        let cancellation = Cancellation()
        let recording = try Recording(volumes: [folder.write(volume.finished(), "a.mcap")], cancellation: cancellation)
        cancellation.cancel()
        let error = #expect(throws: RecordingError.self) { try recording.index(of: recording.topics[0], clock: .publishTime) }
        #expect(error?.isCancellation == true)
    }

    @Test func `damaged recordings never trap`() throws {
        var volume = VolumeWriter()
        volume.schema(1, "sensor_msgs/JointState", "ros1msg", Messages.jointState)
        volume.schema(2, "sensor_msgs/CompressedImage", "ros1msg", Messages.compressedImage)
        volume.schema(3, "sensor_msgs/Image", "ros1msg", Messages.image)
        volume.channel(1, schema: 1, "/j", "ros1", metadata: ["latching": "1"])
        volume.channel(2, schema: 2, "/c", "ros1")
        volume.channel(3, schema: 3, "/i", "ros1", metadata: ["offered_qos_profiles": "- durability: 1"])
        volume.message(1, log: 1, Messages.jointState(["a", "b"], [1, 2]))
        volume.message(2, log: 2, Messages.compressedImage("jpeg", bytes("FFD8 FFC0 000B 08 01E0 0280 01 01 11 00")))
        volume.message(3, log: 3, Messages.image(width: 2, height: 2, "rgb8", step: 6, Array(repeating: 0, count: 12)))
        let whole = volume.finished()
        var random: UInt64 = 7
        func next(_ limit: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % limit
        }
        for _ in 0..<500 {
            var damaged = whole
            for _ in 0...next(4) { damaged[8 + next(damaged.count - 8)] = next(3) == 0 ? 0xFF : UInt8(next(256)) }
            guard let recording = try? Recording(volumes: [folder.write(damaged, "a.mcap")]) else { continue }
            for topic in recording.topics {
                for clock in MessageClock.allCases { _ = try? recording.index(of: topic, clock: clock) }
                guard let reader = try? TopicReader(recording, topic), let index = try? recording.index(of: topic, clock: .logTime) else {
                    continue
                }
                for location in index.locations {
                    try? recording.withPayload(of: topic, at: location) { payload in
                        _ = try? reader.numbers(path: nil, in: payload)
                        _ = try? reader.names(in: payload)
                        _ = try? reader.value(in: payload)
                        _ = try? reader.image(in: payload).size(in: payload)
                    }
                }
            }
        }
    }

    @Test func `what a body throws comes out as it was`() throws {
        struct Own: Error {}
        var volume = VolumeWriter()
        volume.schema(1, "p/A", "ros1msg", "uint8 data")
        volume.channel(1, schema: 1, "/a", "ros1")
        volume.message(1, log: 1, [1])
        let recording = try folder.recording(volume)
        #expect(throws: Own.self) { try recording.map("/a") { _, _ in throw Own() } }
    }
}

/// A joint state in CDR as one Zstandard frame.
private let compressedJointState =
    "28b52ffd205c5d020074030001000059898767009c7125050000006261736500000000020000006c6566740800000072696768745f31f83f04400100000000000840070020704ac02d03731b7eb6074b98753a01"
