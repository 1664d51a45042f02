import Bytes
import ExportCore

/// A merge of the parts of a file by log time, each opened when its first message may be due.
struct LogOrderMerge {
    /// A part that is not opened yet.
    struct WaitingPart {
        var part: MCAPFile.Part
        /// Its place in the order of the file.
        var place: Int
        /// No message in it is earlier, as far as is known.
        var start: UInt64
    }

    /// A message of an open part.
    ///
    /// In 16 bytes: no file can be mapped whose offsets need more than 48 bits.
    private struct Entry {
        let logTime: UInt64
        private let place: UInt64

        @inline(__always)
        init(logTime: UInt64, offset: UInt64, channel: UInt16) {
            self.logTime = logTime
            place = offset << 16 | UInt64(channel)
        }

        /// Where its record starts in the part's records.
        var offset: UInt64 { place >> 16 }
        var channel: UInt16 { UInt16(truncatingIfNeeded: place) }

        static func precedes(_ first: Entry, _ second: Entry) -> Bool {
            first.logTime != second.logTime ? first.logTime < second.logTime : first.place < second.place
        }
    }

    /// A part that is being read.
    private struct OpenPart {
        var part: MCAPFile.Part
        var place: Int
        /// The wanted messages in order.
        var entries: [Entry]
        var next = 0
        /// The decompressed records of a chunk, as long as there is room for them.
        var records: [UInt8]?
    }

    /// When an open part's next message is due.
    private struct Turn: Comparable {
        var logTime: UInt64
        var place: Int
        /// Where the part is among the open ones.
        var slot: Int

        static func < (first: Turn, second: Turn) -> Bool {
            first.logTime != second.logTime ? first.logTime < second.logTime : first.place < second.place
        }
    }

    private let file: MCAPFile
    private let bytes: UnsafeRawBufferPointer
    private let members: ChannelSet
    /// What the indexes of one chunk list; its memory is used again for the next.
    private var listed: [MessageEntry] = []
    private let times: ClosedRange<UInt64>
    private let waiting: [WaitingPart]
    private var nextWaiting = 0
    private var open: [OpenPart?] = []
    private var freeSlots: [Int] = []
    private var turns = MinimumHeap<Turn>()
    /// How many bytes of decompressed records are held.
    private var held = 0

    /// - Parameter parts: sorted by start and place.
    init(
        _ file: MCAPFile,
        _ bytes: UnsafeRawBufferPointer,
        _ members: ChannelSet,
        _ times: ClosedRange<UInt64>,
        parts: [WaitingPart]
    ) {
        self.file = file
        self.bytes = bytes
        self.members = members
        self.times = times
        waiting = parts
    }

    /// Calls `body` with each message in order.
    mutating func run(_ body: (MessageLocation, MessageHead, RawSpan) throws -> Void) throws {
        while let slot = try nextSlot(readingRecords: true) { try give(slot, body) }
    }

    /// Calls `body` with each message's entry in order; chunks that have usable indexes aren't read.
    mutating func runOverEntries(_ body: (MessageEntry) throws -> Void) throws {
        while let slot = try nextSlot(readingRecords: false) { try giveEntries(slot, body) }
    }

    /// Opens what is due, and tells which open part's turn it is.
    private mutating func nextSlot(readingRecords: Bool) throws -> Int? {
        while nextWaiting < waiting.count, turns.first.map({ waiting[nextWaiting].start <= $0.logTime }) ?? true {
            try openPart(waiting[nextWaiting], readingRecords: readingRecords)
            nextWaiting += 1
        }
        try file.cancellation.check()
        return turns.popFirst()?.slot
    }

    // MARK: Opening

