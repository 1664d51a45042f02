import ExportCore
import Files
import Foundation
import MCAP
import Rosbag2
import TestSupport
import Testing

@Suite struct DatabaseTests {
    let builder: DatabaseBuilder

    init() throws {
        builder = try DatabaseBuilder()
    }

    @Test(arguments: 1...4) func `databases of every version of the storage are read`(version: Int) throws {
        let values = ["1, '/a', 'x/msg/A', 'cdr'", version >= 2 ? ", '- durability: 1'" : "", version >= 4 ? ", 'RIHS01_ab'" : ""].joined()
        var sql =
            DatabaseBuilder.tables(version: version) + "INSERT INTO topics VALUES (\(values));"
            + "INSERT INTO messages VALUES (1, 1, 30, x'0102'), (2, 1, 10, x''), (3, 1, 30, x'03');"
        if version >= 4 { sql += "INSERT INTO message_definitions VALUES (1, 'x/msg/A', 'ros2msg', 'int32 x', 'RIHS01_ab');" }
        let database = try Rosbag2Database(path: builder.make(sql))
        #expect(database.warnings.isEmpty)
        let channel = try #require(database.channels[1])
        #expect(channel.topic == "/a")
        #expect(channel.messageEncoding == "cdr")
        #expect(channel.metadata["offered_qos_profiles"] == (version >= 2 ? "- durability: 1" : nil))
        #expect(channel.metadata["topic_type_hash"] == (version >= 4 ? "RIHS01_ab" : nil))
        let schema = try #require(database.schemas[channel.schemaID])
        #expect(schema.name == "x/msg/A")
        #expect(schema.encoding == (version >= 4 ? "ros2msg" : ""))
        #expect(schema.data == (version >= 4 ? Array("int32 x".utf8) : []))
        #expect(database.messageCounts == [1: 3])
        #expect(database.timeRange?.first == 10)
        #expect(database.timeRange?.last == 30)
        #expect(try read(database) == [[], [1, 2], [3]])
        #expect(try read(database, inFileOrder: true) == [[1, 2], [], [3]])
    }

    @Test func `a message may be read while another one is in use`() throws {
        let database = try Rosbag2Database(path: builder.make(DatabaseBuilder.chatter(messages: 2, bytes: 4)))
        let entries = try database.index(ofChannels: [1])
        let pair = try database.withMessage(at: entries[0].location) { _, first in
            try database.withMessage(at: entries[1].location) { _, second in [Self.text(first), Self.text(second)] }
        }
        #expect(pair == ["0001", "0002"])
    }

    @Test func `nothing is written beside the database, and one that cannot be written is read`() throws {
        let path = try builder.make("PRAGMA journal_mode=WAL;" + DatabaseBuilder.chatter(messages: 3, bytes: 4))
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
        #expect(try read(Rosbag2Database(path: path)).count == 3)
        #expect(try FileSystem.list(builder.folder.path()) == ["1.db3"])
    }

    @Test func `a journal left beside the database is a warning`() throws {
        let path = try builder.make(DatabaseBuilder.chatter(messages: 3, bytes: 4))
        try OpenFile.creating(path + "-wal").write([1])
        #expect(try Rosbag2Database(path: path).warnings.map(\.code) == ["recording_unfinished"])
    }

    @Test func `a name with every sort of character is opened`() throws {
        let path = try builder.make(DatabaseBuilder.chatter(messages: 1, bytes: 4))
        let odd = builder.folder.appending(path: "a%20?b#c &d=é.db3").path(percentEncoded: false)
        try FileSystem.rename(path, to: odd)
        #expect(try Rosbag2Database(path: odd).messageCounts == [1: 1])
    }

