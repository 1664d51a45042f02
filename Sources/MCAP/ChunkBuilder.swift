import Bytes

/// A chunk while messages are put into it.
struct ChunkBuilder {
    /// A message as the chunk's index lists it.
    private struct Entry: Equatable {
        var logTime: UInt64
        var offset: UInt64
        var channel: UInt16
    }

    private var records = RecordEncoder()
    private var entries: [Entry] = []
    /// The first and last log time; meaningless while there is no message.
    private(set) var times: (first: UInt64, last: UInt64) = (.max, .min)

    /// The size of the records so far.
    var count: Int { records.count }
    var messageCount: Int { entries.count }
    /// The records, uncompressed.
    var bytes: [UInt8] { records.bytes }

    @inline(__always)
    mutating func add(_ head: MessageHead, _ data: UnsafeRawBufferPointer) {
        entries.append(Entry(logTime: head.logTime, offset: UInt64(records.count), channel: head.channelID))
        records.put(head, data)
        times.first = min(times.first, head.logTime)
        times.last = max(times.last, head.logTime)
    }

    /// Lists messages of a chunk that was written by somebody else.
    @inline(__always)
    mutating func list(_ head: MessageHead, at offset: Int) {
        entries.append(Entry(logTime: head.logTime, offset: UInt64(offset), channel: head.channelID))
        times.first = min(times.first, head.logTime)
        times.last = max(times.last, head.logTime)
    }

    /// Makes room for so many bytes of records: an array that grows by itself takes three times as much while it does.
    mutating func reserve(_ capacity: Int) { records.reserve(capacity) }

    /// Forgets all messages; keeps memory for `capacity` bytes of them.
    mutating func removeAll(keeping capacity: Int) {
        // One message far larger than chunks are must not hold its memory for ever.
        if records.bytes.capacity > 2 * capacity { records = RecordEncoder() } else { records.removeAll() }
        entries.removeAll(keepingCapacity: true)
        times = (.max, .min)
    }

    /// The message indexes, by channel; within each by log time, messages at the same time in the order of the file.
    ///
    /// The format asks for no order, but some readers have relied on this one.
    func indexes() throws(OversizedField) -> (records: RecordEncoder, channels: [ChunkChannel]) {
        let groups = groups()
        var encoder = RecordEncoder()
        encoder.reserve(entries.count * Size.indexEntry + groups.count * 15)
        var channels: [ChunkChannel] = []
        for (channel, group) in groups.sorted(by: { $0.key < $1.key }) {
            channels.append(ChunkChannel(channel: channel, count: UInt64(group.count), indexOffset: encoder.count))
            try encoder.putRecord(Opcode.messageIndex) { encoder throws(OversizedField) in
                encoder.put(channel)
                try encoder.putCounted32 { encoder in
                    for entry in group {
                        encoder.put(entry.logTime)
                        encoder.put(entry.offset)
                    }
                }
            }
        }
        return (encoder, channels)
    }

    /// Whether these are indexes of exactly the messages of the chunk.
    func agrees(with indexes: UnsafeRawBufferPointer) -> Bool {
        var groups = groups()
        var walker = RecordWalker(indexes)
        while let record = walker.next() {
            guard let index = MessageIndex(walker, record) else { return false }
            guard index.count > 0 else { continue }
            guard let group = groups.removeValue(forKey: index.channel), group.count == index.count else { return false }
            let listed = Self.sorted(
                (0..<index.count).map { Entry(logTime: index[$0].logTime, offset: index[$0].offset, channel: index.channel) }
            )
            guard listed == group else { return false }
        }
        guard case .atEnd = walker.stop else { return false }
        return groups.isEmpty
    }

    private func groups() -> [UInt16: [Entry]] {
        var groups: [UInt16: [Entry]] = [:]
        for entry in entries { groups[entry.channel, default: []].append(entry) }
        return groups.mapValues(Self.sorted)
    }

    private static func sorted(_ group: [Entry]) -> [Entry] {
        guard zip(group, group.dropFirst()).contains(where: { ($0.logTime, $0.offset) > ($1.logTime, $1.offset) }) else { return group }
        return group.sorted { ($0.logTime, $0.offset) < ($1.logTime, $1.offset) }
    }
}

/// One channel's part in one chunk.
struct ChunkChannel {
    var channel: UInt16
    /// How many messages it has there.
    var count: UInt64
    /// Where its index record starts, in bytes from the end of the chunk's record.
    var indexOffset: Int
}
