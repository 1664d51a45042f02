import MCAP

/// The chunks of a file by time, so that those of one moment are found without looking at all.
struct ChunkTable {
    private struct Entry {
        let first: UInt64
        let last: UInt64
        let number: Int32
        /// The last time of this chunk and all before it.
        let lastSoFar: UInt64
    }

    private let entries: [Entry]

    /// - Parameter file: a file all of whose messages lie in chunks.
    init(_ file: MCAPFile) {
        var times: [(span: ClosedRange<UInt64>, number: Int32)] = []
        for number in 0..<file.storedChunkCount {
            guard let number32 = Int32(exactly: number) else { break }
            times.append((file.timeSpan(ofChunk: number), number32))
        }
        times.sort { ($0.span.lowerBound, $0.number) < ($1.span.lowerBound, $1.number) }
        var latest: UInt64 = 0
        entries = times.map { span, number in
            latest = max(latest, span.upperBound)
            return Entry(first: span.lowerBound, last: span.upperBound, number: number, lastSoFar: latest)
        }
    }

    /// The numbers of the chunks that may hold messages of a stretch of time, in the order of the file.
    func chunks(in range: ClosedRange<UInt64>) -> [Int] {
        var found: [Int] = []
        for place in firstPlace({ $0.lastSoFar >= range.lowerBound })..<entries.count {
            guard entries[place].first <= range.upperBound else { break }
            if entries[place].last >= range.lowerBound { found.append(Int(entries[place].number)) }
        }
        return found.sorted()
    }

    /// The chunks that begin at an instant or later, by when they begin.
    func chunks(from time: UInt64) -> some Sequence<(first: UInt64, last: UInt64, number: Int)> {
        entries[firstPlace { $0.first >= time }...].lazy.map { ($0.first, $0.last, Int($0.number)) }
    }

    /// How many chunks lie on both sides of an instant at most and on average, in tenths.
    var averageOverlap: Int {
        guard let start = entries.first?.first, let end = entries.last?.lastSoFar, end > start, !entries.isEmpty else { return 0 }
        let total = entries.reduce(0.0) { $0 + Double($1.last - $1.first) }
        return Int(min(total / Double(end - start) * 10, 1e9))
    }

    private func firstPlace(_ isFound: (Entry) -> Bool) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if isFound(entries[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
