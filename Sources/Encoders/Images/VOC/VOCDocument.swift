import ImageSets

/// The XML of one image, as bytes.
struct VOCDocument {
    private(set) var bytes: [UInt8] = []

    /// Forgets everything and keeps the memory.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Markup, as it is.
    mutating func markup(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Markup that was made before.
    mutating func markup(_ bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }

    /// A whole number.
    mutating func number(_ value: Int) {
        DecimalText.append(Int64(value), to: &bytes)
    }

    /// A text, with what would be markup escaped, and what XML does not allow replaced.
    mutating func text(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "&")
                && byte != UInt8(ascii: "\"")
        }
        if isPlain { return bytes.append(contentsOf: text.utf8) }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": markup("&lt;")
            case ">": markup("&gt;")
            case "&": markup("&amp;")
            case "\"": markup("&quot;")
            case "\t", "\n", "\r": bytes.append(UInt8(ascii: " "))
            default:
                let isAllowed = scalar.value >= 0x20 && scalar.value & 0xFFFE != 0xFFFE
                bytes.append(contentsOf: String(isAllowed ? scalar : "\u{FFFD}").utf8)
            }
        }
    }
}
