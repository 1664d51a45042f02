/// Sizes in bytes with a sign before them or not: `2GiB`, `-2GiB`.
public enum SignedSize {
    /// A regular expression for them, for schemas.
    public static let pattern = "^[+-]?" + ByteSize.pattern.dropFirst()

    /// The number of bytes, or nil where the text is no size, or exceeds 64 bits.
    public static func parse(_ text: String) -> Int64? {
        if text.hasPrefix("-") { return ByteSize.parse(String(text.dropFirst())).map { -$0 } }
        return ByteSize.parse(text.hasPrefix("+") ? String(text.dropFirst()) : text)
    }

    /// The size with the largest unit of which it is a whole multiple; reads back as the same size.
    public static func text(_ bytes: Int64) -> String {
        bytes < 0 && bytes != .min ? "-\(ByteSize.text(-bytes))" : ByteSize.text(bytes)
    }
}
