/// Sizes in bytes as people write them: `512MiB`, `2TiB`, `1.5GB`.
public enum ByteSize {
    /// The units with their sizes in bytes, the largest first.
    ///
    /// Powers of 1024 have an `i` (IEC 80000-13), the others are powers of 1000.
    static let units: [(name: String, bytes: Int64)] = [
        ("PiB", 1 << 50), ("PB", 1_000_000_000_000_000), ("TiB", 1 << 40), ("TB", 1_000_000_000_000), ("GiB", 1 << 30),
        ("GB", 1_000_000_000),
        ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("kB", 1_000), ("B", 1),
    ]

    /// A regular expression for sizes, for schemas.
    static let pattern = "^[0-9]+(\\.[0-9]+)?(\(units.map(\.name).joined(separator: "|")))$"

    /// The size in bytes, or nil where the text is not a number followed by a unit, or exceeds 64 bits.
    public static func parse(_ text: String) -> Int64? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let unit = units.first(where: { $0.name == text[number.endIndex...] }) else { return nil }
        return scaled(number, by: unit.bytes)
    }

    /// The size with the largest unit of which it is a whole multiple; reads back as the same size.
    ///
    /// Negative sizes have no such text and are written as 0B.
    public static func text(_ bytes: Int64) -> String {
        guard bytes > 0 else { return "0B" }
        guard let unit = units.first(where: { bytes % $0.bytes == 0 }) else { return "\(bytes)B" }
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}
