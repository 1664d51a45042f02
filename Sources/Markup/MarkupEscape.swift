public import Mustache

/// How every value gets into the page: names come from recordings, and those may come from anyone.
///
/// It works on scalars, where the library's own goes by characters and lets a quote with a combining mark pass. What
/// would be invisible, turn the direction of the text around it or be no XML at all is shown as its code instead.
public struct MarkupEscape: MustacheContentType {
    /// The name under which the templates ask for it.
    public static let name = "EXPORTD_MARKUP"

    /// The escaping.
    public init() {}

    /// The text as it may stand in markup.
    public func escapeText(_ text: String) -> String {
        // Numbers and paths, nearly all that a page holds, need nothing.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x26 && $0 != 0x27 && $0 != 0x3C && $0 != 0x3E }) {
            return text
        }
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default:
                if Self.isUnseen(scalar) {
                    escaped += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
                } else {
                    escaped.unicodeScalars.append(scalar)
                }
            }
        }
        return escaped
    }

    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true  // control characters
        case 0x061C, 0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true  // direction, line ends, nothing
        case 0xE0000...0xE007F: true  // tags
        case 0xFFF9...0xFFFF: true
        case let value: value & 0xFFFE == 0xFFFE  // no characters
        }
    }
}

/// A name cut to a length that a table bears, with a mark where it was cut.
public func shortened(_ name: String, to limit: Int = 160) -> String {
    let scalars = name.unicodeScalars
    guard let cut = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex), cut < scalars.endIndex else {
        return name
    }
    return String(scalars[..<cut]) + "…"
}
