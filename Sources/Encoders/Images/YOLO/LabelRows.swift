import ImageSets

/// The lines of one label file, as bytes.
struct LabelRows {
    private(set) var bytes: [UInt8] = []
    private var start = 0
    /// The lines of an image by the hash of their bytes: most images have so few that looking through all of them is quicker than
    /// a dictionary.
    private var few: [(hash: UInt64, row: Range<Int>)] = []
    private var seen: [UInt64: Range<Int>] = [:]

    private static let mostFew = 32

    /// Forgets all lines and keeps the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        few.removeAll(keepingCapacity: true)
        if !seen.isEmpty { seen.removeAll(keepingCapacity: true) }
    }

    /// Begins a line of a class.
    mutating func begin(class index: Int) {
        start = bytes.count
        DecimalText.append(Int64(index), to: &bytes)
    }

    /// A share of the image's side, 0 to 1, with six decimals.
    mutating func share(_ value: Double, of side: Int) {
        let millionths = UInt64(min(max(value / Double(side), 0), 1) * 1_000_000 + 0.5)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 9) { text in
            text[0] = UInt8(ascii: " ")
            text[1] = millionths >= 1_000_000 ? UInt8(ascii: "1") : UInt8(ascii: "0")
            text[2] = UInt8(ascii: ".")
            var rest = millionths % 1_000_000
            for place in stride(from: 8, to: 2, by: -1) {
                text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            bytes.append(contentsOf: UnsafeBufferPointer(text))
        }
    }

    /// A small whole number, such as whether a keypoint can be seen.
    mutating func number(_ value: Int) {
        bytes.append(UInt8(ascii: " "))
        DecimalText.append(Int64(max(value, 0)), to: &bytes)
    }

    /// Ends the line; false where the file holds the same one already, in which case it is taken back.
    ///
    /// Trainers take out such lines and complain.
    mutating func end() -> Bool {
        let row = start..<bytes.count
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        bytes.withUnsafeBufferPointer { bytes in
            for place in row { hash = (hash ^ UInt64(bytes[place])) &* 0x100_0000_01B3 }
        }
        let same = few.first { $0.hash == hash }?.row ?? (seen.isEmpty ? nil : seen[hash])
        if let same, bytes[same].elementsEqual(bytes[row]) {
            bytes.removeLast(row.count)
            return false
        }
        if few.count < Self.mostFew { few.append((hash, row)) } else { seen[hash] = row }
        bytes.append(UInt8(ascii: "\n"))
        return true
    }
}
