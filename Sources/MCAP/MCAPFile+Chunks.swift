import Bytes
import Compression
import ExportCore

extension MCAPFile {
    /// No chunk of a recording comes near this; one that declares more is taken for damaged.
    static let maximumChunkSize = 1 << 30

    /// A chunk's uncompressed records: in the file, or decompressed.
    enum ChunkRecords {
        case mapped(UnsafeRawBufferPointer)
        case decompressed([UInt8])
    }

    /// Reads a chunk's records, decompresses them where needed, and looks at their checksum the first time.
    ///
    /// - Throws: `MCAPError` where the chunk can't be used, which is reported as a problem too.
    func records(ofChunk number: Int, _ bytes: UnsafeRawBufferPointer) throws(MCAPError) -> ChunkRecords {
        let chunk = chunks[number]
        guard !chunk.isUnreadable else {
            throw MCAPError(.unreadableChunk, path, "The chunk at byte \(chunk.offset) can't be read.")
        }
        guard let head = chunk.head(in: bytes) else {
            throw giveUp(
                number,
                .damagedChunk,
                "There is no whole chunk at byte \(chunk.offset), where the file's summary places one; it was left out."
            )
        }
        let place = head.recordsPlace(in: bytes)
        // What is read through a window doesn't touch the mapping; lz4 is taken in one piece, for which no window is wide enough.
        let isReadThroughWindow = window != nil && head.compression != .lz4 && !chunk.isVerified && !isCheaplyMapped(place)
        touched.touch(chunk.offset..<(isReadThroughWindow ? place.lowerBound : chunk.end), of: mapped)
        let records: ChunkRecords
        var checksum: UInt32?
        switch head.compression {
        case .none:
            if !chunk.isCut, head.uncompressedSize != UInt64(head.records.count) {
                report(
                    .damagedChunk,
                    at: chunk.offset,
                    "The chunk at byte \(chunk.offset) holds \(head.records.count) bytes, not \(head.uncompressedSize) as it says. They were used."
                )
            }
            if isReadThroughWindow, let copy = copyChecked(place, ofChunk: number) {
                records = .decompressed(copy)
                checksum = checkedRecords?.checksum
            } else {
                records = .mapped(head.records)
                if dataChecksum != nil, !chunk.isVerified, !chunk.isCut {
                    let found = CRC32.of(head.records)
                    checkedRecords = (number, place, found)
                    checksum = found
                }
            }
        case .zstd:
            records = .decompressed(try decompress(head, number, bytes, isReadThroughWindow ? window : nil, &checksum, with: zstd))
        case .lz4:
            records = .decompressed(try decompress(head, number, bytes, nil, &checksum, with: lz4))
        case .unknown(let name):
            _ = giveUp(number, .unknownCompression, at: nil, "Chunks compressed as “\(name)” were left out: that compression isn't known.")
            throw MCAPError(.unreadableChunk, path, "The chunk at byte \(chunk.offset) is compressed as “\(name)”, which isn't known.")
        }
        verify(records, number, head, checksum)
        return records
    }

    /// Whether reading a chunk where it is mapped costs less than reading it through the window, and no more memory than is kept mapped.
    func isCheaplyMapped(_ place: Range<Int>) -> Bool {
        place.count <= TouchedPages.limitBytes / 2 && mappingTrial.isCheap(from: place.lowerBound) { touched.touch($0, of: mapped) }
    }

    /// A copy of records that lie in the file as they are, read through the window and summed up on the way; `nil` where that can't be.
    private func copyChecked(_ place: Range<Int>, ofChunk number: Int) -> [UInt8]? {
        guard let window, place.count <= cacheLimit else { return nil }
        var checksum = CRC32()
        let copy = [UInt8](unsafeUninitializedCapacity: place.count) { buffer, filled in
            let output = UnsafeMutableRawBufferPointer(buffer)
            for start in stride(from: 0, to: place.count, by: FileWindow.size) {
                let piece = UnsafeMutableRawBufferPointer(rebasing: output[start..<min(start + FileWindow.size, place.count)])
                guard window.read(at: place.lowerBound + start, into: piece) else { break }
                checksum.update(UnsafeRawBufferPointer(piece))
                filled += piece.count
            }
        }
        guard copy.count == place.count else { return nil }
        checkedRecords = (number, place, checksum.value)
        return copy
    }

