import ExportCore
import Files
import Foundation
import Recordings

/// A recording of one topic of video, from the access units of `Tests/Fixtures/video`, thirty a second.
final class VideoRecording {
    private let folder: URL
    let recording: Recording
    let topic: Topic
    let locations: SpilledArray<PayloadLocation>

    init(_ units: [[UInt8]], format: String = "h264") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "exportd-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "data.mcap")
        try Data(Self.file(units, format)).write(to: path)
        recording = try Recording(volumes: [path.path()])
        guard let topic = recording.topic(named: "/camera") else { throw CocoaError(.fileReadCorruptFile) }
        self.topic = topic
        locations = try recording.index(of: topic, clock: .logTime).locations
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    static func units(_ name: String) throws -> [[UInt8]] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = [UInt8](try Data(contentsOf: tests.appending(path: "Fixtures/video/\(name).units")))
        var units: [[UInt8]] = []
        var offset = 0
        while offset + 4 <= data.count {
            let count = (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
            units.append(Array(data[offset + 4..<offset + 4 + count]))
            offset += 4 + count
        }
        return units
    }

    /// The plainest MCAP file: no chunks, no summary.
    private static func file(_ units: [[UInt8]], _ format: String) -> [UInt8] {
        let magic: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]
        let definition = "Header header\nstring format\nuint8[] data\n===\nMSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"
        var file = magic + record(0x01, text("") + text(""))
        file += record(0x03, number(1, 2) + text("sensor_msgs/CompressedImage") + text("ros1msg") + text(definition))
        file += record(0x04, number(1, 2) + number(1, 2) + text("/camera") + text("ros1") + number(0, 4))
        for (index, unit) in units.enumerated() {
            let header = number(0, 4) + number(0, 4) + number(0, 4) + text("")
            let time = number(1_000_000_000 + index * 33_333_333, 8)
            file += record(0x05, number(1, 2) + number(index, 4) + time + time + header + text(format) + number(unit.count, 4) + unit)
        }
        return file + record(0x0F, number(0, 4)) + record(0x02, number(0, 20)) + magic
    }

    private static func record(_ opcode: UInt8, _ content: [UInt8]) -> [UInt8] {
        [opcode] + number(content.count, 8) + content
    }

    private static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
    }

    private static func text(_ text: String) -> [UInt8] {
        number(text.utf8.count, 4) + Array(text.utf8)
    }
}
