import Bytes
import ExportCore

/// A chunk as it is stored, for programs that look at a recording's layout or copy chunks without unpacking them.
public struct StoredChunk: Hashable, Sendable {
    /// Its number in the order of the file, from 0.
    public let number: Int
    /// Where the chunk record lies in the file, its opcode and length included.
    public let place: Range<Int>
    /// Where its message index records lie, right behind it; empty where it has none.
    public let indexPlace: Range<Int>
    /// The first log time that it declares, in nanoseconds; 0 in an empty chunk.
    public let startTime: UInt64
    /// The last log time that it declares, in nanoseconds; 0 in an empty chunk.
    public let endTime: UInt64
    /// The compression's name; empty = none.
    public let compression: String
    /// The size of its records as they are stored, in bytes.
    public let storedSize: Int
    /// The size of its records once decompressed, in bytes, as it declares.
    public let uncompressedSize: UInt64
    /// How many messages each channel has in it, by its message indexes; `nil` where it has none, they were found wrong, or nobody asked.
    public let messageCounts: [UInt16: UInt64]?
    /// Whether it is there wholly, in a known compression, and was not found to be damaged so far.
    ///
    /// Only reading a chunk shows damage to its records.
    public let isReadable: Bool
}

/// The bytes of a file between its opening magic and its end, and whether they may be copied as they are.
public struct DataSection: Hashable, Sendable {
    /// Its place in the file: from after the opening magic to before DataEnd, or to the end of the last whole record where
    /// there is no DataEnd.
    public let place: Range<Int>
    /// Whether the file is closed properly, its summary complete and without any problem found so far, all its messages are in
    /// chunks, and all its chunks have message indexes: a copy of the section then needs only a new summary behind it.
    ///
    /// Only reading the messages shows damage to them.
    public let isSound: Bool
}

extension MCAPFile {
    /// How many chunks the file has.
    public var storedChunkCount: Int { chunks.count }

    /// The chunks in the order of the file, each looked up when it is asked for.
    public var storedChunks: LazyMapSequence<Range<Int>, StoredChunk> {
        (0..<chunks.count).lazy.map { self.storedChunk($0) }
    }

    /// A description of one chunk.
    ///
    /// - Parameters:
    ///   - number: less than `storedChunkCount`.
    ///   - countingMessages: whether its message indexes are read for `messageCounts`, which is `nil` otherwise.
    public func storedChunk(_ number: Int, countingMessages: Bool = true) -> StoredChunk {
        mapped.withBytes { bytes in
            let chunk = chunks[number]
            touched.touch(chunk.offset..<min(chunk.offset + Size.prefix + Size.chunkHead, chunk.end), of: mapped)
            let head = chunk.head(in: bytes)
            return StoredChunk(
                number: number,
                place: chunk.offset..<chunk.end,
                indexPlace: chunk.end..<chunk.indexEnd,
                startTime: head?.start ?? chunk.times.first,
                endTime: head?.end ?? chunk.times.last,
                compression: head?.compression.name ?? "",
                storedSize: head?.records.count ?? 0,
                uncompressedSize: head?.uncompressedSize ?? 0,
                messageCounts: countingMessages && chunk.hasUsableIndex ? indexedCounts(chunk, bytes) : nil,
                isReadable: head?.compression.isKnown == true && !chunk.isCut && !chunk.isUnreadable
            )
        }
    }

    /// Calls `body` with the bytes of a chunk record, opcode and length included, and those of its message index records.
    ///
    /// Neither is checked beyond its place in the file.
    ///
    /// - Parameters:
    ///   - number: less than `storedChunkCount`.
    ///   - body: takes bytes that are valid during the call only; those of the indexes are empty where there are none.
    /// - Throws: what `body` throws.
    public func withStoredChunk<R>(_ number: Int, _ body: (_ record: RawSpan, _ indexes: RawSpan) throws -> R) rethrows -> R {
        try mapped.withBytes { bytes in
            let chunk = chunks[number]
            touched.touch(chunk.offset..<chunk.indexEnd, of: mapped)
            return try body(
                UnsafeRawBufferPointer(rebasing: bytes[chunk.offset..<chunk.end]).bytes,
                UnsafeRawBufferPointer(rebasing: bytes[chunk.end..<chunk.indexEnd]).bytes
            )
        }
    }

    /// Reads the messages of one chunk in the order in which they lie there.
    ///
    /// - Parameters:
    ///   - number: less than `storedChunkCount`.
    ///   - body: takes where the message is, its head, and its data, which is valid during the call only.
    /// - Returns: whether the chunk could be read; where it couldn't, that is a problem listed.
    /// - Throws: `CancellationError`; what `body` throws.
    @discardableResult
    public func forEachMessage(inChunk number: Int, _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void) throws -> Bool {
        try mapped.withBytes { bytes in
            try cancellation.check()
            let wasRead: Void? = try withRecords(ofChunk: number, bytes) { records in
                var walker = RecordWalker(records)
                try visit(.all, &walker, UInt32(number), body)
                reportRest(of: walker, inChunk: number)
            }
            return wasRead != nil
        }
    }

    /// Whether the file's summary told all about its messages, so that nothing had to be searched for in the chunks.
    public var isIndexed: Bool { countsAreDeclared }

    /// Where the file's data lies, and whether it may be copied as it is.
    public var dataSection: DataSection {
        DataSection(
            place: min(Size.magic, dataEnd)..<dataEnd,
            isSound: countsAreDeclared && hasDataEnd && problems.isEmpty && outside.isEmpty
                && chunks.allSatisfy { !$0.isCut && !$0.isUnreadable && ($0.hasUsableIndex || $0.times == (0, 0)) }
        )
    }

    /// Calls `body` with some of the file's bytes, which are valid during the call only.
    ///
    /// - Parameter place: within the file, such as a part of `dataSection`.
    /// - Throws: what `body` throws.
    public func withFileBytes<R>(_ place: Range<Int>, _ body: (RawSpan) throws -> R) rethrows -> R {
        try mapped.withBytes { bytes in
            touched.touch(place, of: mapped)
            return try body(UnsafeRawBufferPointer(rebasing: bytes[place]).bytes)
        }
    }

    private func indexedCounts(_ chunk: Chunk, _ bytes: UnsafeRawBufferPointer) -> [UInt16: UInt64] {
        touched.touch(chunk.end..<chunk.indexEnd, of: mapped)
        var counts: [UInt16: UInt64] = [:]
        var walker = RecordWalker(bytes, from: chunk.end, to: chunk.indexEnd)
        while let record = walker.next() {
            if let index = MessageIndex(walker, record) { counts[index.channel, default: 0] += UInt64(index.count) }
        }
        return counts
    }
}
