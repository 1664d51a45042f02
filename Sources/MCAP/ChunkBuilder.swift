import Bytes

/// A chunk while messages are put into it.
struct ChunkBuilder {
    /// A message as the chunk's index lists it.
    private struct Entry {
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
        var groups: [UInt16: [Entry]] = [:]
        for entry in entries { groups[entry.channel, default: []].append(entry) }
        var encoder = RecordEncoder()
        encoder.reserve(entries.count * Size.indexEntry + groups.count * 15)
        var channels: [ChunkChannel] = []
        for (channel, var group) in groups.sorted(by: { $0.key < $1.key }) {
            if zip(group, group.dropFirst()).contains(where: { $0.logTime > $1.logTime }) {
                group.sort { ($0.logTime, $0.offset) < ($1.logTime, $1.offset) }
            }
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
}

/// One channel's part in one chunk.
struct ChunkChannel {
    var channel: UInt16
    /// How many messages it has there.
    var count: UInt64
    /// Where its index record starts, in bytes from the end of the chunk's record.
    var indexOffset: Int
}
