import Mustache

/// Words in pieces between which a line may end: names of topics have no spaces, and break badly anywhere.
///
/// A piece ends behind each slash, and in a long stretch without one behind underscores and hyphens, too.
struct BreakableText {
    /// How a template writes it, inside a section of its own.
    static let template = "{{start}}{{#rest}}<wbr>{{.}}{{/rest}}"

    /// The first piece.
    var start: String
    /// The others.
    var rest: [String]

    /// Stretches up to so long stay whole.
    private static let longest = 16

    init(_ text: String) {
        var pieces: [String] = []
        var piece = text.startIndex
        var stretch = text.startIndex
        func isBreak(_ place: String.Index) -> Bool { text.utf8[place] == UInt8(ascii: "_") || text.utf8[place] == UInt8(ascii: "-") }
        /// Ends pieces in a stretch that is too long; more than a few bytes stay together.
        func divide(upTo end: String.Index) {
            guard text.utf8.distance(from: stretch, to: end) > Self.longest else { return }
            var place = stretch
            while place < end {
                let next = text.utf8.index(after: place)
                if isBreak(place), text.utf8.distance(from: piece, to: next) > 3, text.utf8.distance(from: next, to: end) > 2 {
                    pieces.append(String(text[piece..<next]))
                    piece = next
                }
                place = next
            }
        }
        var place = text.startIndex
        while place < text.endIndex {
            let next = text.utf8.index(after: place)
            let byte = text.utf8[place]
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: " ") {
                divide(upTo: place)
                stretch = next
                // A slash that begins a name stays with it.
                if byte == UInt8(ascii: "/"), next < text.endIndex, text.utf8.distance(from: piece, to: next) > 1,
                    text.utf8[text.utf8.index(before: place)] != UInt8(ascii: " ")
                {
                    pieces.append(String(text[piece..<next]))
                    piece = next
                }
            }
            place = next
        }
        divide(upTo: text.endIndex)
        pieces.append(String(text[piece...]))
        start = pieces.removeFirst()
        rest = pieces
    }
}

// A page has thousands of names: the template asks for the pieces by name rather than through reflection.
extension BreakableText: MustacheParent {
    func child(named name: String) -> Any? {
        switch name {
        case "start": start
        case "rest": rest
        default: nil
        }
    }
}
