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
    /// The place of the next byte that is read.
    var offset = 0
    /// Whether a number was skipped or read that is not finite.
    var sawNonFinite = false

    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        // An empty buffer may have no address; nothing is read from it then.
        bytes = buffer.baseAddress ?? UnsafePointer(bitPattern: 1)!  // never read: count is 0
        count = buffer.count
        if count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
    }

    func fault(_ reason: String) -> Fault { offset >= count ? cut() : Fault(reason: reason, offset: offset) }

    func cut() -> Fault {
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

    func unexpected(_ what: StaticString) -> Fault {
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
        // Eight bytes at a time for as long as none of them needs a look.
        while count - place >= 8 {
            let marks = Self.marks(UInt64(littleEndian: UnsafeRawPointer(bytes + place).loadUnaligned(as: UInt64.self)))
            place += marks.trailingZeroBitCount >> 3
            if marks != 0 { break }
        }
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

    /// Eight bytes of a text with the highest bit of the first one set that is a quote, a backslash or a control character, the
    /// earliest lowest; 0 where none is.
    ///
    /// Bits above the first are of no meaning: a borrow may have set them.
    @inline(__always)
    private static func marks(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let low = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word
        return low & (ones &* 0x80)
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
            skipPlainNumbers(isFirst: &isFirst)
            while try nextElement(isFirst: &isFirst) { try skip(depth: depth + 1) }
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: if !skipPlainNumber() { _ = try number() }
        }
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

    func isWord(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard length <= count - offset else { return false }
        for index in 0..<length where bytes[offset + index] != word.utf8Start[index] { return false }
        return true
    }
}
