import Bytes
import ExportCore

/// Finds the next record behind bytes that can't be read.
///
/// Only what can hardly be anything else counts: chunks whose lengths fit each other, message indexes and the end of the data
/// that are followed by another record.
struct RecordSearch {
    let bytes: UnsafeRawBufferPointer

    /// The place of the first record in a range; `nil` where there is none.
    ///
    /// - Parameter onlyChunks: whether nothing but chunks and their indexes counts.
    /// - Throws: `CancellationError`.
    func first(in range: Range<Int>, onlyChunks: Bool, _ cancellation: Cancellation) throws -> Int? {
        for place in range.lowerBound..<max(range.lowerBound, min(range.upperBound, bytes.count - Size.prefix + 1)) {
            if place & 0xF_FFFF == 0 { try cancellation.check() }
            // The highest byte of a length is 0, and of the opcodes looked for none is above 15.
            if bytes[place + 8] == 0, bytes[place] <= Opcode.dataEnd, isRecord(at: place, onlyChunks: onlyChunks) { return place }
        }
        return nil
    }

    private func isRecord(at place: Int, onlyChunks: Bool) -> Bool {
        let opcode = bytes[place]
        guard opcode == Opcode.chunk || opcode == Opcode.messageIndex || opcode == Opcode.dataEnd else { return false }
        var walker = RecordWalker(bytes, from: place)
        guard let record = walker.next() else {
            // The file may end within the chunk that is looked for.
            return opcode == Opcode.chunk && isCutChunk(at: place)
        }
        let content = walker.content(of: record)
        switch opcode {
        case Opcode.chunk:
            return Self.isChunk(content)
        case Opcode.messageIndex:
            guard let index = MessageIndex(walker, record), index.count > 0, record.count == 6 + index.count * Size.indexEntry else {
                return false
            }
            return isFollowed(record.end)
        default:
            return !onlyChunks && record.count == 4 && isFollowed(record.end)
        }
    }

    /// Whether a record's content is a chunk's, which is known by its fields even where its opcode is what is damaged.
    static func isChunk(_ content: UnsafeRawBufferPointer) -> Bool {
        guard let head = try? ChunkHead(content, isCut: false) else { return false }
        return isPlausible(head, recordSize: content.count)
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
        guard length == UInt64(Size.chunkHead + name) &+ stored, head.uncompressedSize <= UInt64(MCAPFile.maximumChunkSize) else {
            return false
        }
        switch head.compression {
        case .none: return head.uncompressedSize == stored
        case .zstd: return head.records.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
        case .lz4: return head.records.starts(with: [0x04, 0x22, 0x4D, 0x18])
        case .unknown: return false
        }
    }

    /// Whether a record of the format seems to start there, or the file ends.
    func isFollowed(_ place: Int) -> Bool {
        guard place < bytes.count else { return true }
        var walker = RecordWalker(bytes, from: place)
        let opcode = bytes[place]
        // The file may end within the record that follows.
        guard walker.next() == nil else { return (Opcode.header...Opcode.dataEnd).contains(opcode) || opcode >= Opcode.firstPrivate }
        guard (Opcode.header...Opcode.dataEnd).contains(opcode) else { return false }
        // No record is as long as that.
        return bytes[(place + 1)...].dropFirst(5).prefix(3).allSatisfy { $0 == 0 }
    }
}