    /// - Parameter checksum: that of the records, where it is to be looked at.
    private func decompress(
        _ head: ChunkHead,
        _ number: Int,
        _ bytes: UnsafeRawBufferPointer,
        _ window: FileWindow?,
        _ checksum: inout UInt32?,
        with decompressor: some Decompressor
    ) throws(MCAPError) -> [UInt8] {
        let chunk = chunks[number]
        if chunk.isCut { return decompressor.decompressPrefix(head.records, atMost: head.sizeOfWhatIsLeft).bytes }
        guard let declared = head.plausibleSize else {
            throw giveUp(
                number,
                .damagedChunk,
                "The chunk at byte \(chunk.offset) says that it holds \(head.uncompressedSize) bytes in \(head.records.count), more than any "
                    + "chunk may; it was left out."
            )
        }
        do throws(DecompressionError) {
            guard !chunk.isVerified, head.uncompressedCRC != 0 || window != nil || dataChecksum != nil else {
                return try decompressor.decompress(head.records, exactly: declared)
            }
            let place = head.recordsPlace(in: bytes)
            var checksums = PairedChecksums(continuing: isNext(chunk) ? dataChecksum?.reached(place.lowerBound, bytes) : nil)
            let records = try decompressor.decompress(StoredRecords(bytes, place, window), exactly: declared, &checksums)
            if let stored = checksums.stored { dataChecksum?.goOn(to: place.upperBound, stored) }
            checksum = checksums.made?.value
            return records
        } catch {
            let count = chunk.hasWrongIndex ? 0 : chunk.indexedMessageCount(in: bytes)
            let lost = count > 0 ? ", and with it the \(count) messages that its index lists" : ""
            throw giveUp(number, .damagedChunk, "The \(words(forChunk: number)) is damaged and was left out\(lost). \(error)")
        }
    }

    /// Whether the checksum of the data as a whole can go on over a chunk.
    private func isNext(_ chunk: Chunk) -> Bool {
        dataChecksum?.reaches(chunk.offset) == true && chunk.indexEnd <= dataEnd
    }

    /// - Parameter known: the checksum of the records, where it was taken already.
    private func verify(_ records: ChunkRecords, _ number: Int, _ head: ChunkHead, _ known: UInt32?) {
        // The checksum of a chunk that is cut covers bytes that aren't there.
        guard !chunks[number].isVerified, !chunks[number].isCut else { return }
        if isReadForHeads, dataChecksum == nil, case .mapped = records { return }
        chunks[number].isVerified = true
        switch records {
        case .mapped(let bytes): compareDefinitions(in: bytes, ofChunk: number)
        case .decompressed(let bytes): bytes.withUnsafeBytes { compareDefinitions(in: $0, ofChunk: number) }
        }
        guard head.uncompressedCRC != 0 else { return }
        let checksum: UInt32
        switch (known, records) {
        case (let known?, _): checksum = known
        case (nil, .mapped(let bytes)): checksum = CRC32.of(bytes)
        case (nil, .decompressed(let bytes)): checksum = CRC32.of(bytes)
        }
        guard checksum != head.uncompressedCRC else { return }
        report(
            .crcMismatch,
            at: chunks[number].offset,
            "The checksum of the \(words(forChunk: number)) is wrong: some of its messages may be damaged. They were used."
        )
    }

    /// Compares what a chunk repeats of schemas and channels with those that are known, where the summary gave them without a
    /// look at the chunks.
    private func compareDefinitions(in records: UnsafeRawBufferPointer, ofChunk number: Int) {
        guard countsAreDeclared else { return }
        var walker = RecordWalker(records)
        while let record = walker.next() {
            if record.opcode == Opcode.schema || record.opcode == Opcode.channel { define(record, records, at: chunks[number].offset) }
        }
    }

    /// Where a chunk is, in the file and in time.
    private func words(forChunk number: Int) -> String {
        let chunk = chunks[number]
        let times = chunk.timeSpan.map { " (log times \($0.lowerBound) to \($0.upperBound))" } ?? ""
        return "chunk at byte \(chunk.offset)\(times)"
    }

    /// Looks, the first time, at what only a chunk's records show: whether they can be decompressed, their checksum, and whether
    /// their definitions are the file's.
    ///
    /// For chunks that are going to be copied as they are.
    ///
    /// - Parameter number: less than `storedChunkCount`.
    /// - Returns: whether the chunk can be read. Whatever is wrong is a problem listed.
    /// - Throws: `CancellationError`.
    public func check(chunk number: Int) throws -> Bool {
        try cancellation.check()
        if chunks[number].isVerified { return !chunks[number].isUnreadable }
        return mapped.withBytes { bytes in
            do throws(MCAPError) { _ = try records(ofChunk: number, bytes) } catch { return false }
            return true
        }
    }