    private mutating func openPart(_ waiting: WaitingPart, readingRecords: Bool) throws {
        try file.cancellation.check()
        var opened = OpenPart(part: waiting.part, place: waiting.place, entries: [])
        switch waiting.part {
        case .outside(let stretch):
            opened.entries = entries(RecordWalker(bytes, from: stretch.start, to: stretch.end), inChunk: nil)
        case .chunk(let number):
            if !readingRecords, let indexed = indexedEntries(number) {
                opened.entries = indexed
                break
            }
            let records: MCAPFile.ChunkRecords
            do throws(MCAPError) { records = try file.cachedRecords(ofChunk: number, bytes) } catch { return }
            switch records {
            case .mapped(let bytes):
                opened.entries = entries(RecordWalker(bytes), inChunk: number)
            case .decompressed(let bytes):
                opened.entries = bytes.withUnsafeBytes { entries(RecordWalker($0), inChunk: number) }
                if readingRecords { opened.records = bytes }
            }
        }
        guard let first = opened.entries.first else { return }
        if let records = opened.records { hold(records.count) }
        let slot = freeSlots.popLast() ?? open.count
        if slot == open.count { open.append(opened) } else { open[slot] = opened }
        turns.insert(Turn(logTime: first.logTime, place: opened.place, slot: slot))
    }

    /// The wanted messages in order.
    ///
    /// They are looked up in the records and not in the index: the records are there anyway, and an index may be wrong.
    private func entries(_ start: RecordWalker, inChunk chunk: Int?) -> [Entry] {
        var entries: [Entry] = []
        var walker = start
        var isSorted = true
        var last: UInt64 = 0
        var (earliest, latest) = (UInt64.max, UInt64.min)
        while let record = walker.next() {
            guard record.opcode == Opcode.message, record.count >= Size.messageHead else { continue }
            if chunk == nil { file.touched.touch(record.start..<(record.content + Size.messageHead), of: file.mapped) }
            let head = MessageHead(unchecked: walker.bytes, at: record.content)
            earliest = min(earliest, head.logTime)
            latest = max(latest, head.logTime)
            guard members.contains(head.channelID), times.contains(head.logTime) else { continue }
            if head.logTime < last { isSorted = false }
            last = head.logTime
            entries.append(Entry(logTime: head.logTime, offset: UInt64(record.start), channel: head.channelID))
        }
        if !isSorted { entries.sort(by: Entry.precedes) }
        if let chunk {
            file.reportRest(of: walker, inChunk: chunk)
            if file.dataChecksum != nil { file.verify(chunk: chunk, records: start.bytes, bytes) }
            if earliest <= latest { file.checkTimes(ofChunk: chunk, earliest...latest) }
        }
        return entries
    }

    /// The wanted messages that a chunk's indexes list, in order; `nil` where there are none that can be used.
    private mutating func indexedEntries(_ chunk: Int) -> [Entry]? {
        listed.removeAll(keepingCapacity: true)
        guard file.appendIndexed(&listed, members, chunk, bytes) else { return nil }
        var entries: [Entry] = []
        entries.reserveCapacity(listed.count)
        var isSorted = true
        for entry in listed where times.contains(entry.logTime) {
            let entry = Entry(logTime: entry.logTime, offset: entry.offset, channel: entry.channel)
            if let last = entries.last, Entry.precedes(entry, last) { isSorted = false }
            entries.append(entry)
        }
        if !isSorted { entries.sort(by: Entry.precedes) }
        return entries
    }

    /// Counts further bytes, and lets go of others where they are too many: of those first that are needed last.
    private mutating func hold(_ count: Int) {
        held += count
        guard held > file.cacheLimit else { return }
        for turn in turns.all.sorted(by: >) {
            guard let records = open[turn.slot]?.records else { continue }
            open[turn.slot]?.records = nil
            held -= records.count
            if held <= file.cacheLimit { return }
        }
    }

    // MARK: Giving

