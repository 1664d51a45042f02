/// A path, or a name in one, as a key: told apart by its bytes, as the file system does.
///
/// Texts are equal where Unicode has several spellings of the same characters, so that a set of texts takes two files for one.
public struct ExactPath: Hashable, Sendable {
    /// The path.
    public let text: String

    /// A path as a key.
    public init(_ text: String) {
        self.text = text
    }

    /// Whether both have the same bytes.
    public static func == (left: ExactPath, right: ExactPath) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
