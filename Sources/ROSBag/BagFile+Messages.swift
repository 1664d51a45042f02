import Bytes
import ExportCore
public import MCAP

extension BagFile {
    /// Lists all messages of some connections by time; of messages at the same time, those first that come first in the file.
    ///
    /// Taken from the index behind each chunk, without decompressing, where it exists and fits what the bag's own index
    /// counts, and from the messages themselves otherwise. Messages of chunks that can't be read are left out, with a warning.
    ///
    /// Takes 24 bytes of memory a message.
    ///
    /// - Throws: `CancellationError`.
    public func index(ofChannels wanted: Set<UInt16>) throws -> [MessageEntry] {
        try mapped.withBytes { bytes in
            let wanted = wanted.filter { channels[$0] != nil }
            var entries = try collect(wanted, bytes)
            if let wrong = firstMiscounted(entries, wanted), !chunks.contains(where: \.isUnreadable) {
                for number in chunks.indices { chunks[number].hasWrongIndex = true }
                entries = try collect(wanted, bytes)
                correctCounts(entries, wanted, wrong)
            }
            return entries.sorted { first, second in
                if first.logTime != second.logTime { return first.logTime < second.logTime }
                return Self.precedes(first.location, second.location)
            }
        }
    }

    /// The same entries in the order in which their messages lie in the file, whatever their times.
    public func inFileOrder(_ entries: [MessageEntry]) -> [MessageEntry] {
        entries.ordered { Self.precedes($0.location, $1.location) }
    }

    private static func precedes(_ first: MessageLocation, _ second: MessageLocation) -> Bool {
        first.chunk == second.chunk ? first.offset < second.offset : first.chunk < second.chunk
    }

    /// Reads one message.
    ///
    /// - Parameters:
    ///   - location: where an entry of `index(ofChannels:)` placed it.
    ///   - body: takes the message's head and its data, which may be empty and is valid during the call only.
    /// - Throws: `BagError` where the chunk can't be read, or where no message of that connection is at that place; what `body` throws.
    public func withMessage<R>(at location: MessageLocation, _ body: (MessageHead, RawSpan) throws -> R) throws -> R {
        try mapped.withBytes { bytes in
            guard let number = Int(exactly: location.chunk), number < chunks.count else { throw missing(location) }
            if let cached = cache.find(number) {
                return try cached.withUnsafeBytes { try read(location, in: $0, body) }
            }
            switch try records(ofChunk: number, bytes) {
            case .mapped(let records):
                return try read(location, in: records, body)
            case .decompressed(let records):
                cache.insert(number, records)
                return try records.withUnsafeBytes { try read(location, in: $0, body) }
            }
        }
    }

    private func read<R>(
        _ location: MessageLocation,
        in records: UnsafeRawBufferPointer,
        _ body: (MessageHead, RawSpan) throws -> R
    ) throws -> R {
        guard let start = Int(exactly: location.offset), start <= records.count else { throw missing(location) }
        var walker = BagWalker(records, from: start)
        guard let record = walker.next() else { throw missing(location) }
        let fields = RecordHead(records, record.header)
        guard fields.operation == Operation.message, fields.connection == UInt32(location.channel), let time = fields.time else {
            throw missing(location)
        }
        let head = MessageHead(channelID: location.channel, sequence: 0, logTime: time, publishTime: time)
        return try body(head, UnsafeRawBufferPointer(rebasing: records[record.data]).bytes)
    }

    private func missing(_ location: MessageLocation) -> BagError {
        let number = Int(location.chunk)
        let place = number < chunks.count ? "the chunk at byte \(chunks[number].offset)" : "chunk \(number)"
        return BagError(
            .noSuchMessage,
            path,
            "There is no message of connection \(location.channel) at byte \(location.offset) of \(place), where the bag's index places one."
        )
    }

    // MARK: Collecting entries

    private func collect(_ wanted: Set<UInt16>, _ bytes: UnsafeRawBufferPointer) throws -> [MessageEntry] {
        var entries: [MessageEntry] = []
        for number in chunks.indices {
            try cancellation.check()
            if chunks[number].isUnreadable || appendIndexed(&entries, wanted, number, bytes) { continue }
            try withRecords(ofChunk: number, bytes) { records in
                var walker = BagWalker(records)
                try append(&entries, wanted, &walker, UInt32(number))
                reportRest(of: walker, inChunk: number)
            }
        }
        return entries
    }

