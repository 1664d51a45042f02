import Bytes
import Compression

/// A file that the recorder put into the recording.
public struct AttachmentEntry: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its media type, such as `application/json`.
    public let mediaType: String
    /// When it was recorded, in nanoseconds.
    public let logTime: UInt64
    /// When it was made, in nanoseconds; 0 where that isn't known.
    public let createTime: UInt64
    /// Its size in bytes.
    public let size: Int

    /// Where its content lies in the recording.
    let content: Range<Int>
}

/// A map of texts that the recorder put into the recording.
public struct MetadataEntry: Hashable, Sendable {
    /// The map's name.
    public let name: String

    /// Where its content lies in the recording.
    let content: Range<Int>
}

extension MCAPFile {
    /// Calls `body` with an attachment's bytes, which are valid during the call only.
    ///
    /// A wrong checksum is a problem listed, and the bytes are given all the same.
    ///
    /// - Throws: `MCAPError` where the record is damaged; what `body` throws.
    public func withAttachment<R>(_ entry: AttachmentEntry, _ body: (RawSpan) throws -> R) throws -> R {
        try mapped.withBytes { bytes in
            guard let content = slice(bytes, entry.content), let fields = try? AttachmentFields(content) else {
                throw MCAPError(.unreadableRecord, path, "The attachment “\(entry.name)” is damaged.")
            }
            if fields.crc != 0, CRC32.of(fields.checked) != fields.crc {
                report(.crcMismatch, at: entry.content.lowerBound, "The checksum of the attachment “\(entry.name)” is wrong. It was used.")
            }
            return try body(fields.data.bytes)
        }
    }

    /// The texts of a metadata record.
    ///
    /// - Throws: `MCAPError` where the record is damaged.
    public func values(of entry: MetadataEntry) throws(MCAPError) -> [String: String] {
        let values = mapped.withBytes { bytes -> [String: String]? in
            guard let content = slice(bytes, entry.content) else { return nil }
            var cursor = Cursor(content)
            guard (try? cursor.readCounted32()) != nil else { return nil }
            return try? readTextMap(&cursor)
        }
        guard let values else { throw MCAPError(.unreadableRecord, path, "The metadata “\(entry.name)” is damaged.") }
        return values
    }

    func addAttachment(_ record: Record, _ bytes: UnsafeRawBufferPointer) {
        let range = record.content..<record.end
        guard let content = slice(bytes, range), let fields = try? AttachmentFields(content) else {
            report(.damagedRecord, at: record.start, "The attachment at byte \(record.start) is damaged, and was left out.")
            return
        }
        attachments.append(
            AttachmentEntry(
                name: fields.name,
                mediaType: fields.mediaType,
                logTime: fields.logTime,
                createTime: fields.createTime,
                size: fields.data.count,
                content: range
            )
        )
    }

    func addMetadata(_ record: Record, _ bytes: UnsafeRawBufferPointer) {
        var cursor = Cursor(UnsafeRawBufferPointer(rebasing: bytes[record.content..<record.end]))
        guard let name = try? cursor.readText(), (try? skipTextMap(&cursor)) != nil else {
            report(.damagedRecord, at: record.start, "The metadata at byte \(record.start) is damaged, and was left out.")
            return
        }
        metadata.append(MetadataEntry(name: name, content: record.content..<record.end))
    }

    /// An entry may come from another file, which may be longer.
    private func slice(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UnsafeRawBufferPointer? {
        range.upperBound <= bytes.count ? UnsafeRawBufferPointer(rebasing: bytes[range]) : nil
    }
}

/// An attachment record's fields.
struct AttachmentFields {
    let logTime: UInt64
    let createTime: UInt64
    let name: String
    let mediaType: String
    let data: UnsafeRawBufferPointer
    /// What the checksum covers: everything before it.
    let checked: UnsafeRawBufferPointer
    let crc: UInt32

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        logTime = try cursor.read(UInt64.self)
        createTime = try cursor.read(UInt64.self)
        name = try cursor.readText()
        mediaType = try cursor.readText()
        data = try cursor.readCounted64()
        checked = UnsafeRawBufferPointer(rebasing: content[..<cursor.offset])
        crc = try cursor.read(UInt32.self)
    }
}
