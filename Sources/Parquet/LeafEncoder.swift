internal import Compression

/// Encodes the values of one column into pages.
///
/// Rows are begun with `beginRow`; a page ends only between rows, so that it can be read alone.
final class LeafEncoder {
    /// Values to a page, whatever their size: also nulls cost a reader memory.
    private static let maximumPageValues = 1 << 20
    /// More than this in one page is refused; the format counts a page's bytes in 31 bits.
    private static let maximumPageBytes = 1 << 30

    let leaf: Leaf
    private let column: Int
    private let compression: ParquetCompression
    private let pageBytes: Int
    private let store: any PageStore
    private let compressor: PageCompressor

    /// The page's values: PLAIN, but booleans a byte each.
    private(set) var values: [UInt8] = []
    private var definitions = LevelBuffer()
    private var repetitions = LevelBuffer()
    private var presentCount = 0
    private var levelCount = 0

    private var dictionary: DictionaryEncoder
    private var statistics: ColumnStatistics
    private var chunk: EncodedChunk
    /// Set while a page is on its way: if that fails, values are lost and the column can't go on.
    private var isBroken = false

    private var thrift = ThriftWriter()
    private var levels: [UInt8] = []
    private var body: [UInt8] = []

    init(_ leaf: Leaf, column: Int, options: ParquetOptions, store: any PageStore, compressor: PageCompressor) {
        self.leaf = leaf
        self.column = column
        self.store = store
        self.compressor = compressor
        compression = leaf.compression ?? options.compression
        pageBytes = options.pageBytes
        dictionary = Self.newDictionary(leaf)
        statistics = ColumnStatistics(leaf.type)
        chunk = EncodedChunk(codec: compression.codec)
    }

    private static func newDictionary(_ leaf: Leaf) -> DictionaryEncoder {
        DictionaryEncoder(width: leaf.width, isAllowed: leaf.physical != .boolean && leaf.physical != .fixedByteArray)
    }

    // MARK: Values

    /// Begins a row whose values take `bytes` as far as is known; ends the page before it if it is full.
    func beginRow(bytes: Int) throws {
        guard levelCount > 0 else { return }
        if bytes > pageBytes - values.count || values.count >= pageBytes || levelCount >= Self.maximumPageValues { try endPage() }
    }

    /// How many of the rows that come next fit into the page, at least one, each with `values` of them.
    func rowsThatFit(_ rows: Int, valuesEach: Int) throws -> Int {
        let size = valuesEach * leaf.width
        try beginRow(bytes: size)
        let byBytes = size == 0 ? rows : (pageBytes - values.count) / size
        let byLevels = (Self.maximumPageValues - levelCount) / max(valuesEach, 1)
        return max(1, min(rows, byBytes, byLevels))
    }

    /// Appends the levels of values; `definition` is that of each.
    func appendLevels(repetition: Int, definition: Int, count: Int = 1) {
        if leaf.repetition > 0 { repetitions.append(UInt8(repetition), count: count) }
        appendDefinition(definition, count: count)
    }

    /// Appends the levels of values of which some begin a row.
    func appendLevels(repetitions pattern: ArraySlice<UInt8>, definition: Int) {
        repetitions.append(contentsOf: pattern)
        appendDefinition(definition, count: pattern.count)
    }

    private func appendDefinition(_ definition: Int, count: Int) {
        if leaf.definition > 0 { definitions.append(UInt8(definition), count: count) }
        levelCount += count
        if definition == leaf.definition { presentCount += count } else { statistics.nullCount += Int64(count) }
    }

    /// Appends the bytes of values whose levels were appended.
    func appendStored(_ bytes: UnsafeRawBufferPointer) {
        values.append(contentsOf: bytes)
    }

    /// Appends values of a type that a buffer keeps wider than it is.
    func appendStored(_ append: (inout [UInt8]) -> Void) {
        append(&values)
    }

