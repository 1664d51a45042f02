import ExportCore
import MCAP

extension PlaybackParts {
    /// Reading stops because the open part can take no more, from an instant on.
    private struct PartIsFull: Error {
        let time: UInt64
    }

    /// Messages of one instant, which stay together where they can.
    private struct Group {
        var time: UInt64 = 0
        var heads: [(head: MessageHead, data: Range<Int>)] = []
        var bytes: [UInt8] = []
        /// Whether there are too many to wait for the rest of them.
        var isPassedOn = false

        mutating func begin(_ time: UInt64) {
            self.time = time
            heads.removeAll(keepingCapacity: true)
            bytes.removeAll(keepingCapacity: true)
            isPassedOn = false
        }

        mutating func append(_ head: MessageHead, _ data: RawSpan) {
            let start = bytes.count
            data.withUnsafeBytes { bytes.append(contentsOf: $0) }
            heads.append((head, start..<bytes.count))
        }

        func forEach(_ body: (MessageHead, RawSpan) throws -> Void) throws {
            for (head, data) in heads { try body(head, bytes.span.bytes.extracting(data)) }
        }

        /// What the messages take in a file at most.
        var size: Int { bytes.count + heads.count * PlaybackParts.messageOverhead }
    }

    /// A message's head, and its entry in the chunk's index.
    private static let messageOverhead = 31 + 16
    /// So many bytes of an instant are held at most.
    private static let maximumGroup = 16 << 20
    /// A chunk is worth closing early from this size on.
    private static let leastChunk = 64 << 10

    /// Writes parts of files of a size.
    func write(upTo limit: Int) throws {
        for range in windows.ranges {
            enter(range, newPart: open == nil)
            if !copier.isTangled, let only = copier.onlyTable {
                try fill(range, of: only, upTo: limit)
            } else {
                try extend(range, upTo: limit, stopsWhenFull: false)
            }
        }
    }

    /// Copies whole chunks as long as they fit, then single messages until the part is full, and so on.
    private func fill(_ range: ClosedRange<UInt64>, of only: MessageCopier.OnlyTable, upTo limit: Int) throws {
        var position = range.lowerBound
        while true {
            if let last = try wholeChunks(from: position, in: range, of: only, upTo: limit) {
                try copier.copy(.init(TimeWindows([position...last])), into: self)
                guard last < range.upperBound else { return }
                position = last + 1
            }
            do {
                try extend(position...range.upperBound, upTo: limit, stopsWhenFull: true)
                return
            } catch let full as PartIsFull {
                position = full.time
                enter(position...range.upperBound, newPart: true)
            }
        }
    }

    /// Up to which instant the open part can take everything, counting whole chunks only.
    private func wholeChunks(
        from start: UInt64,
        in range: ClosedRange<UInt64>,
        of only: MessageCopier.OnlyTable,
        upTo limit: Int
    ) throws -> UInt64? {
        let overhead = PartFile.chunkOverhead(channels: content.source.taken.count + 1)
        var budget: Int?
        var end: UInt64?
        var pending: (last: UInt64, costs: (whole: Int, apart: Int))?
        for (first, last, number) in only.table.chunks(from: start) {
            try work.cancellation.check()
            let chunk = only.file.storedChunk(number)
            // A chunk without messages is neither copied nor in the way.
            if let counts = chunk.messageCounts, counts.values.allSatisfy({ $0 == 0 }) { continue }
            guard last <= range.upperBound, copier.isWhole(chunk, only.volume) else {
                return first > start && end != nil ? first - 1 : nil
            }
            if budget == nil {
                try prepare()
                // Of chunks that began earlier, the rest is written message by message.
                let rest = only.table.chunks(in: start...start).filter { only.file.timeSpan(ofChunk: $0).lowerBound < start }
                let restBytes = rest.reduce(0) { $0 + Int(clamping: only.file.storedChunk($1).uncompressedSize) + overhead }
                budget = limit - projected(until: start) - restBytes
            }
            tail.advance(to: last)
            // A chunk that overlaps the next may have to be written message by message, too.
            if let before = pending, before.last >= first { budget = (budget ?? 0) - (before.costs.apart - before.costs.whole) }
            let whole = chunk.place.count + chunk.indexPlace.count + overhead
            let apart = max(whole, Int(clamping: chunk.uncompressedSize) + chunk.indexPlace.count + 2 * overhead)
            budget = (budget ?? 0) - whole
            guard (budget ?? 0) - tail.bytes >= 0 else { return first > start && end != nil ? first - 1 : nil }
            pending = (last, (whole, apart))
            end = max(end ?? last, last)
        }
        return end
    }

    /// Writes messages by log time.
    ///
    /// - Throws: `PartIsFull` where a part can take no more and `stopsWhenFull`; otherwise the next part begins there.
    private func extend(_ range: ClosedRange<UInt64>, upTo limit: Int, stopsWhenFull: Bool) throws {
        var group = Group()
        try content.source.forEachInLogOrder(in: range) { head, data in
            if head.logTime != group.time {
                try flush(&group, upTo: limit, stopsWhenFull: stopsWhenFull)
                group.begin(head.logTime)
            }
            if group.isPassedOn {
                try writeSplitting(head, data, upTo: limit, in: range)
                return
            }
            group.append(head, data)
            guard group.size > min(limit, Self.maximumGroup) else { return }
            try group.forEach { head, data in try writeSplitting(head, data, upTo: limit, in: range) }
            group.begin(head.logTime)
            group.isPassedOn = true
        }
        try flush(&group, upTo: limit, stopsWhenFull: stopsWhenFull)

        func flush(_ group: inout Group, upTo limit: Int, stopsWhenFull: Bool) throws {
            guard !group.heads.isEmpty else { return }
            try prepare()
            if try !fits(group.size, at: group.time, upTo: limit) {
                if stopsWhenFull { throw PartIsFull(time: group.time) }
                enter(group.time...range.upperBound, newPart: true)
                try prepare()
            }
            try group.forEach { head, data in try writeSplitting(head, data, upTo: limit, in: range) }
            group.begin(group.time)
        }
    }

    /// Writes a message, in a new part where the open one cannot take it.
    private func writeSplitting(_ head: MessageHead, _ data: RawSpan, upTo limit: Int, in range: ClosedRange<UInt64>) throws {
        try prepare()
        if try !fits(data.byteCount + Self.messageOverhead, at: head.logTime, upTo: limit) {
            enter(head.logTime...range.upperBound, newPart: true)
        }
        try write(head, data)
    }

    /// Whether the open part can take so many bytes more; one without messages takes what comes.
    private func fits(_ size: Int, at time: UInt64, upTo limit: Int) throws -> Bool {
        guard let open, open.messages > 0 else { return true }
        if projected(until: time) + size <= limit { return true }
        // Closed, the chunk may take less than is reckoned with.
        guard open.openBytes >= Self.leastChunk else { return false }
        try open.closeChunk()
        return projected(until: time) + size <= limit
    }

    /// At most so many bytes will the open part have if it ends at an instant.
    private func projected(until time: UInt64) -> Int {
        guard let open else { return 0 }
        tail.advance(to: time)
        let repeats = open.repeated.reduce(256) { $0 + 160 + $1.topic.utf8.count }
        return open.projectedBytes + tail.bytes + repeats + definitionBytes * (open.hasChunks ? 1 : 2) + recordBytes
    }
}
