import Bytes
import Compression
import ExportCore
import MCAP

extension BagFile {
    /// No chunk of a bag comes near this; one that declares more is taken for damaged.
    static let maximumChunkSize = 1 << 30

    /// A chunk's uncompressed records: in the file, or decompressed.
    enum ChunkRecords {
        case mapped(UnsafeRawBufferPointer)
        case decompressed([UInt8])
    }

    /// Reads a chunk's records and decompresses them where needed; the first time, compares what they say of connections with
    /// what the bag's index says.
    ///
    /// - Throws: `BagError` where the chunk can't be used, which is among the warnings then.
    func records(ofChunk number: Int, _ bytes: UnsafeRawBufferPointer) throws(BagError) -> ChunkRecords {
        let records = try readRecords(ofChunk: number, bytes)
        // Where there is no index, all chunks are looked through for connections anyway.
        guard countsAreDeclared, !chunks[number].isCompared else { return records }
        chunks[number].isCompared = true
        switch records {
        case .mapped(let records): compareConnections(in: records)
        case .decompressed(let records): records.withUnsafeBytes { compareConnections(in: $0) }
        }
        return records
    }

    private func compareConnections(in records: UnsafeRawBufferPointer) {
        var walker = BagWalker(records)
        while let record = walker.next() {
            if RecordHead(records, record.header).operation == Operation.connection { define(records, record) }
        }
    }

    private func readRecords(ofChunk number: Int, _ bytes: UnsafeRawBufferPointer) throws(BagError) -> ChunkRecords {
        let chunk = chunks[number]
        guard !chunk.isUnreadable else {
            throw BagError(.unreadableChunk, path, "The chunk at byte \(chunk.offset) can't be read.")
        }
        guard let head = chunk.head(in: bytes) else {
            throw giveUp(number, "There is no whole chunk at byte \(chunk.offset), where the bag's index places one")
        }
        touched.touch(chunk.offset..<head.end, of: mapped)
        switch head.compression {
        case .none:
            if !chunk.isCut, head.uncompressedSize != head.records.count {
                warningList.add(
                    "recording_damaged_chunk",
                    "The chunk at byte \(chunk.offset) holds \(head.records.count) bytes, not \(head.uncompressedSize) as it says. They were used."
                )
            }
            return .mapped(head.records)
        case .lz4: return .decompressed(try decompress(head, number, with: lz4))
        case .bz2: return .decompressed(try decompress(head, number, with: bz2))
        case .unknown(let name):
            chunks[number].isUnreadable = true
            warningList.add(
                "recording_unknown_compression",
                "Chunks compressed as “\(name)” were left out: that compression isn't known."
            )
            throw BagError(.unreadableChunk, path, "The chunk at byte \(chunk.offset) is compressed as “\(name)”, which isn't known.")
        }
    }

    private func decompress(_ head: ChunkHead, _ number: Int, with decompressor: some Decompressor) throws(BagError) -> [UInt8] {
        let chunk = chunks[number]
        let limit = DecompressionLimit.bytes(heldBy: head.records.count, atMost: Self.maximumChunkSize)
        if chunk.isCut { return decompressor.decompressPrefix(head.records, atMost: min(head.uncompressedSize, limit)).bytes }
        guard head.uncompressedSize <= limit else {
            throw giveUp(
                number,
                "The chunk at byte \(chunk.offset) says that it holds \(head.uncompressedSize) bytes in \(head.records.count), more than any "
                    + "chunk may"
            )
        }
        do throws(DecompressionError) {
            return try decompressor.decompress(head.records, exactly: head.uncompressedSize)
        } catch {
            throw giveUp(number, "The chunk at byte \(chunk.offset) is damaged. \(error)")
        }
    }

    /// Notes that a chunk can't be read.
    private func giveUp(_ number: Int, _ reason: String) -> BagError {
        chunks[number].isUnreadable = true
        let sentence = reason.hasSuffix(".") ? "\(reason) It was left out." : "\(reason); it was left out."
        warningList.add("recording_damaged_chunk", sentence)
        return BagError(.unreadableChunk, path, reason.hasSuffix(".") ? reason : reason + ".")
    }

    /// Calls `body` with a chunk's records; not at all where the chunk can't be read, which is among the warnings then.
    func withRecords(ofChunk number: Int, _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard !chunks[number].isUnreadable, let records = try? records(ofChunk: number, bytes) else { return }
        switch records {
        case .mapped(let records): try body(records)
        case .decompressed(let records): try records.withUnsafeBytes { try body($0) }
        }
    }

    /// Says that a chunk ended in the middle of a record.
    func reportRest(of walker: BagWalker, inChunk number: Int) {
        // A cut chunk was reported when it was found.
        guard walker.isStuck, !chunks[number].isCut else { return }
        warningList.add(
            "recording_damaged_chunk",
            "The chunk at byte \(chunks[number].offset) is damaged from byte \(walker.offset) of its records on; the rest of it was left out."
        )
    }
}
