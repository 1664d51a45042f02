/// Text in the language of man(7), line by line.
struct Roff {
    private(set) var lines: [String] = []

    /// A request such as `.SH`, with its arguments in quotes.
    mutating func macro(_ name: String, _ arguments: String...) {
        lines.append(([".\(name)"] + arguments.map { "\"\(Self.escaped($0))\"" }).joined(separator: " "))
    }

    /// A request without arguments.
    mutating func macro(_ name: String) {
        lines.append(".\(name)")
    }

    /// Running text; empty lines begin paragraphs.
    mutating func text(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { lines.append(".PP") } else { lines.append(Self.line(String(line))) }
        }
    }

    /// A line that may hold font changes, whose parts were escaped before.
    mutating func raw(_ line: String) {
        lines.append(line)
    }

    /// A list's entry: a bold term, and what it means.
    mutating func entry(_ term: String, _ paragraphs: [String]) {
        macro("TP")
        lines.append(term)
        for (index, paragraph) in paragraphs.enumerated() {
            if index > 0 { lines.append(".br") }
            text(paragraph)
        }
    }

    /// Characters in which the formatter would see more than themselves, written so that it does not.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\"": result += "\\(dq"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "~": result += "\\(ti"
            case "^": result += "\\(ha"
            default: result.append(character)
            }
        }
        return result
    }

    /// Bold text.
    static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

    /// Text that stands for something else.
    static func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }

    private static func line(_ text: String) -> String {
        let escaped = escaped(text)
        // At the beginning of a line these would be a request.
        return escaped.hasPrefix(".") ? "\\&\(escaped)" : escaped
    }
}
