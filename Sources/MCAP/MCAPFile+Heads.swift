import Bytes
import ExportCore
import Files

/// A chunk's fields but for the bytes of its records, as all recorders write them.
struct ChunkOutline {
    /// As much of a chunk as is looked at: its fields with a name as long as that of any compression, and what follows it.
    static let size = Size.prefix + Size.chunkHead + 8

    var compression: ChunkCompression
    /// The size of the records once decompressed.
    var recordsSize: UInt64
    /// Where the records lie in the file.
    var place: Range<Int>
    /// Whether its sizes agree where nothing is compressed.
    var isConsistent: Bool

    /// The fields in the first bytes of a chunk record.
    ///
    /// - Returns: `nil` where they are odd in any way: then the chunk must be looked at whole.
    init?(_ bytes: UnsafeRawBufferPointer, of chunk: Chunk) {
        var cursor = Cursor(bytes)
        let content = chunk.end - chunk.offset - Size.prefix
        guard !chunk.isCut, (try? cursor.read(UInt8.self)) == Opcode.chunk, (try? cursor.read(UInt64.self)) == UInt64(content),
            (try? cursor.skip(16)) != nil, let uncompressed = try? cursor.read(UInt64.self), (try? cursor.skip(4)) != nil,
            let name = try? cursor.readCounted32(), let stored = try? cursor.read(UInt64.self)
        else { return nil }
        compression = ChunkCompression(name)
        let start = chunk.offset + cursor.offset
        guard compression.isKnown, stored <= UInt64(chunk.end - start) else { return nil }
        place = start..<(start + Int(stored))
        recordsSize = compression == .none ? stored : uncompressed
        isConsistent = recordsSize == uncompressed
    }
}

extension MCAPFile {
    /// So much of a message's data is read with its head; a stamp lies within it, unless something long stands in front.
    private static let frontSize = 96
    /// So much is read at once: small messages often come in a row.
    private static let strideSize = 1024
    /// So many bytes from head to head, and what lies between is not on the way to the next.
    private static let farApart = 1024

    /// Reads the heads of all messages of some channels in the order of the file, as `forEachMessage` does, and what their data begin
    /// with: of chunks that aren't compressed nothing else is read, once `isReadForHeads` is set.
    ///
    /// - Parameter body: takes where the message is, its head, the first bytes of its data, which are valid during the call only, and
    ///   whether they are all of them.
    /// - Throws: `CancellationError`; what `body` throws. Chunks that can't be read are left out, which is a problem listed.
    public func forEachHead(
        ofChannels wanted: Set<UInt16>,
        _ body: (MessageLocation, MessageHead, _ front: RawSpan, _ isWhole: Bool) throws -> Void
    ) throws {
        guard isReadForHeads, let headWindow else {
            return try forEachMessage(ofChannels: wanted) { location, head, data in try body(location, head, data, true) }
        }
        let members = ChannelSet(wanted)
        try mapped.withBytes { bytes in
            try forEachPart { part throws in
                switch part {
                case .outside(let stretch):
                    var walker = RecordWalker(bytes, from: stretch.start, to: stretch.end)
                    try visit(members, &walker, MessageLocation.outside) { try body($0, $1, $2, true) }
                case .chunk(let number):
                    if let place = placeForHeads(ofChunk: number) {
                        // Where mapping is cheap a look at a head costs less than asking for it.
                        if isCheaplyMapped(place) {
                            fetchHeads(of: place, chunks[number], bytes)
                        } else if try visitHeads(members, number, place, headWindow, body) {
                            return
                        }
                    } else if outline(ofChunk: number)?.compression == .zstd {
                        // What is decompressed at once and then forgotten is not mapped first.
                        window = headWindow
                    }
                    defer { window = nil }
                    try withRecords(ofChunk: number, bytes) { records in
                        var walker = RecordWalker(records)
                        try visit(members, &walker, UInt32(number)) { try body($0, $1, $2, true) }
                        reportRest(of: walker, inChunk: number)
                    }
                }
            }
        }
    }

    /// Reads one message's head and what its data begin with.
    ///
    /// - Parameters:
    ///   - location: as for `withMessage`.
    ///   - body: takes the message's head, the first bytes of its data, which are valid during the call only, and whether they are all.
    /// - Throws: as `withMessage`.
    public func withHead<R>(
        at location: MessageLocation,
        _ body: (MessageHead, _ front: RawSpan, _ isWhole: Bool) throws -> R
    ) throws -> R {
        if isReadForHeads, let headWindow, !location.isOutsideChunks, Int(location.chunk) < chunks.count,
            let place = placeForHeads(ofChunk: Int(location.chunk)), let offset = Int(exactly: location.offset), offset < place.count
        {
            let visit = try withRecord(at: place.lowerBound + offset, of: place, headWindow) { record throws -> HeadVisit<R> in
                guard let head = record.head, head.channelID == location.channel else { return .odd }
                return .read(try body(head, record.front.bytes, record.isWhole))
            }
            if case .read(let result)? = visit { return result }
        }
        return try withMessage(at: location) { head, data in try body(head, data, true) }
    }

