/// Patterns with `*`, `?` and `[...]`, case-sensitive, as shells and requests know them; `*` matches `/` too.
enum Glob {
    /// Whether a text is a pattern and not only a name.
    static func isGlob(_ text: String) -> Bool {
        text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
    }

    /// The pattern in SQLite's dialect, which negates a set with `^` only, and knows no bracket that stands for itself.
    static func sqlite(_ pattern: String) -> String {
        let characters = Array(pattern.unicodeScalars)
        var result = String.UnicodeScalarView()
        var index = 0
        while index < characters.count {
            guard characters[index] == "[" else {
                result.append(characters[index])
                index += 1
                continue
            }
            guard let end = end(of: characters, from: index) else {
                result.append(contentsOf: "[[]".unicodeScalars)
                index += 1
                continue
            }
            result.append("[")
            var inner = characters[(index + 1)..<end]
            if inner.first == "!" || inner.first == "^" {
                result.append("^")
                inner.removeFirst()
            }
            result.append(contentsOf: inner)
            result.append("]")
            index = end + 1
        }
        return String(result)
    }

    /// Where a set ends; a bracket right at its beginning belongs to it.
    ///
    /// Nil where it does not end.
    private static func end(of characters: [Unicode.Scalar], from start: Int) -> Int? {
        var index = start + 1
        if index < characters.count, characters[index] == "!" || characters[index] == "^" { index += 1 }
        if index < characters.count, characters[index] == "]" { index += 1 }
        while index < characters.count {
            if characters[index] == "]" { return index }
            index += 1
        }
        return nil
    }
}