    @Test(arguments: [500, 6000]) func `a database cut off anywhere gives what is left and a warning`(bytes: Int) throws {
        let whole = [UInt8](try Data(contentsOf: URL(filePath: builder.make(DatabaseBuilder.chatter(messages: 60, bytes: bytes)))))
        var counts: Set<Int> = []
        for cut in stride(from: 0, to: whole.count, by: 1024) {
            do {
                let database = try Rosbag2Database(path: builder.write(Array(whole[..<cut])))
                #expect(database.warnings.contains { $0.code == "recording_truncated" })
                counts.insert(try read(database) { data in #expect(data.count == bytes) }.count)
            } catch let error as Rosbag2Error {
                #expect(error.kind == .notRosbag2)
            }
        }
        #expect(counts.count > 3)
    }

    @Test func `a damaged page loses its own messages only`() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: builder.make(DatabaseBuilder.chatter(messages: 400, bytes: 200)))))
        let whole = try read(Rosbag2Database(path: builder.write(bytes)))
        let place = try #require(bytes.firstRange(of: Array("0200".utf8)))
        let page = place.lowerBound / 4096 * 4096
        bytes.replaceSubrange(page..<page + 4096, with: [UInt8](repeating: 0xA5, count: 4096))
        let database = try Rosbag2Database(path: builder.write(bytes))
        let found = try read(database)
        #expect(found.count > 350 && found.count < 400)
        #expect(Set(found).isSubset(of: whole))
        #expect(database.warnings.map(\.code) == ["recording_damaged_chunk"])
    }

    @Test func `no flipped byte makes the reader trap`() throws {
        var random = SeededGenerator(seed: 5)
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: builder.make(DatabaseBuilder.chatter(messages: 30, bytes: 300)))))
        for _ in 0..<400 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                // Most of a page's meaning is at its start.
                let place = Int.random(in: 0..<bytes.count, using: &random)
                broken[Bool.random(using: &random) ? place : place / 4096 * 4096 + place % 64] = UInt8.random(in: 0...255, using: &random)
            }
            let path = try builder.write(broken)
            defer { try? FileSystem.removeFile(path) }
            do {
                let database = try Rosbag2Database(path: path)
                for entry in try database.index(ofChannels: Set(database.channels.keys)) {
                    do { try database.withMessage(at: entry.location) { _, _ in } } catch is Rosbag2Error {}
                }
            } catch is Rosbag2Error {}
        }
    }

    @Test func `a tree that meets itself again ends`() throws {
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: builder.make(DatabaseBuilder.chatter(messages: 2000, bytes: 300)))))
        // The table's root is an inner page (type 5); all its children become the first one.
        let root = try #require(stride(from: 4096, to: bytes.count, by: 4096).first { bytes[$0] == 5 })
        let cells = Int(bytes[root + 3]) << 8 | Int(bytes[root + 4])
        let first = Int(bytes[root + 12]) << 8 | Int(bytes[root + 13])
        for cell in 1..<cells {
            let place = Int(bytes[root + 12 + 2 * cell]) << 8 | Int(bytes[root + 13 + 2 * cell])
            for byte in 0..<4 { bytes[root + place + byte] = bytes[root + first + byte] }
        }
        let database = try Rosbag2Database(path: builder.write(bytes))
        #expect((database.messageCounts[1] ?? 0) < 2000)
        #expect(!database.warnings.isEmpty)
    }

    @Test(arguments: [
        "CREATE TABLE topics(id, name, type); CREATE VIEW messages AS SELECT 1 AS topic_id, 2 AS timestamp, x'' AS data;",
        "CREATE TABLE topics(id, name, type); CREATE TABLE messages(topic_id, timestamp, data AS (zeroblob(1000000000)));",
        "CREATE TABLE topics(id, name, type); CREATE VIRTUAL TABLE messages USING fts4(topic_id, timestamp, data);",
        "CREATE TABLE topics(id, name, type); CREATE TABLE messages(rowid TEXT, topic_id, timestamp, data);",
        "CREATE TABLE t(x);",
    ]) func `databases whose tables are not rosbag2's are refused`(sql: String) throws {
        let error = #expect(throws: Rosbag2Error.self) { _ = try Rosbag2Database(path: builder.make(sql)) }
        #expect(error?.kind == .notRosbag2)
    }

    @Test func `rows that make no sense are counted in words`() throws {
        let sql =
            DatabaseBuilder.tables(version: 2)
            + "INSERT INTO topics VALUES (1, '/a', 'x/msg/A', 'cdr', ''), (70000, '/far', 'x/msg/A', 'cdr', '');"
            + "INSERT INTO messages VALUES (1, 1, 'soon', x'00'), (2, 9, 5, x'00'), (3, 1, -5, x'00');"
        let database = try Rosbag2Database(path: builder.make(sql))
        #expect(database.messageCounts == [1: 1])
        #expect(database.timeRange?.first == 0)
        #expect(database.warnings.count == 4)
        #expect(Set(database.warnings.map(\.code)) == ["recording_damaged_record"])
    }

    @Test func `cancelled work stops`() throws {
        let path = try builder.make(DatabaseBuilder.chatter(messages: 2000, bytes: 100))
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(throws: CancellationError.self) { _ = try Rosbag2Database(path: path, cancellation: cancellation) }
    }

    @Test(arguments: ["", "SQLite format 3", "#ROSBAG V2.0\n"]) func `other files are refused in words`(content: String) throws {
        let error = #expect(throws: Rosbag2Error.self) { _ = try Rosbag2Database(path: builder.write(Array(content.utf8))) }
        #expect(error?.message == "The file is not an SQLite database.")
    }

    // MARK: Support

    private static func text(_ data: RawSpan) -> String {
        data.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func read(_ database: Rosbag2Database, inFileOrder: Bool = false, _ look: ([UInt8]) -> Void = { _ in }) throws -> [[UInt8]] {
        var entries = try database.index(ofChannels: Set(database.channels.keys))
        if inFileOrder { entries = database.inFileOrder(entries) }
        return try entries.map { entry in
            try database.withMessage(at: entry.location) { head, data in
                #expect(head.logTime == entry.logTime)
                let bytes = data.withUnsafeBytes { Array($0) }
                look(bytes)
                return bytes
            }
        }
    }
}
