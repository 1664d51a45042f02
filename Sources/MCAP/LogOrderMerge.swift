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
    private struct Entry {
        var logTime: UInt64
        /// Where its record starts in the part's records.
        var offset: UInt64
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
        while true {
            while nextWaiting < waiting.count, turns.first.map({ waiting[nextWaiting].start <= $0.logTime }) ?? true {
                try openPart(waiting[nextWaiting])
                nextWaiting += 1
            }
            guard let turn = turns.popFirst() else { return }
            try file.cancellation.check()
            try give(turn.slot, body)
        }
    }

    // MARK: Opening

    private mutating func openPart(_ waiting: WaitingPart) throws {
        try file.cancellation.check()
        var opened = OpenPart(part: waiting.part, place: waiting.place, entries: [])
        switch waiting.part {
        case .outside(let stretch):
            opened.entries = entries(RecordWalker(bytes, from: stretch.start, to: stretch.end), inChunk: nil)
        case .chunk(let number):
            let records: MCAPFile.ChunkRecords
            do throws(MCAPError) { records = try file.cachedRecords(ofChunk: number, bytes) } catch { return }
            switch records {
            case .mapped(let bytes):
                opened.entries = entries(RecordWalker(bytes), inChunk: number)
            case .decompressed(let bytes):
                opened.entries = bytes.withUnsafeBytes { entries(RecordWalker($0), inChunk: number) }
                opened.records = bytes
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
            entries.append(Entry(logTime: head.logTime, offset: UInt64(record.start)))
        }
        if !isSorted {
            entries.sort { $0.logTime != $1.logTime ? $0.logTime < $1.logTime : $0.offset < $1.offset }
        }
        if let chunk {
            file.reportRest(of: walker, inChunk: chunk)
            if earliest <= latest { file.checkTimes(ofChunk: chunk, earliest...latest) }
        }
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
        guard current.next < current.entries.count else {
            held -= current.records?.count ?? 0
            freeSlots.append(slot)
            return
        }
        turns.insert(Turn(logTime: current.entries[current.next].logTime, place: current.place, slot: slot))
        open[slot] = current
    }

    /// - Parameter base: where the records start in the file, if they lie there.
    private mutating func give(
        _ current: inout OpenPart,
        _ records: UnsafeRawBufferPointer,
        base: Int?,
        _ chunk: UInt32,
        _ body: (MessageLocation, MessageHead, RawSpan) throws -> Void
    ) throws {
        let other = turns.first
        let opening = nextWaiting < waiting.count ? waiting[nextWaiting].start : nil
        var isFirst = true
        while current.next < current.entries.count {
            let entry = current.entries[current.next]
            if !isFirst {
                if let opening, opening <= entry.logTime { return }
                if let other, (other.logTime, other.place) < (entry.logTime, current.place) { return }
            }
            isFirst = false
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
        }
    }
}