    private enum HeadVisit<R> {
        case read(R)
        /// There is something else than the message that was asked for: who reads it whole says so.
        case odd
    }

    /// The first fields of a chunk; `nil` where they are odd, or can't be read through the window.
    func outline(ofChunk number: Int) -> ChunkOutline? {
        let chunk = chunks[number]
        let end = min(chunk.offset + ChunkOutline.size, chunk.end)
        return headWindow?.withBytes(chunk.offset..<end, readingOnTo: end) { ChunkOutline($0, of: chunk) } ?? nil
    }

    /// Where the records of a chunk lie of which single ones can be read: one that isn't compressed and has nothing odd about it.
    private func placeForHeads(ofChunk number: Int) -> Range<Int>? {
        if let last = lastHeadPlace, last.chunk == number { return last.place }
        guard !chunks[number].isUnreadable, let outline = outline(ofChunk: number), outline.compression == .none, outline.isConsistent
        else { return nil }
        lastHeadPlace = (number, outline.place)
        return outline.place
    }

    /// A record of which no more than its beginning was read.
    private struct RecordFront {
        /// Where the next record starts.
        var end: Int
        /// Of a message its head; `nil` for another record.
        var head: MessageHead?
        /// The first bytes of a message's data.
        var front: UnsafeRawBufferPointer
        /// Whether these are all.
        var isWhole: Bool
    }

    /// Reads the beginning of a record.
    ///
    /// - Returns: `nil` where there is no whole record in the place, or the window can't read it.
    @inline(__always)
    private func withRecord<R>(
        at start: Int,
        of place: Range<Int>,
        _ window: FileWindow,
        _ body: (RecordFront) throws -> R
    ) throws -> R? {
        let wanted = start..<min(start + Size.message + Self.frontSize, place.upperBound)
        let result: R?? = try window.withBytes(wanted, readingOnTo: min(start + Self.strideSize, place.upperBound)) { bytes throws -> R? in
            guard bytes.count >= Size.prefix else { return nil }
            let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
            guard length <= UInt64(place.upperBound - start - Size.prefix) else { return nil }
            let count = Int(length)
            var record = RecordFront(end: start + Size.prefix + count, front: UnsafeRawBufferPointer(start: nil, count: 0), isWhole: true)
            if bytes[0] == Opcode.message, count >= Size.messageHead {
                record.head = MessageHead(unchecked: bytes, at: Size.prefix)
                let last = min(Size.prefix + count, bytes.count)
                record.front = UnsafeRawBufferPointer(rebasing: bytes[Size.message..<last])
                record.isWhole = last == Size.prefix + count
            }
            return try body(record)
        }
        return result ?? nil
    }

    /// Has the processor fetch the heads of a chunk's messages, where they lie far apart.
    ///
    /// Going from each to the next waits for memory at each; asked for at once, by the file's own index, they come together. A wrong
    /// index only fetches in vain.
    private func fetchHeads(of place: Range<Int>, _ chunk: Chunk, _ bytes: UnsafeRawBufferPointer) {
        let listed = (chunk.indexEnd - chunk.end) / Size.indexEntry
        guard chunk.hasUsableIndex, listed * Self.farApart <= place.count else { return }
        touched.touch(chunk.end..<chunk.indexEnd, of: mapped)
        var walker = RecordWalker(bytes, from: chunk.end, to: chunk.indexEnd)
        while let record = walker.next() {
            guard let index = MessageIndex(walker, record) else { continue }
            for entry in 0..<index.count {
                let offset = index[entry].offset
                guard offset < UInt64(place.count) else { continue }
                let head = place.lowerBound + Int(offset)
                bytes.fetchAhead(at: head)
                bytes.fetchAhead(at: head + Size.message)
            }
        }
    }

    /// Goes from head to head through a chunk that isn't compressed.
    ///
    /// - Returns: `false`, with nothing given, where the window doesn't show it.
    private func visitHeads(
        _ members: ChannelSet,
        _ number: Int,
        _ place: Range<Int>,
        _ window: FileWindow,
        _ body: (MessageLocation, MessageHead, _ front: RawSpan, _ isWhole: Bool) throws -> Void
    ) throws -> Bool {
        var start = place.lowerBound
        var steps = 0
        while start < place.upperBound {
            steps &+= 1
            if steps & 0xFFF == 0 { try cancellation.check() }
            let next = try withRecord(at: start, of: place, window) { record throws -> Int in
                if let head = record.head, members.contains(head.channelID) {
                    let location = MessageLocation(
                        offset: UInt64(start - place.lowerBound),
                        chunk: UInt32(number),
                        channel: head.channelID
                    )
                    try body(location, head, record.front.bytes, record.isWhole)
                }
                return record.end
            }
            guard let next else {
                if start == place.lowerBound { return false }
                break
            }
            start = next
        }
        if start < place.upperBound {
            mapped.withBytes { reportRest(of: RecordWalker($0, from: start, to: place.upperBound), inChunk: number) }
        }
        return true
    }
}
