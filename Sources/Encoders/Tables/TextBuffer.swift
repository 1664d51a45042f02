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

    /// The first digits of a number, at most eight; there must be room for eight.
    private mutating func append(first value: UInt64) {
        let digits = Self.eightDigits(value)
        let zeros = min(digits.trailingZeroBitCount / 8, 7)
        append(eight: digits &>> UInt64(zeros * 8))
        count -= zeros
    }

    private mutating func append(eight digits: UInt64) {
        UnsafeMutableRawPointer(start + count).storeBytes(of: (digits | 0x3030_3030_3030_3030).littleEndian, as: UInt64.self)
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
            append(decimal, isNegative: number < 0, isBelowOne: number.magnitude < 1)
        } else {
            appendDescription(number)
        }
    }

    /// A number as the standard library describes it.
    mutating func append(_ number: Float) {
        if let decimal = ShortestDecimal(number) {
            append(decimal, isNegative: number < 0, isBelowOne: number.magnitude < 1)
        } else {
            appendDescription(number)
        }
    }

    private mutating func append(_ decimal: ShortestDecimal, isNegative: Bool, isBelowOne: Bool) {
        if capacity - count < Self.room { grow(by: Self.room) }
        if isNegative { append(UInt8(ascii: "-")) }
        guard decimal.exponent < 0 else {
            append(digitsOf: decimal.exponent == 0 ? decimal.digits : decimal.digits * 10)
            return append(".0".utf8)
        }
        let begin = count
        if isBelowOne {
            // Most numbers below one begin with "0." and their first digit; others have their digits moved for the zeros between.
            count += 2
            append(digitsOf: decimal.digits)
            let zeros = begin + 2 - count - decimal.exponent
            start[begin] = UInt8(ascii: "0")
            start[begin + 1] = UInt8(ascii: ".")
            guard zeros > 0 else { return }
            (start + begin + 2 + zeros).update(from: start + begin + 2, count: count - begin - 2)
            (start + begin + 2).update(repeating: UInt8(ascii: "0"), count: zeros)
            count += zeros
        } else {
            // The point's place is kept free in front until the digits are counted.
            count += 1
            append(digitsOf: decimal.digits)
            let whole = count - begin - 1 + decimal.exponent
            for index in begin..<begin + whole { start[index] = start[index + 1] }
            start[begin + whole] = UInt8(ascii: ".")
        }
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
