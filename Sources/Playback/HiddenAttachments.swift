import MCAP

extension PlaybackContent {
    /// Whether an attachment is left out: a picture beside the messages may show what theirs do not any more.
    func hides(_ entry: AttachmentEntry, of file: MCAPFile) throws -> Bool {
        guard source.volumes.contains(where: { $0.transform != nil }) else { return false }
        return try entry.isCalledPicture || file.withAttachment(entry) { data in AttachmentEntry.beginsAsPicture(data) }
    }
}

extension AttachmentEntry {
    /// Whether its type or its name says that it is a picture, a video, or an archive or a document that may hold some.
    fileprivate var isCalledPicture: Bool {
        let type = mediaType.lowercased()
        let endings = [
            ".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif", ".mp4", ".mkv", ".avi", ".mov", ".webm",
            ".zip", ".tar", ".gz", ".zst", ".xz", ".7z", ".pdf", ".html", ".svg", ".mcap", ".bag",
        ]
        return type.hasPrefix("image/") || type.hasPrefix("video/") || endings.contains { name.lowercased().hasSuffix($0) }
    }

    /// Whether bytes begin as pictures, videos and such archives and documents do, whatever they are called.
    fileprivate static func beginsAsPicture(_ data: RawSpan) -> Bool {
        let head = data.withUnsafeBytes { Array($0.prefix(12)) }
        let beginnings: [[UInt8]] = [
            [0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47], Array("GIF8".utf8), Array("RIFF".utf8), Array("BM".utf8), [0x49, 0x49, 0x2A, 0],
            [0x4D, 0x4D, 0, 0x2A], [0x1A, 0x45, 0xDF, 0xA3], [0x50, 0x4B, 3, 4], [0x1F, 0x8B], [0x28, 0xB5, 0x2F, 0xFD],
            Array("%PDF".utf8),
        ]
        // ISO base media files, such as MP4, AVIF and HEIC, name themselves behind a length.
        return beginnings.contains { head.starts(with: $0) } || head.dropFirst(4).starts(with: "ftyp".utf8)
    }
}
