import Compression
import ExportCore
import FoundationEssentials
import MCAP

extension Scratch {
    func path(_ name: String) -> String { folder.appending(path: name).path() }

    func writer(
        _ name: String,
        compression: MCAPWriter.Compression = .none,
        chunkSize: Int = 200,
        cancellation: Cancellation = Cancellation()
    ) throws -> MCAPWriter {
        try MCAPWriter(
            path: path(name),
            profile: "ros2",
            settings: .init(compression: compression, chunkSize: chunkSize, library: "tests"),
            cancellation: cancellation
        )
    }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    func write(_ bytes: some Collection<UInt8>, _ name: String) throws { try Data(bytes).write(to: folder.appending(path: name)) }
}

extension MCAPWriter {
    /// One schema, and channels from 1 on.
    func define(topics: [String]) throws {
        try add(Schema(id: 1, name: "pkg/msg/Thing", encoding: "ros2msg", data: Array("int32 x".utf8)))
        for (number, topic) in topics.enumerated() {
            try add(Channel(id: UInt16(number + 1), schemaID: 1, topic: topic, messageEncoding: "cdr", metadata: ["key": "value"]))
        }
    }

    func write(_ reading: Reading) throws {
        let head = MessageHead(channelID: reading.channel, sequence: 0, logTime: reading.logTime, publishTime: reading.logTime &+ 1)
        try write(head, reading.data.span.bytes)
    }
}

/// The checksum over messages that the official reader's findings hold.
func checksum(_ messages: [Reading]) -> UInt32 {
    var checksum = CRC32()
    for message in messages {
        checksum.update(number(message.channel) + number(UInt32(0)) + number(message.logTime) + number(message.logTime &+ 1))
        checksum.update(message.data)
    }
    return checksum.value
}
