/// A text in a YAML document, and whether it was quoted: `"30"` is a text, `30` a number.
public struct Scalar: Hashable, Sendable {
    /// The text, with escapes resolved.
    public var text: String
    /// Whether it stood there without quotes and not as a block, so that it may be a number, a boolean or nothing.
    public var isPlain: Bool

    /// A text in a YAML document.
    public init(_ text: String, isPlain: Bool) {
        self.text = text
        self.isPlain = isPlain
    }
}

extension Scalar {
    /// What a scalar stands for.
    public enum Meaning: Hashable, Sendable {
        /// Nothing: an absent value, `~` or `null`.
        case null
        case boolean(Bool)
        /// A whole number that fits 64 bits.
        case integer(Int64)
        /// Any other number; may be infinite or not a number.
        case decimal(Double)
        case text
        /// Something that YAML 1.1 and YAML 1.2 read differently, and how to say what is meant.
        case ambiguous(hint: String)
    }

    /// What the scalar stands for by the core schema of YAML 1.2 (chapter 10.3.2 of the specification).
    ///
    /// The words that YAML 1.1 reads as booleans and YAML 1.2 as texts (`yes`, `no`, `on`, `off`) and numbers with a
    /// leading zero (octal in 1.1, decimal in 1.2) are neither: silently taking one reading would surprise half of their
    /// writers. The single letters `y` and `n` are texts, as in every reader in use, because they name joints and axes.
    public var meaning: Meaning {
        guard isPlain else { return .text }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF":
            let boolean = ["yes", "on"].contains(text.lowercased())
            return .ambiguous(hint: "Write \(boolean) for the boolean, or \"\(text)\" in quotes for the text.")
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .decimal(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .decimal(-.infinity)
        case ".nan", ".NaN", ".NAN": return .decimal(.nan)
        default: return number ?? .text
        }
    }

    /// The finite number that the scalar stands for, or nil where it stands for none.
    public var finiteNumber: Double? {
        switch meaning {
        case .integer(let value): Double(value)
        case .decimal(let value) where value.isFinite: value
        default: nil
        }
    }

    /// The scalar as a number, or nil where it is none.
    private var number: Meaning? {
        let bytes = Array(text.utf8)
        if bytes.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "x")]) { return prefixed(bytes, radix: 16) }
        if bytes.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "o")]) { return prefixed(bytes, radix: 8) }

        var rest = bytes[...]
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        if rest.isEmpty, !whole.isEmpty {
            if whole.count > 1, whole.first == UInt8(ascii: "0") {
                return .ambiguous(hint: "Write the number without its leading zero, or \"\(text)\" in quotes for the text.")
            }
            // Beyond 64 bits it is still a number, so that a message can say that it is out of range.
            return Int64(text).map { .integer($0) } ?? Double(text).map { .decimal($0) }
        }
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !whole.isEmpty || !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        if let e = rest.first, e == UInt8(ascii: "e") || e == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
            let exponent = rest.prefix(while: isDigit)
            guard !exponent.isEmpty else { return nil }
            rest = rest.dropFirst(exponent.count)
        }
        guard rest.isEmpty else { return nil }
        return Double(text).map { .decimal($0) }
    }

    private func prefixed(_ bytes: [UInt8], radix: Int) -> Meaning? {
        let digits = String(decoding: bytes.dropFirst(2), as: UTF8.self)
        guard let first = digits.first, first != "-", first != "+" else { return nil }
        return Int64(digits, radix: radix).map { .integer($0) }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
