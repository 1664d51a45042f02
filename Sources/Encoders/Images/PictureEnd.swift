/// Whether the last bytes of a picture's file are the end that its kind has: a copy that broke off, or a disk that was full, leaves a
/// whole header and part of the picture.
enum PictureEnd {
    /// How many of the last bytes must be seen: cameras put padding and marks of their own behind the end.
    static let bytes = 1 << 12

    /// Whether a picture is cut off, as far as that can be told without decoding it.
    ///
    /// - Parameters:
    ///   - head: the file's first bytes.
    ///   - tail: its last `bytes`, or all where it is shorter.
    ///   - size: of the file.
    static func isMissing(head: [UInt8], tail: [UInt8], size: Int64) -> Bool {
        if head.starts(with: [0xFF, 0xD8]) { return !contains([0xFF, 0xD9], tail) }
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return !contains(Array("IEND".utf8), tail) }
        if head.count >= 12, head.starts(with: "RIFF".utf8), head[8..<12].elementsEqual("WEBP".utf8) {
            let content = head[4..<8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
            return size < content + 8
        }
        return false
    }

    private static func contains(_ mark: [UInt8], _ bytes: [UInt8]) -> Bool {
        guard bytes.count >= mark.count else { return false }
        return (0...bytes.count - mark.count).contains { place in bytes[place] == mark[0] && bytes[place...].starts(with: mark) }
    }
}
