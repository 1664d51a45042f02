import ExportCore
import Files
import Foundation
import Recordings

/// A folder that goes when the test is over.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "exportd-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes a file and gives its path.
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let file = url.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path()
    }

    /// Writes a recording of one volume and opens it.
    func recording(_ volume: VolumeWriter) throws -> Recording {
        try Recording(volumes: [write(volume.finished(), "data.mcap")])
    }
}

/// Bytes from hexadecimal digits; blanks are for the eye.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Little-endian bytes put together.
struct ByteList {
    var bytes: [UInt8] = []

    mutating func add(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(counted blob: [UInt8]) {
        add(UInt32(blob.count))
        bytes += blob
    }

    mutating func add(_ text: String) {
        add(counted: Array(text.utf8))
    }
}

/// An MCAP file without chunks and without a summary: the plainest that there is.
struct VolumeWriter {
    private var out: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]

    init() {
        record(0x01) {
            $0.add("")
            $0.add("")
        }
    }

    private mutating func record(_ opcode: UInt8, _ fill: (inout ByteList) -> Void) {
        var content = ByteList()
        fill(&content)
        var head = ByteList()
        head.add(opcode)
        head.add(UInt64(content.bytes.count))
        out += head.bytes + content.bytes
    }

    mutating func schema(_ id: UInt16, _ name: String, _ encoding: String, _ text: String) {
        schema(id, name, encoding, Array(text.utf8))
    }

    mutating func schema(_ id: UInt16, _ name: String, _ encoding: String, _ data: [UInt8]) {
        record(0x03) {
            $0.add(id)
            $0.add(name)
            $0.add(encoding)
            $0.add(counted: data)
        }
    }

    mutating func channel(_ id: UInt16, schema: UInt16, _ topic: String, _ encoding: String, metadata: [String: String] = [:]) {
        record(0x04) {
            $0.add(id)
            $0.add(schema)
            $0.add(topic)
            $0.add(encoding)
            var map = ByteList()
            for (key, value) in metadata {
                map.add(key)
                map.add(value)
            }
            $0.add(counted: map.bytes)
        }
    }

    mutating func message(_ channel: UInt16, log: UInt64, publish: UInt64 = 0, _ data: [UInt8]) {
        record(0x05) {
            $0.add(channel)
            $0.add(UInt32(0))
            $0.add(log)
            $0.add(publish)
            $0.bytes += data
        }
    }

    func finished() -> [UInt8] {
        var copy = self
        copy.record(0x0F) { $0.add(UInt32(0)) }
        copy.record(0x02) {
            $0.add(UInt64(0))
            $0.add(UInt64(0))
            $0.add(UInt32(0))
        }
        return copy.out + [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]
    }

    /// The same with all but the header in a chunk that isn't compressed.
    func chunked() -> [UInt8] {
        let start = VolumeWriter().out.count
        var copy = VolumeWriter()
        copy.record(0x06) {
            $0.add(UInt64(0))
            $0.add(UInt64(0))
            $0.add(UInt64(out.count - start))
            $0.add(UInt32(0))
            $0.add("")
            $0.add(UInt64(out.count - start))
            $0.bytes += out[start...]
        }
        return copy.finished()
    }

    /// The file without its end, and without the last bytes before it.
    func cut(_ bytes: Int) -> [UInt8] { Array(out.dropLast(bytes)) }
}

/// Definitions and messages in ROS 1's serialisation, which is the simplest to write.
enum Messages {
    static let header = "\n===\nMSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"
    static let jointState = "Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort" + header
    static let compressedImage = "Header header\nstring format\nuint8[] data" + header
    static let image = "Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data" + header

    static func header(_ seconds: UInt32, _ nanoseconds: UInt32) -> ByteList {
        var list = ByteList()
        list.add(UInt32(0))
        list.add(seconds)
        list.add(nanoseconds)
        list.add("base")
        return list
    }

    static func jointState(_ names: [String], _ positions: [Double], stamp: (UInt32, UInt32) = (1, 5)) -> [UInt8] {
        var list = header(stamp.0, stamp.1)
        list.add(UInt32(names.count))
        for name in names { list.add(name) }
        list.add(UInt32(positions.count))
        for position in positions { list.add(position.bitPattern) }
        list.add(UInt64(0))
        return list.bytes
    }

    static func compressedImage(_ format: String, _ data: [UInt8]) -> [UInt8] {
        var list = header(1, 5)
        list.add(format)
        list.add(counted: data)
        return list.bytes
    }

    static func image(width: UInt32, height: UInt32, _ encoding: String, step: UInt32, _ data: [UInt8]) -> [UInt8] {
        var list = header(1, 5)
        list.add(height)
        list.add(width)
        list.add(encoding)
        list.add(UInt8(1))
        list.add(step)
        list.add(counted: data)
        return list.bytes
    }
}

extension Recording {
    /// Takes the only topic of the name apart, message after message.
    func map<R>(_ name: String, clock: MessageClock = .logTime, _ body: (TopicReader, Payload) throws -> R) throws -> [R] {
        guard let topic = topic(named: name) else { throw CocoaError(.fileNoSuchFile) }
        let reader = try TopicReader(self, topic)
        return try index(of: topic, clock: clock).locations.map { location in
            try withPayload(of: topic, at: location) { try body(reader, $0) }
        }
    }
}
