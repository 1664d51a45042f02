import Bytes
import Compression

/// Finds the next record behind bytes that can't be read.
///
/// Only what can hardly be anything else counts: chunks whose lengths fit each other, message indexes and the end of the data
/// that are followed by another record, attachments with a right checksum.
struct RecordSearch {
    let bytes: UnsafeRawBufferPointer

    /// How far a search goes before it looks whether it was cancelled.
    static let step = 1 << 20

    /// The place of the first record in a range; `nil` where there is none.
    ///
    /// - Parameter onlyChunks: whether nothing but chunks and their indexes counts.
    func first(in range: Range<Int>, onlyChunks: Bool) -> Int? {
        var place = range.lowerBound
        while place < range.upperBound, bytes.count - place >= Size.prefix {
            // The highest bytes of a length are 0; every eighth byte tells whether that may be so.
            if bytes[place + 8] == 0, isRecord(at: place, onlyChunks: onlyChunks) { return place }
            place += 1
        }
        return nil
    }

    private func isRecord(at place: Int, onlyChunks: Bool) -> Bool {
        let opcode = bytes[place]
        guard opcode == Opcode.chunk || opcode == Opcode.messageIndex || opcode == Opcode.attachment || opcode == Opcode.dataEnd else {
            return false
        }
        var walker = RecordWalker(bytes, from: place)
        guard let record = walker.next() else {
            // The file may end within the chunk that is looked for.
            return opcode == Opcode.chunk && isCutChunk(at: place)
        }
        let content = walker.content(of: record)
        switch opcode {
        case Opcode.chunk:
            guard let head = try? ChunkHead(content, isCut: false) else { return false }
            return Self.isPlausible(head, recordSize: record.count)
        case Opcode.messageIndex:
            guard let index = MessageIndex(walker, record), index.count > 0, record.count == 6 + index.count * Size.indexEntry else {
                return false
            }
            return isFollowed(record.end)
        case Opcode.dataEnd:
            return !onlyChunks && record.count == 4 && isFollowed(record.end)
        default:
            guard !onlyChunks, let fields = try? AttachmentFields(content), fields.crc != 0 else { return false }
            return CRC32.of(fields.checked) == fields.crc
        }
    }

    /// Whether a chunk's fields agree with each other.
    static func isPlausible(_ head: ChunkHead, recordSize: Int) -> Bool {
        guard head.start <= head.end, head.uncompressedSize <= UInt64(MCAPFile.maximumChunkSize) else { return false }
        let name = head.compression.name.utf8.count
        guard recordSize == Size.chunkHead + name + head.records.count else { return false }
        switch head.compression {
        case .none: return head.uncompressedSize == UInt64(head.records.count)
        case .zstd: return head.records.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        case .lz4: return head.records.starts(with: [0x04, 0x22, 0x4D, 0x18])
        case .unknown: return false
        }
    }

    private func isCutChunk(at place: Int) -> Bool {
        let content = UnsafeRawBufferPointer(rebasing: bytes[(place + Size.prefix)...])
        guard let head = try? ChunkHead(content, isCut: true), head.start <= head.end else { return false }
        let length = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 1, as: UInt64.self))
        let name = head.compression.name.utf8.count
        var cursor = Cursor(content)
        guard (try? cursor.skip(32 + name)) != nil, let stored = try? cursor.read(UInt64.self) else { return false }
        guard length == UInt64(Size.chunkHead + name) &+ stored, head.uncompressedSize <= UInt64(MCAPFile.maximumChunkSize) else { return false }
        switch head.compression {
        case .none: return head.uncompressedSize == stored
        case .zstd: return head.records.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        case .lz4: return head.records.starts(with: [0x04, 0x22, 0x4D, 0x18])
        case .unknown: return false
        }
    }

    /// Whether a record of the format starts there, or the file ends.
    private func isFollowed(_ place: Int) -> Bool {
        var walker = RecordWalker(bytes, from: place)
        guard let next = walker.next() else { return place == bytes.count }
        return (Opcode.header...Opcode.dataEnd).contains(next.opcode)
    }
}
