/// The lines of one label file, as bytes.
struct LabelRows {
    private(set) var bytes: [UInt8] = []
    private var start = 0
    /// Where each line lies, by the hash of its bytes.
    private var seen: [UInt64: Range<Int>] = [:]

    /// Forgets all lines and keeps the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        seen.removeAll(keepingCapacity: true)
    }

    /// Begins a line of a class.
    mutating func begin(class index: Int) {
        start = bytes.count
        digits(UInt64(index), atLeast: 1)
    }

    /// A share of the image's side, 0 to 1, with six decimals.
    mutating func share(_ value: Double, of side: Int) {
        let millionths = UInt64(min(max(value / Double(side), 0), 1) * 1_000_000 + 0.5)
        bytes.append(UInt8(ascii: " "))
        bytes.append(millionths >= 1_000_000 ? UInt8(ascii: "1") : UInt8(ascii: "0"))
        bytes.append(UInt8(ascii: "."))
        digits(millionths % 1_000_000, atLeast: 6)
    }

    /// A small whole number, such as whether a keypoint can be seen.
    mutating func number(_ value: Int) {
        bytes.append(UInt8(ascii: " "))
        digits(UInt64(max(value, 0)), atLeast: 1)
    }

    /// Ends the line; false where the file holds the same one already, in which case it is taken back.
    ///
    /// Trainers take out such lines and complain.
    mutating func end() -> Bool {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes[start...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let row = start..<bytes.count
        if let other = seen[hash], bytes[other].elementsEqual(bytes[row]) {
            bytes.removeLast(row.count)
            return false
        }
        seen[hash] = row
        bytes.append(UInt8(ascii: "\n"))
        return true
    }

    private mutating func digits(_ value: UInt64, atLeast count: Int) {
        let first = bytes.count
        var rest = value
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0 || bytes.count - first < count
        bytes[first...].reverse()
    }
}
