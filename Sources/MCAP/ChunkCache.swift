/// The chunks that were decompressed last, within a number of bytes, but always at least one.
package struct ChunkCache {
    private struct Entry {
        var bytes: [UInt8]
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [Int: Entry] = [:]
    private var count = 0
    private var clock: UInt64 = 0

    /// So that the search for the oldest stays short where chunks are tiny.
    private static let maximumEntries = 256

    package init(limit: Int) {
        self.limit = limit
    }

    package mutating func find(_ chunk: Int) -> [UInt8]? {
        clock += 1
        guard let place = entries.index(forKey: chunk) else { return nil }
        entries.values[place].lastUse = clock
        return entries.values[place].bytes
    }

    package mutating func insert(_ chunk: Int, _ bytes: [UInt8]) {
        while !entries.isEmpty, entries.count >= Self.maximumEntries || bytes.count > limit - count {
            guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { break }
            count -= oldest.value.bytes.count
            entries[oldest.key] = nil
        }
        clock += 1
        entries[chunk] = Entry(bytes: bytes, lastUse: clock)
        count += bytes.count
    }
}
