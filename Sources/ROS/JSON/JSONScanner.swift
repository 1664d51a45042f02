/// A position in a JSON text (RFC 8259) that never leaves it.
///
/// Written by hand because Foundation's decoder loses the order of members, the digits of integers that are not declared
/// beforehand, and cannot step over what nobody asked for. `NaN` and `Infinity` are read too: Python writes them.
struct JSONScanner {
    /// How deep arrays and objects may nest.
    static let maximumDepth = 128
    /// How long a number may be, in bytes.
    static let maximumNumberSize = 1024

    /// What a value begins with.
    enum Kind {
        case object
        case array
        case string
        case number
        case bool
        case null
    }

    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        // A byte order mark is no part of the text.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// Steps over blanks.
    mutating func skipBlanks() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    /// What the next value is; the position is then where it begins.
    mutating func kind() throws(ROSError) -> Kind {
        skipBlanks()
        guard offset < bytes.count else { throw failure("it ends where a value is needed") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "N"), UInt8(ascii: "I"): return .number
        default: throw failure("there is something that is no value")
        }
    }

    /// Refuses anything behind the text's only value.
    mutating func finish() throws(ROSError) {
        skipBlanks()
        // Some writers end the text with the NUL of a C string.
        guard bytes[offset...].allSatisfy({ $0 == 0 }) else { throw failure("there is something behind its value") }
    }

    /// Calls `body` at each member's value, which it must read or step over.
    mutating func object(_ body: (inout JSONScanner, String) throws(ROSError) -> Void) throws(ROSError) {
        guard try enter(UInt8(ascii: "{"), UInt8(ascii: "}")) else { return }
        repeat {
            guard try kind() == .string else { throw failure("a member's name is missing") }
            let name = try string()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw failure("a colon is missing") }
            try body(&self, name)
        } while try next(UInt8(ascii: "}"))
    }

    /// Calls `body` at each element, which it must read or step over.
    mutating func array(_ body: (inout JSONScanner) throws(ROSError) -> Void) throws(ROSError) {
        guard try enter(UInt8(ascii: "["), UInt8(ascii: "]")) else { return }
        repeat { try body(&self) } while try next(UInt8(ascii: "]"))
    }

    private mutating func enter(_ open: UInt8, _ close: UInt8) throws(ROSError) -> Bool {
        skipBlanks()
        guard take(open) else { throw failure("there is something that is no value") }
        skipBlanks()
        return !take(close)
    }

    private mutating func next(_ close: UInt8) throws(ROSError) -> Bool {
        skipBlanks()
        if take(UInt8(ascii: ",")) { return true }
        guard take(close) else { throw failure("a comma or a closing bracket is missing") }
        return false
    }

    /// Steps over one value.
    mutating func skip(depth: Int = 0) throws(ROSError) {
        guard depth < Self.maximumDepth else { throw tooDeep }
        switch try kind() {
        case .object: try object { (scanner, _) throws(ROSError) in try scanner.skip(depth: depth + 1) }
        case .array: try array { (scanner) throws(ROSError) in try scanner.skip(depth: depth + 1) }
        case .string: _ = try stringRange()
        case .number: _ = try number()
        case .bool: _ = try bool()
        case .null: try null()
        }
    }

    /// Where the next string lies between its quotes, and whether it has escapes.
    mutating func stringRange() throws(ROSError) -> (range: Range<Int>, hasEscapes: Bool) {
        skipBlanks()
        guard take(UInt8(ascii: "\"")) else { throw failure("a text in quotes is missing") }
        let start = offset
        var hasEscapes = false
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return (start..<offset - 1, hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                offset += 2
            case 0..<0x20: throw failure("a text in quotes holds a control character")
            default: offset += 1
            }
        }
        throw failure("a text in quotes does not end")
    }

    /// Reads a string; bytes that are not UTF-8 and halves of surrogate pairs are replaced.
    mutating func string() throws(ROSError) -> String {
        let (range, hasEscapes) = try stringRange()
        guard hasEscapes else { return String(decoding: bytes[range], as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[index + 1])
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "u"):
                var units: [UInt16] = []
                // A character beyond the first 65,536 is two escapes.
                repeat {
                    units.append(try unit(at: index + 2, before: range.upperBound))
                    index += 6
                } while UTF16.isLeadSurrogate(units[units.count - 1]) && index + 1 < range.upperBound
                    && bytes[index] == UInt8(ascii: "\\") && bytes[index + 1] == UInt8(ascii: "u")
                text.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
                continue
            default: throw failure("a text in quotes has an escape that JSON does not have")
            }
            index += 2
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func unit(at start: Int, before end: Int) throws(ROSError) -> UInt16 {
        guard start + 4 <= end else { throw failure("an escape is too short") }
        var value: UInt16 = 0
        for index in start..<start + 4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else { throw failure("an escape has no number") }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    /// Reads a number: an integer where it is written as one and fits 64 bits, else the nearest double.
    mutating func number() throws(ROSError) -> FieldValue {
        skipBlanks()
        let start = offset
        for (word, value) in [("NaN", Double.nan), ("Infinity", .infinity), ("-Infinity", -.infinity)] where take(word) {
            return .float64(value)
        }
        let isNegative = take(UInt8(ascii: "-"))
        let first = offset
        let digits = skipDigits()
        guard digits > 0, digits == 1 || bytes[first] != UInt8(ascii: "0") else { throw failure("there is something that is no number") }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard skipDigits() > 0 else { throw failure("a number ends at its point") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw failure("a number ends at its exponent") }
        }
        guard offset - start <= Self.maximumNumberSize else { throw failure("a number is longer than any real one") }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger {
            if let value = Int64(text) { return .integer(value) }
            if !isNegative, let value = UInt64(text) { return .unsigned(value) }
        }
        guard let value = Double(text) else { throw failure("there is something that is no number") }
        return .float64(value)
    }

    private mutating func skipDigits() -> Int {
        let start = offset
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
        return offset - start
    }

    /// Reads `true` or `false`.
    mutating func bool() throws(ROSError) -> Bool {
        skipBlanks()
        if take("true") { return true }
        guard take("false") else { throw failure("there is something that is no value") }
        return false
    }

    /// Reads `null`.
    mutating func null() throws(ROSError) {
        skipBlanks()
        guard take("null") else { throw failure("there is something that is no value") }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private mutating func take(_ word: String) -> Bool {
        guard bytes[offset...].starts(with: word.utf8) else { return false }
        offset += word.utf8.count
        return true
    }

    var tooDeep: ROSError { ROSError(.payload, "A JSON text nests more than \(Self.maximumDepth) deep.") }

    func failure(_ what: String) -> ROSError {
        ROSError(.payload, "A JSON text cannot be read at byte \(min(offset, bytes.count)): \(what).")
    }
}
