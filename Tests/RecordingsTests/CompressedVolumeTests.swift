import ExportCore
import Files
import Foundation
import Testing

@testable import Recordings

/// Volumes that were compressed as a whole.
@Suite struct CompressedVolumeTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private static let volume: VolumeWriter = {
        var writer = VolumeWriter()
        writer.schema(1, "sensor_msgs/JointState", "ros1msg", Messages.jointState)
        writer.channel(1, schema: 1, "/joints", "ros1")
        for number in 1...50 as ClosedRange<UInt64> { writer.message(1, log: number, Messages.jointState(["a"], [Double(number)])) }
        return writer
    }()

    /// A zstd frame whose blocks hold their bytes as they are, or one byte many times over.
    static func frame(_ content: [UInt8], repeated: Int = 0) -> [UInt8] {
        var blocks: [(head: UInt32, bytes: [UInt8])] = []
        for start in stride(from: 0, to: content.count, by: 1000) {
            let part = Array(content[start..<min(start + 1000, content.count)])
            blocks.append((UInt32(part.count) << 3, part))
        }
        for _ in 0..<repeated { blocks.append((UInt32(100_000) << 3 | 0b010, [0])) }
        var out: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58]
        for (number, block) in blocks.enumerated() {
            let head = block.head | (number == blocks.count - 1 ? 1 : 0)
            out += [UInt8(head & 0xFF), UInt8(head >> 8 & 0xFF), UInt8(head >> 16)] + block.bytes
        }
        return out
    }

    @Test func `a compressed volume is read as what it holds, whatever its name`() throws {
        let path = try folder.write(Self.frame(Self.volume.finished()), "data.mcap")
        let recording = try Recording(volumes: [path])
        #expect(recording.warnings.isEmpty)
        #expect(recording.volumes.map(\.path) == [path])
        #expect(try recording.map("/joints") { try $0.numbers(path: nil, in: $1)[0] } == (1...50).map(Double.init))
    }

    @Test func `one that is cut off gives what came before, with both warnings`() throws {
        let whole = Self.frame(Self.volume.finished())
        let recording = try Recording(volumes: [folder.write(Array(whole.dropLast(2000)), "data.mcap.zstd")])
        let count = try recording.map("/joints") { _, _ in 1 }.count
        #expect(count > 10 && count < 50)
        #expect(recording.warnings.map(\.code) == ["recording_truncated", "recording_truncated"])
    }

    @Test func `one that is cut off within its first block is refused as that, and not as an empty file`() throws {
        let path = try folder.write(Array(Self.frame(Self.volume.finished()).prefix(8)), "data.mcap.zstd")
        let error = #expect(throws: RecordingError.self) { try Recording(volumes: [path]) }
        #expect(error?.exportError.code == .datasetUnreadable)
        let words = "is compressed as a whole, and nothing of it can be decompressed. The zstd data ends"
        #expect(error?.exportError.message.contains(words) == true)
    }

    @Test func `one that expands beyond reason is refused, and its copy is gone`() throws {
        let path = try folder.write(Self.frame([1], repeated: 50), "bomb.mcap.zstd")
        let copies = folder.url.appending(path: "copies").path()
        try FileSystem.makeDirectories(copies)
        let limits = DecompressedCopy.Limits(expansion: 1000, alwaysAllowed: 1 << 20)
        let error = #expect(throws: RecordingError.self) {
            _ = try DecompressedCopy(of: path, in: copies, limits: limits, cancellation: Cancellation()).failure
        }
        #expect(error?.exportError.code == .datasetUnreadable)
        #expect(try FileSystem.list(copies).isEmpty)
    }

    @Test func `a lack of room is said in words, and the job can be retried`() throws {
        let path = try folder.write(Self.frame(Self.volume.finished()), "data.mcap.zstd")
        let limits = DecompressedCopy.Limits(reserve: .max / 2)
        let error = #expect(throws: RecordingError.self) {
            _ = try DecompressedCopy(of: path, in: folder.url.path(), limits: limits, cancellation: Cancellation()).failure
        }
        #expect(error?.exportError.code == .storageFull)
        #expect(error?.exportError.retryable == true)
        #expect(try FileSystem.list(folder.url.path()) == ["data.mcap.zstd"])
    }

    @Test func `cancelled work stops and leaves no copy`() throws {
        let path = try folder.write(Self.frame(Self.volume.finished()), "data.mcap.zstd")
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: CancellationError.self) {
            _ = try DecompressedCopy(of: path, in: folder.url.path(), cancellation: cancellation).failure
        }
        #expect(try FileSystem.list(folder.url.path()) == ["data.mcap.zstd"])
    }
}
