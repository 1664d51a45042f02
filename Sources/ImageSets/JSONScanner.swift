/// Walks over JSON (RFC 8259) in place, without making values of it: what is not asked for is skipped and still checked.
///
/// Numbers may be `NaN`, `Infinity` and `-Infinity`, as Python writes them, so that one annotation that holds one can be left out
/// instead of the whole file. Nothing is read past the end, and nothing nests deeper than `deepest`.
struct JSONScanner {
    /// A string of the file: its bytes between the quotes, escapes as they are written.
    struct Text {
        var range: Range<Int>
        var hasEscapes: Bool
    }

    /// What is wrong with the file, and where.
    struct Fault: Error {
        var reason: String
        var offset: Int
    }

    static let deepest = 64

    let bytes: UnsafePointer<UInt8>
    let count: Int
    private(set) var offset = 0
    /// Whether a number was skipped or read that is not finite.
    var sawNonFinite = false

    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        // An empty buffer may have no address; nothing is read from it then.
        bytes = buffer.baseAddress ?? UnsafePointer(bitPattern: 1)!  // never read: count is 0
        count = buffer.count
        if count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
    }

    func fault(_ reason: String) -> Fault { offset >= count ? cut() : Fault(reason: reason, offset: offset) }

    private func cut() -> Fault {
        Fault(reason: "the file ends in the middle of its content: it is cut off.", offset: count)
    }

    // MARK: Structure

    /// The next byte that is no white space, which stays where it is; 0 at the end.
    @inline(__always)
    mutating func peek() -> UInt8 {
        while offset < count {
            let byte = bytes[offset]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            offset += 1
        }
        return 0
    }

    @inline(__always)
    private mutating func take(_ expected: UInt8, _ what: StaticString) throws(Fault) {
        guard peek() == expected, offset < count else { throw unexpected(what) }
        offset += 1
    }

    private func unexpected(_ what: StaticString) -> Fault {
        offset >= count ? cut() : fault("\(what) is expected here.")
    }

    /// Enters an object.
    @inline(__always)
    mutating func beginObject() throws(Fault) { try take(UInt8(ascii: "{"), "an object") }

    /// Enters a list.
    @inline(__always)
    mutating func beginArray() throws(Fault) { try take(UInt8(ascii: "["), "a list") }

    /// The next key of an object, with the place at its value; nil behind the object's end.
    @inline(__always)
    mutating func nextKey(isFirst: inout Bool) throws(Fault) -> Text? {
        var byte = peek()
        if byte == UInt8(ascii: "}") {
            offset += 1
            return nil
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw unexpected("a comma or the object's end") }
            offset += 1
            byte = peek()
        }
        isFirst = false
        guard byte == UInt8(ascii: "\"") else { throw unexpected("a key") }
        let key = try string()
        try take(UInt8(ascii: ":"), "a colon")
        return key
    }

    /// Whether a list goes on, with the place at its next element; false behind the list's end.
    @inline(__always)
    mutating func nextElement(isFirst: inout Bool) throws(Fault) -> Bool {
        let byte = peek()
        if byte == UInt8(ascii: "]") {
            offset += 1
            return false
        }
        if !isFirst {
            guard byte == UInt8(ascii: ",") else { throw unexpected("a comma or the list's end") }
            offset += 1
            guard peek() != UInt8(ascii: "]") else { throw fault("a value is expected behind the comma.") }
        }
        isFirst = false
        return true
    }

    /// - Throws: where anything follows the document.
    mutating func finish() throws(Fault) {
        _ = peek()
        guard offset == count else { throw fault("something follows the document's end.") }
    }

    // MARK: Values

    /// A string.
    @inline(__always)
    mutating func string() throws(Fault) -> Text {
        guard peek() == UInt8(ascii: "\"") else { throw unexpected("a text") }
        let start = offset + 1
        var place = start
        while place < count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                offset = place + 1
                return Text(range: start..<place, hasEscapes: false)
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(start, from: place) }
            guard byte >= 0x20 else { throw Fault(reason: "a text holds a control character.", offset: place) }
            place += 1
        }
        throw cut()
    }

    private mutating func escapedString(_ start: Int, from first: Int) throws(Fault) -> Text {
        var place = first
        while place < count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                offset = place + 1
                return Text(range: start..<place, hasEscapes: true)
            }
            guard byte >= 0x20 else { throw Fault(reason: "a text holds a control character.", offset: place) }
            guard byte == UInt8(ascii: "\\") else {
                place += 1
                continue
            }
            guard place + 1 < count else { throw cut() }
            switch bytes[place + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
                UInt8(ascii: "r"), UInt8(ascii: "t"):
                place += 2
            case UInt8(ascii: "u"):
                guard place + 6 <= count else { throw cut() }
                guard (place + 2..<place + 6).allSatisfy({ Self.digit(bytes[$0]) != nil }) else {
                    throw Fault(reason: "a text holds an escape that JSON does not know.", offset: place)
                }
                place += 6
            default: throw Fault(reason: "a text holds an escape that JSON does not know.", offset: place)
            }
        }
        throw cut()
    }

    private static func digit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// The text of a string; what is not UTF-8 or half a surrogate pair becomes U+FFFD.
    func decoded(_ text: Text) -> String {
        let raw = UnsafeBufferPointer(start: bytes + text.range.lowerBound, count: text.range.count)
        guard text.hasEscapes else { return String(decoding: raw, as: UTF8.self) }
        var units: [UInt8] = []
        units.reserveCapacity(raw.count)
        var place = 0
        while place < raw.count {
            guard raw[place] == UInt8(ascii: "\\") else {
                units.append(raw[place])
                place += 1
                continue
            }
            switch raw[place + 1] {
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "u"):
                var codes = [Self.unit(raw, place + 2)]
                let isHigh = codes[0] & 0xFC00 == 0xD800 && place + 12 <= raw.count
                if isHigh, raw[place + 6] == UInt8(ascii: "\\"), raw[place + 7] == UInt8(ascii: "u") {
                    let low = Self.unit(raw, place + 8)
                    if low & 0xFC00 == 0xDC00 {
                        codes.append(low)
                        place += 6
                    }
                }
                units += Array(String(decoding: codes, as: UTF16.self).utf8)
                place += 4
            case let other: units.append(other)
            }
            place += 2
        }
        return String(decoding: units, as: UTF8.self)
    }

    private static func unit(_ raw: UnsafeBufferPointer<UInt8>, _ place: Int) -> UInt16 {
        (0..<4).reduce(0) { $0 << 4 | (digit(raw[place + $1]) ?? 0) }
    }

    /// Whether a key, as it is written, is a name.
    @inline(__always)
    func key(_ key: Text, is name: StaticString) -> Bool {
        guard key.range.count == name.utf8CodeUnitCount else { return false }
        let other = name.utf8Start
        for index in 0..<key.range.count where bytes[key.range.lowerBound + index] != other[index] { return false }
        return true
    }

    /// Skips a value and checks it.
    mutating func skip(depth: Int = 1) throws(Fault) {
        switch peek() {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"):
            guard depth < Self.deepest else { throw fault("values lie more than \(Self.deepest) deep in each other.") }
            try beginObject()
            var isFirst = true
            while try nextKey(isFirst: &isFirst) != nil { try skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            guard depth < Self.deepest else { throw fault("values lie more than \(Self.deepest) deep in each other.") }
            try beginArray()
            var isFirst = true
            while try nextElement(isFirst: &isFirst) { try skip(depth: depth + 1) }
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: if !skipPlainNumber() { _ = try number() }
        }
    }

    /// Skips a decimal that needs no second look; false, with the place where it was, for all other numbers.
    @inline(__always)
    private mutating func skipPlainNumber() -> Bool {
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

    /// A whole number of few digits; nil, with the place where it was, where something else stands there.
    @inline(__always)
    mutating func plainInteger() -> Int64? {
        guard peek() != 0 else { return nil }
        var place = offset
        var value: Int64 = 0
        while place < count {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ Int64(digit)
            place += 1
        }
        let digits = place - offset
        guard digits > 0, digits <= 15, place < count, digits == 1 || bytes[offset] != UInt8(ascii: "0") else { return nil }
        guard bytes[place] != UInt8(ascii: "."), bytes[place] | 0x20 != UInt8(ascii: "e") else { return nil }
        offset = place
        return value
    }

    /// Skips a value and answers where it stands.
    mutating func skipped(depth: Int = 1) throws(Fault) -> Range<Int> {
        _ = peek()
        let start = offset
        try skip(depth: depth)
        return start..<offset
    }

    private mutating func word(_ word: StaticString) throws(Fault) {
        guard isWord(word) else { throw unexpected("a value") }
        offset += word.utf8CodeUnitCount
    }

    private func isWord(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard length <= count - offset else { return false }
        for index in 0..<length where bytes[offset + index] != word.utf8Start[index] { return false }
        return true
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
        while place < count {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            place += 1
        }
        digits = place - whole
        guard digits > 0, digits == 1 || bytes[whole] != UInt8(ascii: "0") else { return try notFinite(start) }
        if place < count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            let fraction = place
            while place < count {
                let digit = bytes[place] &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                mantissa = mantissa &* 10 &+ UInt64(digit)
                place += 1
            }
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
}
