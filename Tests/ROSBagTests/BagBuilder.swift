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

    static func integer(_ value: some FixedWidthInteger) -> [UInt8] {
        var list = ByteList()
        list.add(value)
        return list.bytes
    }

    static func time(_ nanoseconds: UInt64) -> [UInt8] {
        integer(UInt32(nanoseconds / 1_000_000_000)) + integer(UInt32(nanoseconds % 1_000_000_000))
    }

    /// Fields with names, each with its length, as bags have them.
    static func fields(_ fields: [(String, [UInt8])]) -> [UInt8] {
        var list = ByteList()
        for (name, value) in fields { list.add(counted: Array("\(name)=".utf8) + value) }
        return list.bytes
    }

    static func record(_ operation: UInt8, _ header: [(String, [UInt8])], _ data: [UInt8]) -> [UInt8] {
        var list = ByteList()
        list.add(counted: fields([("op", [operation])] + header))
        list.add(counted: data)
        return list.bytes
    }
}

/// Writes bags of version 2.0 as ROS 1 does, or not quite so where a test wants it.
struct BagBuilder {
    struct Connection {
        var number: UInt32
        var topic: String
        var type = "std_msgs/String"
        var definition = "string data"
        var extra: [(String, [UInt8])] = [("callerid", Array("/talker".utf8)), ("latching", Array("1".utf8))]

        var record: [UInt8] {
            let md5sum = "992ce8a1687cec8c8bd883ec73ca41d1"
            let texts = [("topic", topic), ("type", type), ("md5sum", md5sum), ("message_definition", definition)]
            return ByteList.record(
                0x07,
                [("conn", ByteList.integer(number)), ("topic", Array(topic.utf8))],
                ByteList.fields(texts.map { ($0.0, Array($0.1.utf8)) } + extra)
            )
        }
    }

    struct Message {
        var connection: UInt32
        var time: UInt64
        var data: [UInt8]
    }

    var bytes: [UInt8]
    private var chunks: [(offset: Int, messages: [Message])] = []
    private var connections: [Connection] = []
    var writesChunkIndexes = true
    /// The bag header's fields that come after those of every bag.
    private let header: [(String, [UInt8])]
    private let start: Int

    init(version: String = "2.0", header: [(String, [UInt8])] = []) {
        bytes = Array("#ROSBAG V\(version)\n".utf8)
        start = bytes.count
        self.header = header
        bytes += head(index: 0)
    }

    private func head(index: UInt64) -> [UInt8] {
        let fields = [
            ("index_pos", ByteList.integer(index)), ("conn_count", ByteList.integer(UInt32(connections.count))),
            ("chunk_count", ByteList.integer(UInt32(chunks.count))),
        ]
        // ROS pads it to 4096 bytes; a test that cuts at every byte is quicker with fewer.
        return ByteList.record(0x03, fields + header, [UInt8](repeating: 0x20, count: 16))
    }

    /// A chunk with the connections that it introduces.
    mutating func chunk(_ introduced: [Connection], _ messages: [Message], compression: String = "none", stored: [UInt8]? = nil) {
        var records: [UInt8] = []
        for connection in introduced { records += connection.record }
        var places: [UInt32: [(UInt64, UInt32)]] = [:]
        for message in messages {
            places[message.connection, default: []].append((message.time, UInt32(records.count)))
            let fields = [("conn", ByteList.integer(message.connection)), ("time", ByteList.time(message.time))]
            records += ByteList.record(0x02, fields, message.data)
        }
        connections += introduced.filter { new in !connections.contains { $0.number == new.number } }
        chunks.append((bytes.count, messages))
        let fields = [("compression", Array(compression.utf8)), ("size", ByteList.integer(UInt32(records.count)))]
        bytes += ByteList.record(0x05, fields, stored ?? records)
        guard writesChunkIndexes else { return }
        for (connection, entries) in places.sorted(by: { $0.key < $1.key }) {
            var data = ByteList()
            for (time, offset) in entries {
                data.bytes += ByteList.time(time)
                data.add(offset)
            }
            let fields = [
                ("ver", ByteList.integer(UInt32(1))), ("conn", ByteList.integer(connection)),
                ("count", ByteList.integer(UInt32(entries.count))),
            ]
            bytes += ByteList.record(0x04, fields, data.bytes)
        }
    }

    /// The bag as its recorder closes it.
    func closed() -> [UInt8] {
        var out = bytes
        let index = UInt64(out.count)
        for connection in connections { out += connection.record }
        for (offset, messages) in chunks {
            let times = messages.map(\.time)
            var data = ByteList()
            for (connection, members) in Dictionary(grouping: messages, by: \.connection).sorted(by: { $0.key < $1.key }) {
                data.add(connection)
                data.add(UInt32(members.count))
            }
            let fields = [
                ("ver", ByteList.integer(UInt32(1))), ("chunk_pos", ByteList.integer(UInt64(offset))),
                ("start_time", ByteList.time(times.min() ?? 0)), ("end_time", ByteList.time(times.max() ?? 0)),
                ("count", ByteList.integer(UInt32(data.bytes.count / 8))),
            ]
            out += ByteList.record(0x06, fields, data.bytes)
        }
        let head = head(index: index)
        out.replaceSubrange(start..<start + head.count, with: head)
        return out
    }
}
