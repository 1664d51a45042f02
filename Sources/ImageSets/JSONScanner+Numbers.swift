/// Numbers of JSON, and those that are none.
extension JSONScanner {
    /// Skips a decimal that needs no second look; false, with the place where it was, for all other numbers.
    @inline(__always)
    mutating func skipPlainNumber() -> Bool {
        var place = offset
        if place < count, bytes[place] == UInt8(ascii: "-") { place += 1 }
        let whole = place
        while place < count, bytes[place] &- UInt8(ascii: "0") < 10 { place += 1 }
        // More digits may be beyond what a Double holds.
        guard place > whole, place - whole < 300, place - whole == 1 || bytes[whole] != UInt8(ascii: "0") else { return false }
        if place < count, bytes[place] == UInt8(ascii: ".") {
            let fraction = place + 1
            place = fraction
            while place < count, bytes[place] &- UInt8(ascii: "0") < 10 { place += 1 }
            guard place > fraction else { return false }
        }
        guard place < count, bytes[place] | 0x20 != UInt8(ascii: "e") else { return false }
        offset = place
        return true
    }

    /// Skips the numbers of a list as `plainNumbers` reads them.
    mutating func skipPlainNumbers(isFirst: inout Bool) {
        while true {
            let start = offset
            if !isFirst {
                guard offset < count, bytes[offset] == UInt8(ascii: ",") else { return }
                offset += 1
            }
            guard skipPlainNumber() else {
                offset = start
                return
            }
            isFirst = false
        }
    }

    /// A whole number of few digits; nil, with the place where it was, where something else stands there.
    @inline(__always)
    mutating func plainInteger() -> Int64? {
        guard peek() != 0 else { return nil }
        var place = offset
        var value: UInt64 = 0
        Self.digits(bytes, count, &place, onto: &value)
        let digits = place - offset
        guard digits > 0, digits <= 15, place < count, digits == 1 || bytes[offset] != UInt8(ascii: "0") else { return nil }
        guard bytes[place] != UInt8(ascii: "."), bytes[place] | 0x20 != UInt8(ascii: "e") else { return nil }
        offset = place
        return Int64(value)
    }

    /// Whether a number stands here; nothing is read.
    @inline(__always)
    mutating func isNumber() -> Bool {
        switch peek() {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "N"), UInt8(ascii: "I"): true
        default: false
        }
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// Reads digits behind those that a number has so far; it wraps around where they are too many.
    @inline(__always)
    private static func digits(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ place: inout Int, onto number: inout UInt64) {
        while place < count {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10 else { return }
            number = number &* 10 &+ UInt64(digit)
            place += 1
        }
    }

    /// A number, the nearest that a Double holds.
    @inline(__always)
    mutating func number() throws(Fault) -> Double {
        _ = peek()
        let start = offset
        var place = offset
        var isNegative = false
        if place < count, bytes[place] == UInt8(ascii: "-") {
            isNegative = true
            place += 1
        }
        var mantissa: UInt64 = 0
        var digits = 0
        var scale = 0
        let whole = place
        Self.digits(bytes, count, &place, onto: &mantissa)
        digits = place - whole
        guard digits > 0, digits == 1 || bytes[whole] != UInt8(ascii: "0") else { return try notFinite(start) }
        if place < count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            let fraction = place
            Self.digits(bytes, count, &place, onto: &mantissa)
            scale = place - fraction
            guard scale > 0 else { throw place >= count ? cut() : fault("a number ends with its point.") }
            digits += scale
        }
        if place < count, bytes[place] | 0x20 == UInt8(ascii: "e") { return try exponential(start, from: place) }
        offset = place
        // Both are exact in a Double, so that their quotient is rounded once only.
        if digits <= 19, mantissa <= 1 << 53, scale <= 22 {
            let value = Double(mantissa) / Self.power(scale)
            return isNegative ? -value : value
        }
        return slow(start)
    }

    @inline(__always)
    private static func power(_ exponent: Int) -> Double {
        powers.withUnsafeBufferPointer { $0[exponent] }
    }

    private mutating func exponential(_ start: Int, from mark: Int) throws(Fault) -> Double {
        var place = mark + 1
        if place < count, bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") { place += 1 }
        let first = place
        while place < count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place]) { place += 1 }
        guard place > first else { throw place >= count ? cut() : fault("a number's exponent has no digits.") }
        offset = place
        return slow(start)
    }

    private mutating func slow(_ start: Int) -> Double {
        let text = UnsafeBufferPointer(start: bytes + start, count: offset - start)
        // Digits beyond any that could matter are bounded, so that a number as long as the file costs little.
        let value = text.count <= 4_096 ? Double(String(decoding: text, as: UTF8.self)) ?? .nan : .nan
        if !value.isFinite { sawNonFinite = true }
        return value
    }

    private mutating func notFinite(_ start: Int) throws(Fault) -> Double {
        sawNonFinite = true
        if isWord("NaN") {
            offset += 3
            return .nan
        }
        if isWord("Infinity") {
            offset += 8
            return .infinity
        }
        if isWord("-Infinity") {
            offset += 9
            return -.infinity
        }
        throw unexpected("a value")
    }

    /// Reads the numbers of a list as long as they are decimals of few digits with nothing between them but commas, from behind the
    /// list's opening bracket; what comes then is left where it is, behind a number.
    ///
    /// - Parameters:
    ///   - values: where the numbers go.
    ///   - most: that `values` may come to hold.
    ///   - isFirst: set to false where a number was read.
    /// - Returns: the most places that a number has behind its point.
    @inline(__always)
    mutating func plainNumbers(into values: inout [Double], most: Int, isFirst: inout Bool) -> Int {
        // All that changes stands in variables of its own, and the list grows in steps: this is where most of a file is read.
        let (bytes, count) = (bytes, count)
        var place = offset
        var read = place
        var hasRead = !isFirst
        var mostPlaces = 0
        Self.powers.withUnsafeBufferPointer { powers in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: 32) { held in
                var filled = 0
                while values.count + filled < most {
                    if hasRead {
                        guard place < count, bytes[place] == UInt8(ascii: ",") else { break }
                        place += 1
                    }
                    let isNegative = place < count && bytes[place] == UInt8(ascii: "-")
                    if isNegative { place += 1 }
                    var mantissa: UInt64 = 0
                    let whole = place
                    Self.digits(bytes, count, &place, onto: &mantissa)
                    var digits = place - whole
                    guard digits > 0, digits == 1 || bytes[whole] != UInt8(ascii: "0") else { break }
                    var places = 0
                    if place < count, bytes[place] == UInt8(ascii: ".") {
                        place += 1
                        let fraction = place
                        Self.digits(bytes, count, &place, onto: &mantissa)
                        places = place - fraction
                        guard places > 0 else { break }
                        digits += places
                    }
                    // Both are exact in a Double, so that their quotient is rounded once only.
                    guard digits <= 15, place < count, bytes[place] | 0x20 != UInt8(ascii: "e") else { break }
                    let value = Double(mantissa) / powers[places]
                    if filled == held.count {
                        values.append(contentsOf: held)
                        filled = 0
                    }
                    held[filled] = isNegative ? -value : value
                    filled += 1
                    mostPlaces = max(mostPlaces, places)
                    read = place
                    hasRead = true
                }
                values.append(contentsOf: UnsafeBufferPointer(rebasing: held[..<filled]))
            }
        }
        offset = read
        isFirst = !hasRead
        return mostPlaces
    }
}
