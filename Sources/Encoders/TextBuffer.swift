/// Text as bytes that grows at its end, and writes numbers without a string for each.
///
/// A table of ten million rows has a hundred million cells: each is written in place, into memory that is this value's alone.
struct TextBuffer: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    /// More than any number takes that is written here, with what is written over behind it.
    private static let room = 48

    init(capacity: Int = 256) {
        self.capacity = max(capacity, 1)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    /// A copy of the bytes from a place on.
    func bytes(from place: Int = 0) -> [UInt8] {
        [UInt8](UnsafeBufferPointer(start: start, count: count)[place...])
    }

    /// Calls `body` with the bytes, which are valid during the call only.
    func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Forgets what came behind a place.
    mutating func cut(to place: Int) {
        precondition(place >= 0 && place <= count, "A text is cut within itself.")
        count = place
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count == capacity { grow(by: 1) }
        start[count] = byte
        count += 1
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        if capacity - count < bytes.count { grow(by: bytes.count) }
        let written = UnsafeMutableBufferPointer(start: start + count, count: capacity - count).update(fromContentsOf: bytes)
        count += written
    }

    /// An integer's digits.
    mutating func append(digitsOf value: UInt64) {
        if capacity - count < Self.room { grow(by: Self.room) }
        let (upper, low) = value.quotientAndRemainder(dividingBy: 100_000_000)
        guard upper > 0 else { return append(first: low) }
        let (high, middle) = upper.quotientAndRemainder(dividingBy: 100_000_000)
        if high > 0 {
            append(first: high)
            append(eight: Self.eightDigits(middle))
        } else {
            append(first: middle)
        }
        append(eight: Self.eightDigits(low))
    }

    /// The six last digits of a number below 10⁸, zeros in front included.
    mutating func append(six value: UInt64) {
        if capacity - count < Self.room { grow(by: Self.room) }
        store(Self.eightDigits(value) &>> 16, at: count)
        count += 6
    }

    /// The first digits of a number, at most eight; there must be room for eight.
    private mutating func append(first value: UInt64) {
        let digits = Self.eightDigits(value)
        let zeros = min(digits.trailingZeroBitCount / 8, 7)
        append(eight: digits &>> UInt64(zeros * 8))
        count -= zeros
    }

    private mutating func append(eight digits: UInt64) {
        store(digits, at: count)
        count += 8
    }

    /// The decimal digits of a number below 10⁸, one in each byte, the first in the lowest: split in halves three times, all parts
    /// at once.
    private static func eightDigits(_ value: UInt64) -> UInt64 {
        let fours = value / 10_000 | (value % 10_000) << 32
        let upperTwos = (fours &* 10_486) >> 20 & 0x7F_0000_007F
        let twos = upperTwos | (fours &- upperTwos &* 100) << 16
        let upperOnes = (twos &* 103) >> 10 & 0x000F_000F_000F_000F
        return upperOnes | (twos &- upperOnes &* 10) << 8
    }

    /// A number as the standard library describes it: the shortest text that reads back as the same number.
    mutating func append(_ number: Double) {
        if let decimal = ShortestDecimal(number) {
            append(decimal, isNegative: number < 0)
        } else {
            appendDescription(number)
        }
    }

    /// A number as the standard library describes it.
    mutating func append(_ number: Float) {
        if let decimal = ShortestDecimal(number) {
            append(decimal, isNegative: number < 0)
        } else {
            appendDescription(number)
        }
    }

    private mutating func append(_ decimal: ShortestDecimal, isNegative: Bool) {
        if capacity - count < Self.room { grow(by: Self.room) }
        start[count] = UInt8(ascii: "-")
        if isNegative { count += 1 }
        let whole = decimal.count + decimal.exponent
        guard whole <= 7 else { return append(large: decimal) }
        // The digits stand where a number of 17 would have them, those behind their end being zeros: the first, then eight and eight.
        let (upper, low) = decimal.seventeen.quotientAndRemainder(dividingBy: 100_000_000)
        let (first, middle) = upper.quotientAndRemainder(dividingBy: 100_000_000)
        let (middleDigits, lowDigits) = (Self.eightDigits(middle), Self.eightDigits(low))
        let zeros = lowDigits != 0 ? lowDigits.leadingZeroBitCount / 8 : 8 + middleDigits.leadingZeroBitCount / 8
        let significant = 17 - zeros
        if whole > 0 {
            let head = first | middleDigits << 8
            let beforePoint: UInt64 = 1 &<< UInt64(8 * whole) - 1
            let point = UInt64(UInt8(ascii: "0") ^ UInt8(ascii: ".")) &<< UInt64(8 * whole)
            store(middleDigits, at: count + 2)
            store(lowDigits, at: count + 10)
            store((head & beforePoint | (head & ~beforePoint) << 8) ^ point, at: count)
            count += 1 + max(significant, whole + 1)
        } else {
            store(UInt64(UInt8(ascii: "0") ^ UInt8(ascii: ".")) << 8, at: count)
            count += 2 - whole
            start[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: first)
            store(middleDigits, at: count + 1)
            store(lowDigits, at: count + 9)
            count += significant
        }
    }

    /// Stores eight digits as text; there must be room.
    private func store(_ digits: UInt64, at place: Int) {
        UnsafeMutableRawPointer(start + place).storeBytes(of: (digits ^ 0x3030_3030_3030_3030).littleEndian, as: UInt64.self)
    }

    /// A number of eight or more digits before the point.
    private mutating func append(large decimal: ShortestDecimal) {
        guard decimal.exponent < 0 else {
            append(digitsOf: decimal.exponent == 0 ? decimal.digits : decimal.digits * 10)
            return append(".0".utf8)
        }
        // The point's place is kept free in front until the digits are counted.
        let begin = count
        count += 1
        append(digitsOf: decimal.digits)
        let point = count + decimal.exponent - 1
        for index in begin..<point { start[index] = start[index + 1] }
        start[point] = UInt8(ascii: ".")
        while start[count - 1] == UInt8(ascii: "0"), start[count - 2] != UInt8(ascii: ".") { count -= 1 }
    }

    private mutating func appendDescription(_ number: some TextOutputStreamable & BinaryFloatingPoint) {
        if number == 0 { return append((number.sign == .minus ? "-0.0" : "0.0").utf8) }
        append(String(describing: number).utf8)
    }

    private mutating func grow(by more: Int) {
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: start, count: count)
        start.deallocate()
        (start, capacity) = (moved, larger)
    }
}