    private func giveUp(_ number: Int, _ kind: MCAPProblem.Kind, _ message: String) -> MCAPError {
        giveUp(number, kind, at: chunks[number].offset, message)
    }

    private func giveUp(_ number: Int, _ kind: MCAPProblem.Kind, at offset: Int?, _ message: String) -> MCAPError {
        chunks[number].isUnreadable = true
        report(kind, at: offset, message)
        return MCAPError(.unreadableChunk, path, message)
    }

    /// The same from the cache where it is there.
    ///
    /// - Throws: `MCAPError` where the chunk can't be used, which is reported as a problem too.
    func cachedRecords(ofChunk number: Int, _ bytes: UnsafeRawBufferPointer) throws(MCAPError) -> ChunkRecords {
        if let cached = cache.find(number) { return .decompressed(cached) }
        return try records(ofChunk: number, bytes)
    }

    /// Calls `body` with a chunk's records; `nil` where the chunk can't be used, which is reported then.
    func withRecords<R>(ofChunk number: Int, _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R? {
        let records: ChunkRecords
        do throws(MCAPError) { records = try cachedRecords(ofChunk: number, bytes) } catch { return nil }
        switch records {
        case .mapped(let bytes): return try body(bytes)
        case .decompressed(let bytes): return try bytes.withUnsafeBytes(body)
        }
    }

    /// Reads the contents of all chunks: their definitions, and what their messages are; finds out which indexes can be used.
    func scanChunks(_ bytes: UnsafeRawBufferPointer, _ tally: inout Tally, isClosed: Bool) throws {
        mapped.expect(.sequential)
        defer { mapped.expect(.normal) }
        for number in chunks.indices {
            try cancellation.check()
            let before = tally.total
            var (earliest, latest) = (UInt64.max, UInt64.min)
            let wasRead: Void? = try withRecords(ofChunk: number, bytes) { records in
                var walker = RecordWalker(records)
                while let record = walker.next() {
                    switch record.opcode {
                    case Opcode.message where record.count >= Size.messageHead:
                        let head = MessageHead(unchecked: records, at: record.content)
                        tally.add(head)
                        earliest = min(earliest, head.logTime)
                        latest = max(latest, head.logTime)
                    case Opcode.schema, Opcode.channel:
                        define(record, records, at: chunks[number].offset)
                    default:
                        break
                    }
                }
                reportRest(of: walker, inChunk: number)
            }
            guard wasRead != nil else { continue }
            if earliest <= latest {
                checkTimes(ofChunk: number, earliest...latest)
                chunks[number].times = (earliest, latest)
            }
            touched.touch(chunks[number].end..<chunks[number].indexEnd, of: mapped)
            let indexed = chunks[number].indexedMessageCount(in: bytes)
            guard indexed != tally.total - before else { continue }
            chunks[number].hasWrongIndex = true
            // The index of a file's last chunk may be cut off, and a chunk may have none.
            guard indexed > 0, isClosed else { continue }
            let offset = chunks[number].offset
            report(
                .wrongIndex,
                at: offset,
                "The chunk at byte \(offset) holds \(tally.total - before) messages, but its index lists \(indexed). The messages were used."
            )
        }
    }

    /// Says that a chunk's records end too early, unless the file itself does.
    func reportRest(of walker: RecordWalker, inChunk number: Int) {
        if case .atEnd = walker.stop { return }
        guard !chunks[number].isCut else { return }
        let offset = chunks[number].offset
        report(
            .damagedChunk,
            at: offset,
            "The records in the chunk at byte \(offset) end in the middle of one. The messages before it were used."
        )
    }

    /// Says that a chunk's messages lie at other times than it declares.
    func checkTimes(ofChunk number: Int, _ found: ClosedRange<UInt64>) {
        guard let declared = chunks[number].timeSpan else { return }
        guard found.lowerBound < declared.lowerBound || found.upperBound > declared.upperBound else { return }
        let offset = chunks[number].offset
        report(
            .wrongTimes,
            at: offset,
            "The chunk at byte \(offset) declares log times from \(declared.lowerBound) to \(declared.upperBound), "
                + "but its messages have times from \(found.lowerBound) to \(found.upperBound)."
        )
    }
}
