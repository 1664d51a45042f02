import ExportCore
import FoundationEssentials

/// Cells of a table as bytes, one after another, with what could not be written as it was counted.
struct CellText: ~Copyable {
    private var buffer: TextBuffer
    /// Numbers that are none, which have no text.
    private(set) var notFinite = 0
    /// Control characters that CSV has no place for.
    private(set) var replaced = 0
    /// Texts that hold U+FFFD, which stands for bytes that were not UTF-8.
    private(set) var undecodable = 0

    /// Integers that are written as texts, since readers would round them.
    private(set) var textIntegers = 0

    private let isJSON: Bool
    private let isExcelSafe: Bool

    /// 2^53 - 1: readers of JSON may put any number into a double.
    private static let largestExact: UInt64 = 1 << 53 - 1
    /// More digits than this Excel turns into zeros.
    private static let largestInExcel: UInt64 = 999_999_999_999_999

    init(_ dialect: TableDialect, capacity: Int = 256) {
        buffer = TextBuffer(capacity: capacity)
        switch dialect {
        case .json: (isJSON, isExcelSafe) = (true, false)
        case .csv(_, let safe): (isJSON, isExcelSafe) = (false, safe)
        }
    }

    /// How many bytes there are.
    var count: Int { buffer.count }

    /// All bytes.
    var bytes: [UInt8] { buffer.bytes() }

    /// The bytes from a place on.
    func bytes(from place: Int) -> [UInt8] { buffer.bytes(from: place) }

    /// Calls `body` with the bytes, which are valid during the call only.
    func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R { try buffer.withBytes(body) }

    /// Forgets the bytes and keeps the counts.
    mutating func removeAll() { buffer.cut(to: 0) }

    /// Forgets what came behind a place.
    mutating func cut(to count: Int) { buffer.cut(to: count) }

    mutating func raw(_ byte: UInt8) { buffer.append(byte) }

    mutating func raw(_ other: some Collection<UInt8>) { buffer.append(other) }

    mutating func boolean(_ value: Bool) { raw((value ? "true" : "false").utf8) }

    mutating func integer(_ value: Int64) {
        let isQuoted = quotes(value.magnitude)
        if value < 0 { buffer.append(UInt8(ascii: "-")) }
        buffer.append(digitsOf: value.magnitude)
        if isQuoted { buffer.append(UInt8(ascii: "\"")) }
    }

    mutating func unsigned(_ value: UInt64) {
        let isQuoted = quotes(value)
        buffer.append(digitsOf: value)
        if isQuoted { buffer.append(UInt8(ascii: "\"")) }
    }

    /// Nanoseconds: exact in CSV, and in JSON a text whatever their size, so that a column is all of one kind.
    mutating func nanoseconds(_ value: Int64) {
        guard isJSON else { return integer(value) }
        buffer.append(UInt8(ascii: "\""))
        if value < 0 { buffer.append(UInt8(ascii: "-")) }
        buffer.append(digitsOf: value.magnitude)
        buffer.append(UInt8(ascii: "\""))
    }

    mutating func number(_ value: Double) {
        guard value.isFinite else { return notFinite += 1 }
        buffer.append(value)
    }

    mutating func number(_ value: Float) {
        guard value.isFinite else { return notFinite += 1 }
        buffer.append(value)
    }

    mutating func text(_ text: String) {
        if Self.holdsReplacement(text.utf8) { undecodable += 1 }
        if isJSON { jsonText(text.utf8) } else { csvText(text.utf8) }
    }

    /// A text as it lies in a message; bytes that are not UTF-8 are replaced.
    mutating func text(_ text: UnsafeRawBufferPointer) {
        guard text.allSatisfy({ $0 < 0x80 }) else { return self.text(String(decoding: text, as: UTF8.self)) }
        if isJSON { jsonText(text) } else { csvText(text) }
    }

    /// A cell that holds JSON.
    mutating func json(_ body: (inout CellText) -> Void) {
        guard !isJSON else { return body(&self) }
        var inner = CellText(.json)
        body(&inner)
        notFinite += inner.notFinite
        undecodable += inner.undecodable
        inner.withBytes { csvText($0) }
    }

    /// JSON's word for a number that is none.
    mutating func noNumber() {
        notFinite += 1
        raw("null".utf8)
    }

    mutating func base64(_ data: [UInt8]) {
        let text = Data(data).base64EncodedString()
        // No bytes are something else than no cell.
        let isQuoted = isJSON || data.isEmpty
        if isQuoted { buffer.append(UInt8(ascii: "\"")) }
        if isExcelSafe, Self.isTakenAmiss(text.utf8) { buffer.append(UInt8(ascii: "'")) }
        raw(text.utf8)
        if isQuoted { buffer.append(UInt8(ascii: "\"")) }
    }

    /// Begins an integer that a reader would round, so that it becomes a text: with a quote, or an apostrophe for a spreadsheet.
    private mutating func quotes(_ magnitude: UInt64) -> Bool {
        if isJSON, magnitude > Self.largestExact {
            textIntegers += 1
            buffer.append(UInt8(ascii: "\""))
            return true
        }
        if isExcelSafe, magnitude > Self.largestInExcel {
            textIntegers += 1
            buffer.append(UInt8(ascii: "'"))
        }
        return false
    }

    private mutating func jsonText(_ text: some Collection<UInt8>) {
        buffer.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                buffer.append(UInt8(ascii: "\\"))
                buffer.append(byte)
            case UInt8(ascii: "\n"): raw(#"\n"#.utf8)
            case UInt8(ascii: "\r"): raw(#"\r"#.utf8)
            case UInt8(ascii: "\t"): raw(#"\t"#.utf8)
            case ..<0x20, 0x7F:
                raw(#"\u00"#.utf8)
                buffer.append(Self.hexadecimal[Int(byte >> 4)])
                buffer.append(Self.hexadecimal[Int(byte & 15)])
            default: buffer.append(byte)
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    /// A cell by RFC 4180, in quotes where it needs them; an empty text too, which is something else than no text.
    private mutating func csvText(_ text: some Collection<UInt8>) {
        let isTakenAmiss = isExcelSafe && Self.isTakenAmiss(text)
        if !isTakenAmiss, !text.isEmpty, text.allSatisfy({ Self.isPlain($0) }) { return raw(text) }
        buffer.append(UInt8(ascii: "\""))
        if isTakenAmiss { buffer.append(UInt8(ascii: "'")) }
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""):
                buffer.append(byte)
                buffer.append(byte)
            case 0x09, 0x0A, 0x0D: buffer.append(byte)
            case ..<0x20, 0x7F:
                raw(Self.replacement)
                replaced += 1
            default: buffer.append(byte)
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }

    /// U+FFFD.
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// Whether a character may stand in a cell without quotes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"")
    }

    /// Whether Excel, Calc or Sheets take a text for a formula, or for a number of which they leave digits out.
    static func isTakenAmiss(_ text: some Collection<UInt8>) -> Bool {
        SpreadsheetFormula.begins(text) || hasLostDigits(text)
    }

    private static func hasLostDigits(_ text: some Collection<UInt8>) -> Bool {
        guard text.count > 15 || text.count > 1 && text.first == UInt8(ascii: "0") else { return false }
        return text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func holdsReplacement(_ text: some Collection<UInt8>) -> Bool {
        var matched = 0
        for byte in text {
            if byte == replacement[matched] {
                matched += 1
                if matched == replacement.count { return true }
            } else {
                matched = byte == replacement[0] ? 1 : 0
            }
        }
        return false
    }
}
