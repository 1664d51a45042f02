/// Cuts OMG IDL into words, numbers, texts and signs (IDL 4.2, 7.2); comments and preprocessor lines are left out.
struct IDLLexer {
    /// One piece of the text, with the line that it stands on.
    struct Token: Hashable {
        enum Kind: Hashable {
            case word
            case integer(Int)
            /// A number with a fraction or an exponent, as written.
            case real
            /// What stands between quotes.
            case text
            /// One character, or `::`.
            case sign
        }

        let kind: Kind
        let text: String
        let line: Int
    }

    /// How many pieces one text may have.
    static let maximumTokens = 1 << 20

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var isAtLineStart = true

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The pieces of a text.
    static func tokens(of text: String) throws(ROSError) -> [Token] {
        var lexer = IDLLexer(text)
        var tokens: [Token] = []
        while let token = try lexer.next() {
            guard tokens.count < maximumTokens else { throw lexer.failure("it has more than \(maximumTokens) words and signs") }
            tokens.append(token)
        }
        return tokens
    }

    private mutating func next() throws(ROSError) -> Token? {
        try skipBlanks()
        guard position < bytes.count else { return nil }
        isAtLineStart = false
        let start = position
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quoted(byte)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case _ where Self.isWordPart(byte):
            while position < bytes.count, Self.isWordPart(bytes[position]) { position += 1 }
            return Token(kind: .word, text: text(start..<position), line: line)
        case UInt8(ascii: ":") where position + 1 < bytes.count && bytes[position + 1] == byte:
            position += 2
        case 0x21...0x7E:
            position += 1
        default:
            throw failure("there is a character that IDL does not have")
        }
        return Token(kind: .sign, text: text(start..<position), line: line)
    }

    /// Steps over blanks, comments, preprocessor lines, and the lines that MCAP puts between files.
    private mutating func skipBlanks() throws(ROSError) {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\n"):
                line += 1
                position += 1
                isAtLineStart = true
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), 0x0B, 0x0C, 0:
                position += 1
            case UInt8(ascii: "#") where isAtLineStart:
                skipLine()
            case UInt8(ascii: "=") where isAtLineStart && startsWith("==="), UInt8(ascii: "I") where isAtLineStart && startsWith("IDL:"):
                skipLine()
            case UInt8(ascii: "/") where startsWith("//"):
                skipLine()
            case UInt8(ascii: "/") where startsWith("/*"):
                position += 2
                while !startsWith("*/") {
                    guard position < bytes.count else { throw failure("a comment does not end") }
                    if bytes[position] == UInt8(ascii: "\n") { line += 1 }
                    position += 1
                }
                position += 2
            default:
                return
            }
        }
    }

    private mutating func skipLine() {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    }

    private func startsWith(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    private mutating func quoted(_ quote: UInt8) throws(ROSError) -> Token {
        let first = line
        position += 1
        var content: [UInt8] = []
        while position < bytes.count, bytes[position] != quote {
            if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count {
                position += 1
                switch bytes[position] {
                case UInt8(ascii: "n"): content.append(UInt8(ascii: "\n"))
                case UInt8(ascii: "t"): content.append(UInt8(ascii: "\t"))
                case UInt8(ascii: "r"): content.append(UInt8(ascii: "\r"))
                default: content.append(bytes[position])
                }
            } else {
                content.append(bytes[position])
            }
            if bytes[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
        guard position < bytes.count else { throw failure("a text in quotes does not end") }
        position += 1
        return Token(kind: .text, text: String(decoding: content, as: UTF8.self), line: first)
    }

    private mutating func number() throws(ROSError) -> Token {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            let isExponentSign =
                (byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+"))
                && (bytes[position - 1] | 0x20) == UInt8(ascii: "e") && !isHexadecimal(start)
            guard Self.isWordPart(byte) || byte == UInt8(ascii: ".") || isExponentSign else { break }
            position += 1
        }
        let written = text(start..<position)
        if let value = Self.integer(written) { return Token(kind: .integer(value), text: written, line: line) }
        let digits = written.utf8.last.map { $0 | 0x20 == UInt8(ascii: "f") || $0 | 0x20 == UInt8(ascii: "d") } == true
        guard Double(digits ? String(written.dropLast()) : written) != nil else { throw failure("\"\(written)\" is not a number") }
        return Token(kind: .real, text: written, line: line)
    }

    private func isHexadecimal(_ start: Int) -> Bool {
        start + 1 < position && bytes[start] == UInt8(ascii: "0") && bytes[start + 1] | 0x20 == UInt8(ascii: "x")
    }

    /// A decimal, octal (`017`) or hexadecimal (`0xF`) integer.
    private static func integer(_ text: String) -> Int? {
        let lower = text.lowercased()
        if lower.hasPrefix("0x") { return Int(lower.dropFirst(2), radix: 16) }
        if lower.hasPrefix("0"), lower.utf8.count > 1 { return Int(lower.dropFirst(), radix: 8) }
        return Int(lower)
    }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private func failure(_ what: String) -> ROSError {
        ROSError(.definition, "Line \(line) of the message definition (IDL) cannot be used: \(what).")
    }
}
