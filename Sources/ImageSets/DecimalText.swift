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
        // A decimal of few places is a whole number divided by a power of ten. Both are exact, so that the quotient is the
        // number itself if and only if reading the decimal gives it back.
        if value.magnitude < 1e9 {
            let hundredths = Int64(value * 100 + (value < 0 ? -0.5 : 0.5))
            if Double(hundredths) / 100 == value {
                if hundredths % 10 != 0 { return append(hundredths, places: 2, to: &bytes, isNegative: value < 0) }
                let tenths = hundredths / 10
                if tenths % 10 != 0 { return append(tenths, places: 1, to: &bytes, isNegative: value < 0) }
                return append(tenths / 10, places: 0, to: &bytes, isNegative: value < 0)
            }
            let small = Int64(value * 10_000 + (value < 0 ? -0.5 : 0.5))
            if Double(small) / 10_000 == value {
                let isShorter = small % 10 == 0
                return append(isShorter ? small / 10 : small, places: isShorter ? 3 : 4, to: &bytes, isNegative: value < 0)
            }
        }
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

    private static func append(_ value: Int64, places: Int, to bytes: inout [UInt8], isNegative: Bool) {
        let pairs = Self.pairs.utf8Start
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
            var place = 32
            var rest = value.magnitude
            var placesLeft = places
            // Behind the point, then before it; two digits at a time, for a division is most of what a digit costs.
            while placesLeft > 0 {
                let isPair = placesLeft > 1
                let digits = Int(rest % (isPair ? 100 : 10))
                rest /= isPair ? 100 : 10
                place -= isPair ? 2 : 1
                if isPair { buffer[place] = pairs[2 * digits] }
                buffer[isPair ? place + 1 : place] = pairs[2 * digits + 1]
                placesLeft -= 2
            }
            if places > 0 {
                place -= 1
                buffer[place] = UInt8(ascii: ".")
            }
            while rest >= 10 {
                let digits = Int(rest % 100)
                rest /= 100
                place -= 2
                buffer[place] = pairs[2 * digits]
                buffer[place + 1] = pairs[2 * digits + 1]
            }
            if rest > 0 || place == 32 || buffer[place] == UInt8(ascii: ".") {
                place -= 1
                buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)
            }
            if isNegative, value != 0 {
                place -= 1
                buffer[place] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[place..<32]))
        }
    }
}
