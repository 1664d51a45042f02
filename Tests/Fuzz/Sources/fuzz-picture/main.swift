import FuzzInput
import Glibc
import Media
import Recordings

// The fuzzer's own main function runs in place of this file's statements, so variables are made at their first use.
private enum Input {
    static let file = NamedInputFile("fuzz-picture.mcap")
    static let formats = [
        "", "jpeg", "h264", "h265", "vp9", "av1", "16UC1; compressedDepth", "32FC1; compressedDepth png", "16UC1; compressedDepth rvl",
    ]
    /// The file up to its only message's size.
    static let head: [UInt8] = {
        let definition = "string format\nuint8[] data\n"
        var head: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]
        head += record(1, text("ros1") + text(""))
        head += record(3, little(UInt16(1)) + text("sensor_msgs/CompressedImage") + text("ros1msg") + text(definition))
        return head + record(4, little(UInt16(0)) + little(UInt16(1)) + text("/camera") + text("ros1") + little(UInt32(0)))
    }()
}

private func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
}

private func text(_ text: String) -> [UInt8] { little(UInt32(text.utf8.count)) + Array(text.utf8) }

private func record(_ opcode: UInt8, _ content: [UInt8]) -> [UInt8] { [opcode] + little(UInt64(content.count)) + content }

/// The first byte chooses what a camera calls its pictures; the rest is one picture, or one access unit of a video.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let data, count > 0 else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data + 1, count: count - 1)
    let format = Input.formats[Int(data[0]) % Input.formats.count]
    _ = JPEGHeader(bytes)
    for codec in VideoCodec.allCases { _ = VideoAccessUnit(bytes, codec: codec) }
    if format.hasSuffix("rvl"), bytes.count >= 12 { depth(UnsafeRawBufferPointer(rebasing: bytes[12...])) }

    let message = text(format) + little(UInt32(bytes.count))
    let head = Input.head + [5] + little(UInt64(22 + message.count + bytes.count)) + [UInt8](repeating: 0, count: 22) + message
    let file = head + bytes
    file.withUnsafeBytes { Input.file.fill($0) }
    guard let recording = try? Recording(volumes: [Input.file.path]), let topic = recording.topics.first,
        let reader = try? TopicReader(recording, topic), let times = try? recording.index(of: topic, clock: .logTime)
    else { preconditionFailure("The recording around a picture cannot be read") }
    for location in times.locations {
        try? recording.withPayload(of: topic, at: location) { payload in
            guard let image = try? reader.image(in: payload) else { return }
            _ = image.size(in: payload)
            image.withBytes(in: payload) { precondition($0.count == image.count) }
        }
    }
    return 0
}

/// RVL packs runs of nothing into a few bits, so only small pictures are unpacked, for speed.
private func depth(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 8, bytes[2...3].allSatisfy({ $0 == 0 }), bytes[6...7].allSatisfy({ $0 == 0 }), bytes[1] == 0, bytes[5] == 0 else {
        return
    }
    _ = try? DepthImage(rvl: bytes)
}
