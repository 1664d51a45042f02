import Bytes
import ExportCore
import MCAP

extension BagFile {
    /// Reads the index or, where it can't be relied upon, everything.
    func open(_ bytes: UnsafeRawBufferPointer) throws {
        let start = try checkVersion(bytes)
        let index = try indexPlace(bytes, from: start)
        if let index, try readIndex(bytes, index, from: start) { return }
        connections = ConnectionTable()
        chunks = []
        try scan(bytes, from: start)
    }

    /// - Returns: where the first record starts.
    private func checkVersion(_ bytes: UnsafeRawBufferPointer) throws(BagError) -> Int {
        let first = bytes.prefix(Self.magic.count + Self.version.count)
        guard first.starts(with: Self.magic) else {
            throw BagError(
                .notBag,
                path,
                bytes.isEmpty ? "The file is empty." : "The file is not a ROS bag.",
                hint: "Check that the recording was copied completely."
            )
        }
        let version = first.dropFirst(Self.magic.count)
        guard version.elementsEqual(Self.version) else {
            let words = String(decoding: version.prefix { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
            throw BagError(
                .notBag,
                path,
                words.isEmpty || first.count < Self.magic.count + Self.version.count
                    ? "The file ends within its first line." : "The file is a ROS bag of version \(words); only version 2.0 can be read.",
                hint: "Convert it with ROS 1: rosbag fix."
            )
        }
        return Self.magic.count + Self.version.count
    }

    /// The place of the index as the bag's header tells it; `nil` where there is none.
    private func indexPlace(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(BagError) -> BagIndex? {
        var walker = BagWalker(bytes, from: start)
        guard let record = walker.next() else {
            warningList.add("recording_truncated", "The file ends within its first record.")
            return nil
        }
        let fields = RecordFields(bytes, record.header)
        guard fields.integer("op", as: UInt8.self) == Operation.bagHeader else {
            warningList.add("recording_damaged_summary", "The file does not begin with a bag header. It was scanned instead.")
            return nil
        }
        if let encryptor = fields.text("encryptor"), !encryptor.isEmpty {
            throw BagError(
                .notBag,
                path,
                "The bag is encrypted with \(encryptor.prefix(64)).",
                hint: "Decrypt it with ROS 1: rosbag decrypt."
            )
        }
        guard let place = fields.integer("index_pos", as: UInt64.self), place != 0 else {
            warningList.add(
                "recording_unindexed",
                "The bag was not closed: its recorder died or is still writing. It was scanned for what it holds."
            )
            return nil
        }
        guard let offset = Int(exactly: place), offset >= record.end, offset <= bytes.count else {
            warningList.add("recording_truncated", "The file ends before byte \(place), where its index should be. It was scanned instead.")
            return nil
        }
        return BagIndex(
            offset: offset,
            connections: fields.integer("conn_count", as: UInt32.self),
            chunks: fields.integer("chunk_count", as: UInt32.self)
        )
    }

    /// Reads the connections and chunk descriptions at the end of the file.
    ///
    /// - Returns: whether they are complete; if not, that was reported.
    private func readIndex(_ bytes: UnsafeRawBufferPointer, _ index: BagIndex, from start: Int) throws -> Bool {
        var described = 0
        var tally = BagTally()
        var walker = BagWalker(bytes, from: index.offset)
        while let record = walker.next() {
            try cancellation.check()
            switch RecordHead(bytes, record.header).operation {
            case Operation.connection:
                described += 1
                define(bytes, record)
            case Operation.chunkInfo:
                guard let info = ChunkInfo(bytes, record), let offset = Int(exactly: info.offset), offset >= start, offset < index.offset
                else { return refuseIndex("describes a chunk outside the file") }
                chunks.append(BagChunk(offset: offset))
                tally.add(info)
            default: break
            }
        }
        if walker.isStuck { return refuseIndex("is cut off or damaged") }
        guard index.chunks.map({ Int($0) == chunks.count }) ?? true, index.connections.map({ Int($0) == described }) ?? true else {
            return refuseIndex("describes \(described) connections and \(chunks.count) chunks, fewer or more than the bag's header says")
        }
        chunks.sort { $0.offset < $1.offset }
        for (chunk, next) in zip(chunks, chunks.dropFirst()) where chunk.offset == next.offset {
            return refuseIndex("describes the chunk at byte \(chunk.offset) twice")
        }
        countsAreDeclared = true
        take(tally)
        return true
    }

    private func refuseIndex(_ reason: String) -> Bool {
        warningList.add("recording_damaged_summary", "The index at the end of the bag \(reason). The bag was scanned instead.")
        return false
    }

    /// Reads the whole file, each chunk once.
    private func scan(_ bytes: UnsafeRawBufferPointer, from start: Int) throws {
        mapped.expect(.sequential)
        defer { mapped.expect(.normal) }
        var tally = BagTally()
        var walker = BagWalker(bytes, from: start)
        while let record = walker.next() {
            try cancellation.check()
            switch RecordHead(bytes, record.header).operation {
            case Operation.chunk:
                try scan(BagChunk(offset: record.start), bytes, &tally)
            case Operation.connection:
                define(bytes, record)
            case Operation.message:
                warningList.add("recording_damaged_record", "The message at byte \(record.start) lies outside any chunk, and was left out.")
            default: break
            }
        }
        if walker.isStuck { try scanRest(walker, bytes, &tally) }
        take(tally)
    }

    private func scanRest(_ walker: BagWalker, _ bytes: UnsafeRawBufferPointer, _ tally: inout BagTally) throws {
        if let record = walker.cutRecord, ChunkHead(bytes, record) != nil {
            warningList.add(
                "recording_truncated",
                "The file ends within the chunk at byte \(record.start). What could be read of the chunk was used."
            )
            try scan(BagChunk(offset: record.start, isCut: true), bytes, &tally)
        } else {
            warningList.add(
                "recording_truncated",
                "The file is cut off or damaged at byte \(walker.offset); \(bytes.count - walker.offset) bytes from there on were left out."
            )
        }
    }

    private func scan(_ chunk: BagChunk, _ bytes: UnsafeRawBufferPointer, _ tally: inout BagTally) throws {
        let number = chunks.count
        chunks.append(chunk)
        try withRecords(ofChunk: number, bytes) { records in
            var walker = BagWalker(records)
            var steps = 0
            while let record = walker.next() {
                steps &+= 1
                if steps & 0xFFFF == 0 { try cancellation.check() }
                let head = RecordHead(records, record.header)
                switch head.operation {
                case Operation.message:
                    if let connection = head.connection, let time = head.time { tally.add(connection, time) }
                case Operation.connection: define(records, record)
                default: break
                }
            }
            reportRest(of: walker, inChunk: number)
        }
    }

    /// Takes a connection record into account; one that conflicts with an earlier one, or can't be used, is a warning.
    func define(_ bytes: UnsafeRawBufferPointer, _ record: BagRecord) {
        switch connections.add(bytes, record) {
        case .added, .repeated: break
        case .conflict(let known):
            warningList.add(
                "recording_conflicting_channel",
                "Connection \(known.id), “\(known.topic)”, is described in two ways. The first was used."
            )
        case .refused(let reason):
            warningList.add("recording_damaged_record", "A connection \(reason), and was left out.")
        }
    }

    private func take(_ tally: BagTally) {
        timeRange = tally.range
        for (connection, count) in tally.counts.sorted(by: { $0.key < $1.key }) where count > 0 {
            guard let id = UInt16(exactly: connection), channels[id] != nil else {
                warningList.add(
                    "recording_damaged_record",
                    "The \(count) messages of connection \(connection) can't be used: the bag doesn't describe the connection."
                )
                continue
            }
            messageCounts[id] = count
        }
    }
}

/// What the bag's header says of the index.
private struct BagIndex {
    let offset: Int
    let connections: UInt32?
    let chunks: UInt32?
}

/// A chunk as the index describes it.
private struct ChunkInfo {
    let offset: UInt64
    let start: UInt64
    let end: UInt64
    /// Pairs of a connection's number and how many messages it has in the chunk, 32 bits each.
    let counts: UnsafeRawBufferPointer

    /// The description in a record; `nil` if it is malformed or of another version.
    init?(_ bytes: UnsafeRawBufferPointer, _ record: BagRecord) {
        let fields = RecordFields(bytes, record.header)
        guard fields.integer("ver", as: UInt32.self) == 1, let offset = fields.integer("chunk_pos", as: UInt64.self),
            let start = fields.time("start_time"), let end = fields.time("end_time"), record.data.count.isMultiple(of: 8)
        else { return nil }
        self.offset = offset
        self.start = start
        self.end = end
        counts = UnsafeRawBufferPointer(rebasing: bytes[record.data])
    }
}

/// How many messages there are, and when.
private struct BagTally {
    private(set) var counts: [UInt32: UInt64] = [:]
    private var first = UInt64.max
    private var last = UInt64.min

    var range: (first: UInt64, last: UInt64)? { first > last ? nil : (first, last) }

    @inline(__always)
    mutating func add(_ connection: UInt32, _ time: UInt64) {
        counts[connection, default: 0] &+= 1
        first = min(first, time)
        last = max(last, time)
    }

    mutating func add(_ info: ChunkInfo) {
        var total: UInt64 = 0
        for place in stride(from: 0, to: info.counts.count, by: 8) {
            let connection = UInt32(littleEndian: info.counts.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            let count = UInt64(UInt32(littleEndian: info.counts.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)))
            counts[connection, default: 0] &+= count
            total &+= count
        }
        // The times of an empty chunk mean nothing.
        guard total > 0, info.start <= info.end else { return }
        first = min(first, info.start)
        last = max(last, info.end)
    }
}
