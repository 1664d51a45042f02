/// Gives every image of a package a name without folders that no other one has.
struct FlatNames {
    /// Stems that are taken, in small letters: some file systems tell no others apart.
    private var taken: Set<String> = []
    /// Where the numbering of a stem that is taken goes on.
    private var next: [String: Int] = [:]

    /// The name for an image of a path.
    ///
    /// White space becomes `_`, since lists of images are read word by word. Labels are found by the stem, so that two
    /// images that differ only in their extensions need different stems; from the second on they get a number.
    mutating func name(for path: String) -> String {
        let last = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
        var (stem, end) = Self.split(last)
        let isPlain = stem.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        if !isPlain {
            stem = String(String.UnicodeScalarView(stem.unicodeScalars.map { $0.properties.isWhitespace || $0.value < 32 ? "_" : $0 }))
        }
        let folded = stem.lowercased()
        if taken.insert(folded).inserted { return stem + end }
        var number = next[folded] ?? 2
        while !taken.insert("\(folded)_\(number)").inserted { number += 1 }
        next[folded] = number + 1
        return "\(stem)_\(number)\(end)"
    }

    /// A file's name in two: before its last dot, and from there on.
    static func split(_ name: String) -> (stem: String, end: String) {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return (name, "") }
        return (String(name[..<dot]), String(name[dot...]))
    }
}
