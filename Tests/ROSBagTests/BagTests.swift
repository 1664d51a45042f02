import ExportCore
import Files
import Foundation
import MCAP
import ROSBag
import TestSupport
import Testing

@Suite final class BagTests {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "exportd-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private static let second: UInt64 = 1_000_000_000
    private static let chatter = BagBuilder.Connection(number: 0, topic: "/chatter")
    private static let other = BagBuilder.Connection(number: 7, topic: "/other", type: "std_msgs/Empty", definition: "", extra: [])

    /// Two chunks whose times overlap, with two messages at the same time.
    private static func sample() -> BagBuilder {
        var builder = BagBuilder()
        builder.chunk(
            [chatter],
            [
                .init(connection: 0, time: 5 * second + 3, data: [1]), .init(connection: 0, time: 4 * second, data: [2]),
                .init(connection: 0, time: 9 * second, data: [3, 3]),
            ]
        )
        builder.chunk([other], [.init(connection: 7, time: 9 * second, data: []), .init(connection: 0, time: 6 * second, data: [4])])
        return builder
    }

    @Test func `connections are channels, and messages come in the order of time`() throws {
        let bag = try open(Self.sample().closed())
        #expect(bag.warnings.isEmpty)
        #expect(bag.channels[0]?.topic == "/chatter")
        #expect(bag.channels[0]?.messageEncoding == "ros1")
        #expect(bag.channels[0]?.metadata["latching"] == "true")
        #expect(bag.channels[0]?.metadata["callerid"] == "/talker")
        #expect(bag.channels[7]?.metadata["latching"] == nil)
        let schema = try #require(bag.schemas[1])
        #expect(bag.channels[0]?.schemaID == 1)
        #expect(schema.name == "std_msgs/String")
        #expect(schema.encoding == "ros1msg")
        #expect(schema.data == Array("string data".utf8))
        #expect(bag.messageCounts == [0: 4, 7: 1])
        #expect(bag.timeRange?.first == 4 * Self.second)
        #expect(bag.timeRange?.last == 9 * Self.second)
        #expect(try read(bag) == [[2], [1], [4], [3, 3], []])
        #expect(try read(bag, inFileOrder: true) == [[1], [2], [3, 3], [], [4]])
    }

    @Test func `a bag that was never closed is scanned, with a warning`() throws {
        let bag = try open(Self.sample().bytes)
        #expect(bag.warnings.map(\.code) == ["recording_unindexed"])
        #expect(bag.messageCounts == [0: 4, 7: 1])
        #expect(try read(bag) == [[2], [1], [4], [3, 3], []])
    }

    @Test func `chunks without an index behind them are scanned`() throws {
        var builder = BagBuilder()
        builder.writesChunkIndexes = false
        builder.chunk([Self.chatter], [.init(connection: 0, time: 8, data: [1]), .init(connection: 0, time: 7, data: [2])])
        let bag = try open(builder.closed())
        #expect(try read(bag) == [[2], [1]])
        #expect(bag.warnings.isEmpty)
    }

    @Test func `a bag cut off at any byte gives the first of its messages and a warning`() throws {
        let whole: [[UInt8]] = [[1], [2], [3, 3], [], [4]]
        let bytes = Self.sample().closed()
        var most = 0
        for cut in 0..<bytes.count {
            do {
                let bag = try open(Array(bytes[..<cut]))
                let found = try read(bag, inFileOrder: true)
                #expect(found == Array(whole.prefix(found.count)), "cut at \(cut)")
                #expect(found.count >= most, "cut at \(cut)")
                #expect(!bag.warnings.isEmpty, "cut at \(cut)")
                most = found.count
            } catch let error as BagError {
                #expect(cut < 13, "\(error)")
            }
        }
        #expect(most == whole.count)
    }

