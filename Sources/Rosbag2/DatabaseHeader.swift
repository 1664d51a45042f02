import Files

/// What the first bytes of an SQLite file say about it; see https://sqlite.org/fileformat.html.
struct DatabaseHeader {
    /// The file's size in bytes.
    let fileSize: Int64
    /// The size that the file should have; `nil` where its header doesn't say so reliably.
    let declaredSize: Int64?

    static let magic = Array("SQLite format 3\0".utf8)

    /// Reads a file's header.
    ///
    /// - Returns: `nil` where the file doesn't begin as SQLite's do.
    static func read(_ path: String) throws(FileError) -> DatabaseHeader? {
        let file = try OpenFile.reading(path)
        let bytes = try file.read(upTo: 100)
        guard bytes.count == 100, bytes.starts(with: magic) else { return nil }
        let size = Int64(bytes[16]) << 8 | Int64(bytes[17])
        let pages = bytes[28..<32].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        // Writers older than the field leave it alone when they change the file, and the counter behind it with it.
        let isReliable = pages > 0 && bytes[24..<28].elementsEqual(bytes[92..<96])
        return DatabaseHeader(fileSize: try file.status().bytes, declaredSize: isReliable ? pages * (size == 1 ? 65536 : size) : nil)
    }

    /// Whether the file ends before its last page.
    var isCut: Bool { declaredSize.map { fileSize < $0 } ?? false }
}
