import Bytes
import Compression

/// The record before the closing magic.
struct Footer {
    /// Where its record starts.
    let offset: Int
    /// Where the summary starts; 0 = none.
    let summaryStart: UInt64
    /// The checksum from there to itself; 0 = not computed.
    let summaryCRC: UInt32

    /// How much of its record the checksum covers: all before it.
    static let checkedBytes = Size.prefix + 16

    /// The footer of a file that was closed properly, and has nothing behind it.
    init?(endOf bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 2 * Size.magic + Size.footer, bytes.suffix(Size.magic).elementsEqual(magic) else { return nil }
        let offset = bytes.count - Size.magic - Size.footer
        var cursor = Cursor(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        guard (try? cursor.read(UInt8.self)) == Opcode.footer, let content = try? cursor.readCounted64(), content.count == 20 else {
            return nil
        }
        var fields = Cursor(content)
        guard let start = try? fields.read(UInt64.self), (try? fields.read(UInt64.self)) != nil, let crc = try? fields.read(UInt32.self)
        else {
            return nil
        }
        self.offset = offset
        summaryStart = start
        summaryCRC = crc
    }
}

/// What the writer repeated at the end of the file, so that readers needn't scan it.
struct Summary {
    /// Where it starts in the file, which is where the data ends.
    let start: Int
    /// Where it ends, which is where the footer starts.
    let end: Int
    private(set) var chunks: [Chunk] = []
    private(set) var statistics: Statistics?
    private(set) var statisticsPlace: Range<Int>?
    /// The places of the schema and channel records.
    private(set) var definitions: [Record] = []

    /// Reads the summary that a footer points to.
    ///
    /// - Throws: what is wrong with it, as a sentence about the summary.
    init(_ footer: Footer, in bytes: UnsafeRawBufferPointer) throws(DamagedSummary) {
        guard let start = Int(exactly: footer.summaryStart), start >= Size.magic, start <= footer.offset else {
            throw DamagedSummary("The footer places the summary at byte \(footer.summaryStart), which isn't before the footer.")
        }
        self.start = start
        end = footer.offset
        let checked = UnsafeRawBufferPointer(rebasing: bytes[start..<(footer.offset + Footer.checkedBytes)])
        guard footer.summaryCRC == 0 || CRC32.of(checked) == footer.summaryCRC else {
            throw DamagedSummary("The checksum of the summary at byte \(start) is wrong.")
        }
        var walker = RecordWalker(bytes, from: start, to: footer.offset)
        while let record = walker.next() {
            do throws(MalformedBytes) {
                try read(record, walker.content(of: record))
            } catch {
                throw DamagedSummary("A record of the summary, at byte \(record.start), is damaged.")
            }
        }
        guard case .atEnd = walker.stop else {
            throw DamagedSummary("The summary's record at byte \(walker.offset) reaches past the summary.")
        }
        chunks.sort { $0.offset < $1.offset }
        for (earlier, later) in zip(chunks, chunks.dropFirst()) where earlier.indexEnd > later.offset {
            throw DamagedSummary("The summary lists chunks that overlap, at bytes \(earlier.offset) and \(later.offset).")
        }
    }

    private mutating func read(_ record: Record, _ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        switch record.opcode {
        case Opcode.schema, Opcode.channel:
            definitions.append(record)
        case Opcode.chunkIndex:
            let index = try ChunkIndex(content)
            guard let chunk = Chunk(index, from: Size.magic, to: start) else {
                throw MalformedBytes(offset: 0, needed: nil, available: content.count)
            }
            chunks.append(chunk)
        case Opcode.statistics:
            statistics = try Statistics(content)
            statisticsPlace = record.content..<record.end
        default:
            break
        }
    }
}

/// A summary that can't be used, and why.
struct DamagedSummary: Error {
    /// A sentence: what is wrong with it.
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