    @Test func `no flipped byte makes the reader trap`() throws {
        var random = SeededGenerator(seed: 17)
        let bytes = Self.sample().closed()
        for _ in 0..<3000 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                broken[Int.random(in: 13..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let bag = try? open(broken) else { continue }
            for entry in try bag.index(ofChannels: Set(bag.channels.keys)) { try? bag.withMessage(at: entry.location) { _, _ in } }
        }
    }

    @Test func `a damaged chunk is left out, and the others are read`() throws {
        var builder = BagBuilder()
        builder.chunk([Self.chatter], [.init(connection: 0, time: 1, data: [1])], compression: "bz2", stored: Array("BZh9nonsense".utf8))
        builder.chunk([], [.init(connection: 0, time: 2, data: [2])])
        builder.chunk([], [.init(connection: 0, time: 3, data: [3])], compression: "rot13")
        let bag = try open(builder.bytes)
        let codes = ["recording_unindexed", "recording_damaged_chunk", "recording_unknown_compression", "recording_damaged_record"]
        #expect(bag.warnings.map(\.code) == codes)
        let closed = try open(builder.closed())
        let entries = try closed.index(ofChannels: [0])
        #expect(throws: BagError.self) { try closed.withMessage(at: entries[0].location) { _, _ in } }
        #expect(try closed.withMessage(at: entries[1].location) { _, data in data.byteCount } == 1)
    }

    @Test func `a wrong index is found out and the chunks are scanned`() throws {
        var builder = BagBuilder()
        builder.chunk([Self.chatter], [.init(connection: 0, time: 1, data: [1]), .init(connection: 0, time: 2, data: [2])])
        var bytes = builder.closed()
        // The count of the only connection in the only chunk, at the very end.
        bytes[bytes.count - 4] = 9
        let bag = try open(bytes)
        #expect(bag.messageCounts == [0: 9])
        #expect(try read(bag) == [[1], [2]])
        #expect(bag.messageCounts == [0: 2])
        #expect(bag.warnings.map(\.code) == ["recording_wrong_index"])
    }

    @Test func `a connection that changes its meaning is reported and the first one used`() throws {
        var builder = BagBuilder()
        builder.chunk([Self.chatter], [.init(connection: 0, time: 1, data: [1])])
        builder.chunk([BagBuilder.Connection(number: 0, topic: "/else")], [.init(connection: 0, time: 2, data: [2])])
        let bag = try open(builder.bytes)
        #expect(bag.channels[0]?.topic == "/chatter")
        #expect(bag.warnings.map(\.code) == ["recording_unindexed", "recording_conflicting_channel"])

        let indexed = try open(builder.closed())
        #expect(indexed.warnings.isEmpty)
        #expect(try read(indexed) == [[1], [2]])
        #expect(try read(indexed) == [[1], [2]])
        #expect(indexed.warnings.map(\.code) == ["recording_conflicting_channel"])
    }

    @Test func `connections and messages that cannot be used are counted in words`() throws {
        var builder = BagBuilder()
        builder.chunk(
            [BagBuilder.Connection(number: 70_000, topic: "/far")],
            [.init(connection: 70_000, time: 1, data: [1]), .init(connection: 3, time: 1, data: [1])]
        )
        let bag = try open(builder.closed())
        #expect(bag.channels.isEmpty)
        #expect(bag.warnings.map(\.code) == ["recording_damaged_record", "recording_damaged_record", "recording_damaged_record"])
        #expect(bag.warnings[0].message.contains("70000"))
    }

    @Test func `a definition that the bag lacks is told from one that is empty`() throws {
        var builder = BagBuilder()
        let empty = BagBuilder.Connection(number: 1, topic: "/a", type: "std_msgs/Empty", definition: "")
        builder.chunk([empty], [])
        let bag = try open(builder.closed())
        #expect(bag.schemas[1]?.encoding == "")
        #expect(bag.schemas[1]?.name == "std_msgs/Empty")
    }

    @Test(arguments: [
        ("", "The file is empty."), ("\u{89}MCAP", "The file is not a ROS bag."),
        ("#ROSBAG V1.2\nmore", "The file is a ROS bag of version 1.2; only version 2.0 can be read."),
    ]) func `other files are refused in words`(content: String, message: String) throws {
        let error = #expect(throws: BagError.self) { _ = try open(Array(content.utf8)) }
        #expect(error?.message == message)
    }

    @Test func `an encrypted bag is refused in words`() throws {
        let builder = BagBuilder(header: [("encryptor", Array("rosbag/AesCbcEncryptor".utf8))])
        let error = #expect(throws: BagError.self) { _ = try open(builder.closed()) }
        #expect(error?.message == "The bag is encrypted with rosbag/AesCbcEncryptor.")
    }

    @Test func `cancelled work stops`() throws {
        let path = try write(Self.sample().bytes)
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: CancellationError.self) { _ = try BagFile(path: path, cancellation: cancellation) }
    }

    // MARK: Support

    private func write(_ bytes: [UInt8]) throws -> String {
        // A new file each time: one that is mapped must not be cut.
        let path = folder.appending(path: "data.bag").path()
        try FileSystem.removeFile(path)
        try OpenFile.creating(path).write(bytes)
        return path
    }

    private func open(_ bytes: [UInt8]) throws -> BagFile {
        try BagFile(path: try write(bytes))
    }

    private func read(_ bag: BagFile, inFileOrder: Bool = false) throws -> [[UInt8]] {
        var entries = try bag.index(ofChannels: Set(bag.channels.keys))
        if inFileOrder { entries = bag.inFileOrder(entries) }
        return try entries.map { entry in
            try bag.withMessage(at: entry.location) { head, data in
                #expect(head.logTime == entry.logTime)
                return data.withUnsafeBytes { Array($0) }
            }
        }
    }
}
