/// Patterns with `*`, `?` and `[...]`, case-sensitive, as requests know them; `*` matches `/` too.
public enum NamePattern {
    /// Whether a text is a pattern and not only a name.
    public static func isPattern(_ text: String) -> Bool {
        text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
    }

    /// Whether a pattern describes the whole of a text.
    ///
    /// A star that fails is widened by one character and only the last one, which is enough: time grows with the product
    /// of the two lengths, whatever the pattern.
    public static func matches(_ pattern: String, _ text: String) -> Bool {
        let pattern = Array(pattern.unicodeScalars)
        let text = Array(text.unicodeScalars)
        var place = 0
        var index = 0
        var star: (place: Int, index: Int)?
        while index < text.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, index)
                place += 1
            } else if let next = step(pattern, at: place, over: text[index]) {
                place = next
                index += 1
            } else if let last = star {
                star = (last.place, last.index + 1)
                place = last.place + 1
                index = last.index + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }

    /// The place behind the element of the pattern that stands for this character; nil where it doesn't.
    private static func step(_ pattern: [Unicode.Scalar], at place: Int, over scalar: Unicode.Scalar) -> Int? {
        guard place < pattern.count else { return nil }
        if pattern[place] == "[", let end = endOfSet(pattern, from: place) {
            return isInSet(pattern[(place + 1)..<end], scalar) ? end + 1 : nil
        }
        return pattern[place] == "?" || pattern[place] == scalar ? place + 1 : nil
    }

    /// Where a set ends; a bracket right at its beginning belongs to it, and a bracket without an end stands for itself.
    private static func endOfSet(_ pattern: [Unicode.Scalar], from start: Int) -> Int? {
        var place = start + 1
        if place < pattern.count, pattern[place] == "!" || pattern[place] == "^" { place += 1 }
        if place < pattern.count, pattern[place] == "]" { place += 1 }
        return pattern[min(place, pattern.count)...].firstIndex(of: "]")
    }

    private static func isInSet(_ set: ArraySlice<Unicode.Scalar>, _ scalar: Unicode.Scalar) -> Bool {
        var rest = set
        let isNegated = rest.first == "!" || rest.first == "^"
        if isNegated { rest.removeFirst() }
        while let first = rest.popFirst() {
            if rest.count >= 2, rest.first == "-" {
                rest.removeFirst()
                guard let last = rest.popFirst() else { break }
                if first <= scalar, scalar <= last { return !isNegated }
            } else if first == scalar {
                return !isNegated
            }
        }
        return isNegated
    }
}
