/// The dictionary of one column chunk, as long as it pays.
///
/// Whether it pays depends on the values alone: it is given up, for the rest of the chunk, at the first page that would not
/// become smaller, and early where more than half of a page's first values are new.
struct DictionaryEncoder {
    private static let maximumBytes = 1 << 20
    private static let maximumEntries = 1 << 16
    /// Values that are looked at before a page is given up early.
    private static let trial = 4096
    /// Slots that a search may visit; more of them mean that someone chose values whose hashes collide.
    private static let maximumProbes = 64

    /// Bytes of each value; 0 for counted bytes.
    private let width: Int
    /// The entries as a PLAIN page holds them.
    private(set) var entries: [UInt8] = []
    private(set) var count = 0
    private var isGivenUp: Bool
    /// Where each entry begins in `entries`.
    private var offsets: [Int] = []
    private var hashes: [UInt32] = []
    /// Numbers of entries plus one, at or behind the place that their hashes give; 0 is free.
    private var slots: [Int32] = []
    /// The entries of fixed width once more, quick to compare.
    private var words: [UInt64] = []
    private(set) var indices: [UInt32] = []

    init(width: Int, isAllowed: Bool) {
        self.width = width
        isGivenUp = !isAllowed
    }

    /// Looks up each value of a page, so that `indices` holds their numbers.
    ///
    /// - Returns: whether the page becomes smaller so.
    mutating func encode(_ page: [UInt8], count values: Int) -> Bool {
        guard !isGivenUp, values > 0 else { return false }
        let countBefore = count
        let bytesBefore = entries.count
        indices.removeAll(keepingCapacity: true)
        indices.reserveCapacity(values)
        let fits = page.withUnsafeBytes { bytes in
            switch width {
            case 0: encodeCounted(bytes, count: values)
            case 4: encodeWords(bytes, of: UInt32.self, count: values)
            default: encodeWords(bytes, of: UInt64.self, count: values)
            }
        }
        let packed = values * max(1, (count - 1).bitWidthOfMaximum) / 8
        // The first page bears the cost of the dictionary page's header.
        let head = countBefore == 0 ? 64 : 0
        if fits, entries.count - bytesBefore + packed + head < page.count { return true }
        isGivenUp = true
        entries.removeSubrange(bytesBefore...)
        count = countBefore
        (offsets, hashes, slots, words, indices) = ([], [], [], [], [])
        return false
    }

    private mutating func encodeWords<Word: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer,
        of _: Word.Type,
        count values: Int
    ) -> Bool {
        var last: (word: Word, index: UInt32)?
        for position in 0..<values {
            let word = bytes.loadUnaligned(fromByteOffset: position * MemoryLayout<Word>.size, as: Word.self)
            if let last, last.word == word {
                indices.append(last.index)
                continue
            }
            let wide = UInt64(truncatingIfNeeded: word)
            guard let index = number(of: wide, hash: UInt32(truncatingIfNeeded: (wide &* 0x9E37_79B9_7F4A_7C15) >> 32)) else {
                return false
            }
            last = (word, index)
            indices.append(index)
            if isHopeless { return false }
        }
        return true
    }

    /// The number of a value of fixed width.
    @inline(__always)
    private mutating func number(of word: UInt64, hash: UInt32) -> UInt32? {
        if 2 * (count + 1) > slots.count { grow() }
        var slot = Int(hash) & (slots.count - 1)
        for _ in 0..<Self.maximumProbes {
            let entry = Int(slots[slot]) - 1
            if entry < 0 {
                words.append(word)
                return withUnsafeBytes(of: word.littleEndian) {
                    insert(UnsafeRawBufferPointer(rebasing: $0[..<width]), hash: hash, at: slot)
                }
            }
            if words[entry] == word { return UInt32(truncatingIfNeeded: entry) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private mutating func encodeCounted(_ bytes: UnsafeRawBufferPointer, count values: Int) -> Bool {
        // Long cells, such as pictures, don't repeat, and hashing them would cost more than writing them.
        guard bytes.count / values <= 1024 else { return false }
        var position = 0
        for _ in 0..<values {
            let size = 4 + Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            let cell = UnsafeRawBufferPointer(rebasing: bytes[position..<position + size])
            position += size
            guard let index = number(of: cell, hash: Self.hash(cell)) else { return false }
            indices.append(index)
            if isHopeless { return false }
        }
        return true
    }

    /// Whether so many of the first values are new that going on is a waste.
    private var isHopeless: Bool {
        indices.count == Self.trial && count > Self.trial / 2
    }

    /// The number of counted bytes, which become an entry where they are none; `nil` where there is no room for them.
    private mutating func number(of cell: UnsafeRawBufferPointer, hash: UInt32) -> UInt32? {
        if 2 * (count + 1) > slots.count { grow() }
        var slot = Int(hash) & (slots.count - 1)
        for _ in 0..<Self.maximumProbes {
            let entry = Int(slots[slot]) - 1
            guard entry >= 0 else { return insert(cell, hash: hash, at: slot) }
            if hashes[entry] == hash, isEntry(entry, cell) { return UInt32(entry) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func isEntry(_ entry: Int, _ cell: UnsafeRawBufferPointer) -> Bool {
        let start = offsets[entry]
        let end = entry + 1 < count ? offsets[entry + 1] : entries.count
        return end - start == cell.count && entries.withUnsafeBytes { $0[start..<end].elementsEqual(cell) }
    }

    private mutating func insert(_ cell: UnsafeRawBufferPointer, hash: UInt32, at slot: Int) -> UInt32? {
        guard count < Self.maximumEntries, entries.count + cell.count <= Self.maximumBytes else { return nil }
        offsets.append(entries.count)
        hashes.append(hash)
        entries.append(contentsOf: cell)
        slots[slot] = Int32(count + 1)
        count += 1
        return UInt32(count - 1)
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: max(64, 2 * slots.count))
        for (entry, hash) in hashes.enumerated() {
            var slot = Int(hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(entry + 1)
        }
    }

    private static func hash(_ cell: UnsafeRawBufferPointer) -> UInt32 {
        var state = UInt64(cell.count)
        var position = 0
        while position < cell.count {
            var word: UInt64 = 0
            let size = min(8, cell.count - position)
            withUnsafeMutableBytes(of: &word) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: cell[position..<position + size])) }
            state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
            state ^= state >> 29
            position += size
        }
        return UInt32(truncatingIfNeeded: state >> 24)
    }
}