    /// Appends counted bytes, whose levels were appended.
    func appendCounted(_ bytes: UnsafeRawBufferPointer) {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count)) { values.append(contentsOf: $0) }
        values.append(contentsOf: bytes)
    }

    /// - Throws: where so many bytes could not become a cell.
    func checkCell(_ count: Int) throws(ParquetError) {
        guard count <= Self.maximumPageBytes - 4 else { throw ParquetError(leaf.name, .tooLarge) }
    }

    // MARK: Pages

    /// Writes what is left of the column's chunk and tells what it has become; the column then begins anew.
    func endChunk() throws -> EncodedChunk {
        if levelCount > 0 { try endPage() }
        guard !isBroken else { throw ParquetError(leaf.name, .closed) }
        isBroken = true
        if chunk.indexPages > 0 { try writeDictionary() }
        chunk.nullCount = statistics.nullCount
        if let bounds = statistics.bounds {
            chunk.minimum = bounds.minimum
            chunk.maximum = bounds.maximum
        }
        let finished = chunk
        chunk = EncodedChunk(codec: compression.codec)
        dictionary = Self.newDictionary(leaf)
        statistics = ColumnStatistics(leaf.type)
        isBroken = false
        return finished
    }

    private func endPage() throws {
        guard !isBroken else { throw ParquetError(leaf.name, .closed) }
        isBroken = true
        guard values.count <= Self.maximumPageBytes, levelCount <= Self.maximumPageBytes else { throw ParquetError(leaf.name, .tooLarge) }
        statistics.update(values, count: presentCount)
        levels.removeAll(keepingCapacity: true)
        if leaf.repetition > 0 { repetitions.encode(maximum: leaf.repetition, to: &levels) }
        if leaf.definition > 0 { definitions.encode(maximum: leaf.definition, to: &levels) }

        let isIndexed = dictionary.encode(values, count: presentCount)
        if isIndexed {
            encodeIndices()
            try writePage(body, isIndexed: true)
        } else if leaf.physical == .boolean {
            body.removeAll(keepingCapacity: true)
            values.withUnsafeBufferPointer {
                HybridEncoder.pack($0, from: 0, groups: ($0.count + 7) / 8, bitWidth: 1, to: &body)
            }
            try writePage(body, isIndexed: false)
        } else {
            try writePage(values, isIndexed: false)
        }
        chunk.valueCount += Int64(levelCount)
        if isIndexed { chunk.indexPages += 1 } else { chunk.plainPages += 1 }

        values.removeAll(keepingCapacity: true)
        definitions.removeAll()
        repetitions.removeAll()
        presentCount = 0
        levelCount = 0
        isBroken = false
    }

    private func encodeIndices() {
        let width = max(1, (dictionary.count - 1).bitWidthOfMaximum)
        body.removeAll(keepingCapacity: true)
        body.append(UInt8(width))
        dictionary.indices.withUnsafeBufferPointer { HybridEncoder.encode($0, bitWidth: width, to: &body) }
    }

    private func writePage(_ content: [UInt8], isIndexed: Bool) throws {
        let size = levels.count + content.count
        if compression == .uncompressed {
            // The levels go with the header, so that the values need not be copied behind them.
            try content.withUnsafeBytes { body in
                var checksum = CRC32()
                checksum.update(levels)
                checksum.update(body)
                writeHeader(type: .data, uncompressed: size, compressed: size, checksum: checksum.value, isIndexed: isIndexed)
                try store.append(thrift.bytes + levels, body, to: column)
            }
            count(uncompressed: size, compressed: size)
        } else {
            levels.append(contentsOf: content)
            try compressor.compress(levels, with: compression) { body in
                writeHeader(type: .data, uncompressed: size, compressed: body.count, checksum: CRC32.of(body), isIndexed: isIndexed)
                try store.append(thrift.bytes, body, to: column)
                count(uncompressed: size, compressed: body.count)
            }
        }
    }

    private func writeDictionary() throws {
        try compressor.compress(dictionary.entries, with: compression) { body in
            let size = dictionary.entries.count
            writeHeader(type: .dictionary, uncompressed: size, compressed: body.count, checksum: CRC32.of(body), isIndexed: false)
            try store.setDictionary(thrift.bytes, body, of: column)
            count(uncompressed: size, compressed: body.count)
            chunk.dictionaryBytes = Int64(thrift.bytes.count + body.count)
        }
    }

    private func count(uncompressed: Int, compressed: Int) {
        chunk.uncompressedBytes += Int64(thrift.bytes.count + uncompressed)
        chunk.compressedBytes += Int64(thrift.bytes.count + compressed)
    }

    private enum PageType: Int32 {
        case data = 0
        case dictionary = 2
    }

    /// Puts a page header into `thrift`; sizes are below 2^31 because pages are at most 1 GiB before compression.
    private func writeHeader(type: PageType, uncompressed: Int, compressed: Int, checksum: UInt32, isIndexed: Bool) {
        thrift.removeAll()
        thrift.element { header in
            header.int32(1, type.rawValue)
            header.int32(2, Int32(uncompressed))
            header.int32(3, Int32(compressed))
            header.int32(4, Int32(bitPattern: checksum))
            switch type {
            case .data:
                header.structure(5) { page in
                    page.int32(1, Int32(levelCount))
                    page.int32(2, isIndexed ? Encoding.dictionaryIndices : Encoding.plain)
                    page.int32(3, Encoding.runLengths)
                    page.int32(4, Encoding.runLengths)
                }
            case .dictionary:
                header.structure(7) { page in
                    page.int32(1, Int32(dictionary.count))
                    page.int32(2, Encoding.plain)
                }
            }
        }
    }
}

/// The numbers of the encodings that this writer uses.
enum Encoding {
    static let plain: Int32 = 0
    static let runLengths: Int32 = 3
    static let dictionaryIndices: Int32 = 8
}
