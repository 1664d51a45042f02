import Bytes

/// A chunk as the reader keeps it: where it lies, and what was found out about it.
struct Chunk {
    /// Where its record starts in the file.
    var offset: Int
    /// Where its record ends, and its message indexes begin.
    var end: Int
    /// Where its message indexes end; `end` if it has none.
    var indexEnd: Int
    /// The first and last log time as the writer says; both 0 in an empty chunk.
    var times: (first: UInt64, last: UInt64)
    /// Whether the file ends within it.
    var isCut = false
    /// Whether it turned out to be damaged or in an unknown compression; it was reported then.
    var isUnreadable = false
    /// Whether its checksum was looked at.
    var isVerified = false
    /// Whether its message indexes were found to list something else than its messages.
    var hasWrongIndex = false

    /// Between which log times its messages lie as far as is known; `nil` where nothing is.
    ///
    /// Both times are 0 in an empty chunk, and in one whose writer didn't come to filling them in.
    var timeSpan: ClosedRange<UInt64>? {
        times == (0, 0) || times.first > times.last ? nil : times.first...times.last
    }

    var hasUsableIndex: Bool { !hasWrongIndex && indexEnd > end }
}

extension Chunk {
    /// The chunk that a record holds.
    init(_ record: Record, _ head: ChunkHead, isCut: Bool = false) {
        self.init(offset: record.start, end: record.end, indexEnd: record.end, times: (head.start, head.end), isCut: isCut)
    }

    /// The chunk that the summary describes; `nil` if it doesn't lie between the two places.
    init?(_ index: ChunkIndex, from start: Int, to limit: Int) {
        guard let offset = Int(exactly: index.offset), offset >= start, offset <= limit,
            let length = Int(exactly: index.length), length >= Size.prefix + Size.chunkHead, length <= limit - offset,
            let indexLength = Int(exactly: index.messageIndexLength), indexLength <= limit - offset - length
        else { return nil }
        self.init(
            offset: offset,
            end: offset + length,
            indexEnd: offset + length + indexLength,
            times: (index.start, index.end)
        )
    }

    /// The chunk's fields, read from its place in the file, which the summary may have given wrongly; `nil` if there is no chunk.
    func head(in bytes: UnsafeRawBufferPointer) -> ChunkHead? {
        guard bytes[offset] == Opcode.chunk else { return nil }
        let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 1, as: UInt64.self))
        guard isCut || length == UInt64(end - offset - Size.prefix) else { return nil }
        return try? ChunkHead(UnsafeRawBufferPointer(rebasing: bytes[(offset + Size.prefix)..<end]), isCut: isCut)
    }

    /// How many messages the chunk's indexes list.
    func indexedMessageCount(in bytes: UnsafeRawBufferPointer) -> UInt64 {
        var count: UInt64 = 0
        var walker = RecordWalker(bytes, from: end, to: indexEnd)
        while let record = walker.next() {
            if let index = MessageIndex(walker, record) { count += UInt64(index.count) }
        }
        return count
    }
}

/// One channel's messages in one chunk, as the writer lists them.
struct MessageIndex {
    let channel: UInt16
    /// How many entries there are.
    let count: Int
    private let entries: UnsafeRawBufferPointer

    /// The index in a record; `nil` if the record is none, or is damaged.
    init?(_ walker: RecordWalker, _ record: Record) {
        guard record.opcode == Opcode.messageIndex else { return nil }
        var cursor = Cursor(walker.content(of: record))
        guard let channel = try? cursor.read(UInt16.self), let entries = try? cursor.readCounted32(),
            entries.count.isMultiple(of: Size.indexEntry)
        else { return nil }
        self.channel = channel
        self.entries = entries
        count = entries.count / Size.indexEntry
    }

    /// The log time and the place in the uncompressed chunk of one message; `index` must be less than `count`.
    @inline(__always)
    subscript(index: Int) -> (logTime: UInt64, offset: UInt64) {
        let place = index &* Size.indexEntry
        return (
            UInt64(littleEndian: entries.loadUnaligned(fromByteOffset: place, as: UInt64.self)),
            UInt64(littleEndian: entries.loadUnaligned(fromByteOffset: place &+ 8, as: UInt64.self))
        )
    }
}
