/// Numbers as decimals, as short as they can be without becoming another number.
public enum DecimalText {
    /// A number as text.
    ///
    /// - Parameter value: must be finite.
    public static func shortest(_ value: Double) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a number in the fewest digits from which the same number is read again; whole numbers without a point.
    ///
    /// - Parameter value: must be finite.
    public static func append(_ value: Double, to bytes: inout [UInt8]) {
        if let decimal = decimal(value) {
            append(decimal.whole, places: decimal.places, to: &bytes, isNegative: value < 0)
        } else {
            append(anyOther: value, to: &bytes)
        }
    }

    /// Appends numbers with commas between them, each as `append(_:to:)` writes it.
    ///
    /// - Parameter values: must be finite.
    public static func append(_ values: UnsafeBufferPointer<Double>, to bytes: inout [UInt8]) {
        // Gathered first: a list that grows is looked after at each step.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 512 + longest) { held in
            guard let start = held.baseAddress else { return }
            let scratch = start + 512
            var filled = 0
            func flush() {
                bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: filled))
                filled = 0
            }
            for (index, value) in values.enumerated() {
                if index > 0 {
                    start[filled] = UInt8(ascii: ",")
                    filled += 1
                }
                if let decimal = decimal(value) {
                    let end = scratch + longest
                    let count = write(decimal.whole, places: decimal.places, before: end, isNegative: value < 0)
                    (start + filled).update(from: end - count, count: count)
                    filled += count
                } else {
                    flush()
                    append(anyOther: value, to: &bytes)
                }
                if filled > 512 - longest - 1 { flush() }
            }
            flush()
        }
    }

    /// A number as a whole number divided by a power of ten, of four places at most; nil where it is no such number.
    ///
    /// Both are exact, so that the quotient is the number itself if and only if reading the decimal gives it back.
    @inline(__always)
    private static func decimal(_ value: Double) -> (whole: Int64, places: Int)? {
        guard value.magnitude < 1e9 else { return nil }
        let half = value < 0 ? -0.5 : 0.5
        let hundredths = Int64(value * 100 + half)
        if Double(hundredths) / 100 == value {
            if hundredths % 10 != 0 { return (hundredths, 2) }
            let tenths = hundredths / 10
            return tenths % 10 != 0 ? (tenths, 1) : (tenths / 10, 0)
        }
        let small = Int64(value * 10_000 + half)
        guard Double(small) / 10_000 == value else { return nil }
        return small % 10 != 0 ? (small, 4) : (small / 10, 3)
    }

    private static func append(anyOther value: Double, to bytes: inout [UInt8]) {
        var text = value.description
        if text.hasSuffix(".0") { text.removeLast(2) }
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends a number rounded to so many places, with all of them.
    ///
    /// - Parameter value: must be of a magnitude below 10^9.
    public static func append(_ value: Double, places: Int, to bytes: inout [UInt8]) {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        append(Int64((value * scale).rounded()), places: places, to: &bytes, isNegative: value.sign == .minus)
    }

    /// Appends a whole number.
    public static func append(_ value: Int64, to bytes: inout [UInt8]) {
        append(value, places: 0, to: &bytes, isNegative: value < 0)
    }

    /// The digits of 00 to 99, one pair behind the other.
    private static var pairs: StaticString {
        """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    }

    /// The longest text of a whole number with a point and a sign.
    private static let longest = 32

    private static func append(_ value: Int64, places: Int, to bytes: inout [UInt8], isNegative: Bool) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: longest) { buffer in
            guard let start = buffer.baseAddress else { return }
            let count = write(value, places: places, before: start + longest, isNegative: isNegative)
            bytes.append(contentsOf: UnsafeBufferPointer(start: start + (longest - count), count: count))
        }
    }

    /// Writes digits from the last to the first, so that they end where `end` is.
    ///
    /// - Returns: how many bytes it wrote, at most `longest`.
    @inline(__always)
    private static func write(_ value: Int64, places: Int, before end: UnsafeMutablePointer<UInt8>, isNegative: Bool) -> Int {
        let pairs = Self.pairs.utf8Start
        var place = end
        var rest = value.magnitude
        var placesLeft = places
        // Behind the point, then before it; two digits at a time, for a division is most of what a digit costs.
        while placesLeft > 0 {
            let isPair = placesLeft > 1
            let digits = Int(rest % (isPair ? 100 : 10))
            rest /= isPair ? 100 : 10
            place -= isPair ? 2 : 1
            if isPair { place[0] = pairs[2 * digits] }
            place[isPair ? 1 : 0] = pairs[2 * digits + 1]
            placesLeft -= 2
        }
        if places > 0 {
            place -= 1
            place[0] = UInt8(ascii: ".")
        }
        while rest >= 10 {
            let digits = Int(rest % 100)
            rest /= 100
            place -= 2
            place[0] = pairs[2 * digits]
            place[1] = pairs[2 * digits + 1]
        }
        if rest > 0 || place == end || place[0] == UInt8(ascii: ".") {
            place -= 1
            place[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)
        }
        if isNegative, value != 0 {
            place -= 1
            place[0] = UInt8(ascii: "-")
        }
        return end - place
    }
}