    /// Gives an open part's messages as long as no other part's are due.
    private mutating func give(_ slot: Int, _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void) throws {
        guard var current = open[slot] else { return }
        open[slot] = nil
        switch current.part {
        case .outside:
            try give(&current, bytes, base: 0, MessageLocation.outside, body)
        case .chunk(let number):
            if current.records == nil {
                let records: MCAPFile.ChunkRecords
                do throws(MCAPError) { records = try file.records(ofChunk: number, bytes) } catch {
                    // It could be read before, so the file was changed meanwhile; that was reported.
                    freeSlots.append(slot)
                    return
                }
                switch records {
                case .mapped(let records):
                    let base = records.baseAddress.map { $0 - (bytes.baseAddress ?? $0) }
                    try give(&current, records, base: base, UInt32(number), body)
                case .decompressed(let records):
                    current.records = records
                    hold(records.count)
                }
            }
            if let records = current.records {
                try records.withUnsafeBytes { try give(&current, $0, base: nil, UInt32(number), body) }
            }
        }
        giveBack(current, slot)
    }

    /// Gives an open part's entries as long as no other part's are due.
    private mutating func giveEntries(_ slot: Int, _ body: (MessageEntry) throws -> Void) throws {
        guard var current = open[slot] else { return }
        open[slot] = nil
        let chunk = if case .chunk(let number) = current.part { UInt32(number) } else { MessageLocation.outside }
        let limit = limit
        repeat {
            let entry = current.entries[current.next]
            current.next += 1
            if current.next & 0x3FF == 0 { try file.cancellation.check() }
            try body(MessageEntry(logTime: entry.logTime, offset: entry.offset, chunk: chunk, channel: entry.channel))
        } while current.next < current.entries.count && limit.allows(current.entries[current.next], of: current)
        giveBack(current, slot)
    }

    /// Puts a part back in its place for its next turn, or gives it up where it has none.
    private mutating func giveBack(_ part: OpenPart, _ slot: Int) {
        guard part.next < part.entries.count else {
            held -= part.records?.count ?? 0
            freeSlots.append(slot)
            return
        }
        turns.insert(Turn(logTime: part.entries[part.next].logTime, place: part.place, slot: slot))
        open[slot] = part
    }

    /// Up to where the part whose turn it is may go on.
    private struct Limit {
        /// The next turn of another part.
        var other: Turn?
        /// When the next part is to be opened.
        var opening: UInt64?

        @inline(__always)
        func allows(_ entry: Entry, of part: OpenPart) -> Bool {
            if let opening, opening <= entry.logTime { return false }
            if let other, (other.logTime, other.place) < (entry.logTime, part.place) { return false }
            return true
        }
    }

    private var limit: Limit {
        Limit(other: turns.first, opening: nextWaiting < waiting.count ? waiting[nextWaiting].start : nil)
    }

    /// - Parameter base: where the records start in the file, if they lie there.
    private mutating func give(
        _ current: inout OpenPart,
        _ records: UnsafeRawBufferPointer,
        base: Int?,
        _ chunk: UInt32,
        _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void
    ) throws {
        let limit = limit
        repeat {
            let entry = current.entries[current.next]
            current.next += 1
            if current.next & 0x3FF == 0 { try file.cancellation.check() }
            // Looked at again, because a file may change under its reader, and decompressed records with it.
            guard let start = Int(exactly: entry.offset), start <= records.count else { continue }
            var walker = RecordWalker(records, from: start)
            guard let record = walker.next(), record.opcode == Opcode.message, record.count >= Size.messageHead else { continue }
            if let base { file.touched.touch((base + record.start)..<(base + record.end), of: file.mapped) }
            let head = MessageHead(unchecked: records, at: record.content)
            let location = MessageLocation(offset: entry.offset, chunk: chunk, channel: head.channelID)
            try body(location, head, UnsafeRawBufferPointer(rebasing: records[(record.content + Size.messageHead)..<record.end]).bytes)
        } while current.next < current.entries.count && limit.allows(current.entries[current.next], of: current)
    }
}