    private func append(_ entries: inout [MessageEntry], _ wanted: Set<UInt16>, _ walker: inout BagWalker, _ chunk: UInt32) throws {
        var steps = 0
        while let record = walker.next() {
            steps &+= 1
            if steps & 0xFFFF == 0 { try cancellation.check() }
            let head = RecordHead(walker.bytes, record.header)
            guard head.operation == Operation.message, let time = head.time, let channel = head.connection.flatMap(UInt16.init(exactly:)),
                wanted.contains(channel)
            else { continue }
            let location = MessageLocation(offset: UInt64(record.start), chunk: chunk, channel: channel)
            entries.append(MessageEntry(logTime: time, location: location))
        }
    }

    /// Appends what the index behind a chunk lists.
    ///
    /// - Returns: `false`, with nothing appended, where there is none, or where it can't be right.
    private func appendIndexed(_ entries: inout [MessageEntry], _ wanted: Set<UInt16>, _ number: Int, _ bytes: UnsafeRawBufferPointer)
        -> Bool
    {
        let chunk = chunks[number]
        guard !chunk.isCut, !chunk.hasWrongIndex, let head = chunk.head(in: bytes) else { return false }
        if case .unknown = head.compression { return false }
        let size = head.compression == .none ? head.records.count : head.uncompressedSize
        let before = entries.count
        var found = false
        var walker = BagWalker(bytes, from: head.end)
        while let record = walker.next() {
            let index = ConnectionIndex(bytes, record)
            if index == nil, RecordHead(bytes, record.header).operation != Operation.indexData { break }
            guard let index, index.fits(size) else {
                entries.removeLast(entries.count - before)
                chunks[number].hasWrongIndex = true
                warningList.add(
                    "recording_wrong_index",
                    "The index of the chunk at byte \(chunk.offset) is damaged. The chunk was scanned instead."
                )
                return false
            }
            found = true
            guard let channel = UInt16(exactly: index.connection), wanted.contains(channel) else { continue }
            for place in 0..<index.count {
                let (time, offset) = index[place]
                let location = MessageLocation(offset: UInt64(offset), chunk: UInt32(number), channel: channel)
                entries.append(MessageEntry(logTime: time, location: location))
            }
        }
        return found
    }

    /// The first connection of which there are more or fewer entries than messages were counted.
    private func firstMiscounted(_ entries: [MessageEntry], _ wanted: Set<UInt16>) -> (channel: UInt16, found: UInt64)? {
        let counts = count(entries)
        for channel in wanted.sorted() where counts[channel, default: 0] != messageCounts[channel] ?? 0 {
            return (channel, counts[channel, default: 0])
        }
        return nil
    }

    private func correctCounts(_ entries: [MessageEntry], _ wanted: Set<UInt16>, _ wrong: (channel: UInt16, found: UInt64)) {
        let counts = count(entries)
        warningList.add(
            "recording_wrong_index",
            "The chunks' indexes list \(wrong.found) messages of connection \(wrong.channel), and \(messageCounts[wrong.channel] ?? 0) were "
                + "expected. All chunks were scanned instead, and \(counts[wrong.channel, default: 0]) were found."
        )
        for channel in wanted { messageCounts[channel] = counts[channel, default: 0] }
    }

    private func count(_ entries: [MessageEntry]) -> [UInt16: UInt64] {
        var counts: [UInt16: UInt64] = [:]
        for entry in entries { counts[entry.channel, default: 0] += 1 }
        return counts
    }
}

/// One connection's messages in one chunk, as the writer lists them behind it.
private struct ConnectionIndex {
    let connection: UInt32
    /// How many entries there are.
    let count: Int
    private let entries: UnsafeRawBufferPointer
    private static let entrySize = 12

    /// The index in a record; `nil` if the record is none, or is malformed.
    init?(_ bytes: UnsafeRawBufferPointer, _ record: BagRecord) {
        let fields = RecordFields(bytes, record.header)
        guard fields.integer("op", as: UInt8.self) == Operation.indexData, fields.integer("ver", as: UInt32.self) == 1,
            let connection = fields.integer("conn", as: UInt32.self), let count = fields.integer("count", as: UInt32.self),
            Int(count) * Self.entrySize == record.data.count
        else { return nil }
        self.connection = connection
        self.count = Int(count)
        entries = UnsafeRawBufferPointer(rebasing: bytes[record.data])
    }

    /// The time and the place in the uncompressed chunk of one message; `index` must be less than `count`.
    @inline(__always)
    subscript(index: Int) -> (time: UInt64, offset: UInt32) {
        let place = index &* Self.entrySize
        return (
            nanoseconds(entries, at: place),
            UInt32(littleEndian: entries.loadUnaligned(fromByteOffset: place &+ 8, as: UInt32.self))
        )
    }

    /// Whether all entries lie within a chunk of some size.
    func fits(_ size: Int) -> Bool {
        (0..<count).allSatisfy { Int(self[$0].offset) < size }
    }
}
