/// A chunk as the reader keeps it: where it lies, and what was found out about it.
struct BagChunk {
    /// Where its record starts in the file.
    var offset: Int
    /// Whether the file ends within it.
    var isCut = false
    /// Whether it turned out to be damaged or in an unknown compression; it was reported then.
    var isUnreadable = false
    /// Whether its connections were compared with those that are known.
    var isCompared = false
    /// Whether its index was found to list something else than its messages.
    var hasWrongIndex = false

    /// The chunk's fields, read from its place in the file, which an index may have given wrongly; `nil` if there is no chunk.
    func head(in bytes: UnsafeRawBufferPointer) -> ChunkHead? {
        var walker = BagWalker(bytes, from: offset)
        guard let record = isCut ? walker.cutRecord : walker.next() else { return nil }
        return ChunkHead(bytes, record)
    }
}

/// A chunk record's fields.
struct ChunkHead {
    var compression: ChunkCompression
    var uncompressedSize: Int
    /// The stored, maybe compressed, records.
    var records: UnsafeRawBufferPointer
    /// Where its record ends, and its index begins.
    var end: Int

    /// The chunk in a record; `nil` if the record is none.
    init?(_ bytes: UnsafeRawBufferPointer, _ record: BagRecord) {
        let fields = RecordFields(bytes, record.header)
        guard fields.integer("op", as: UInt8.self) == Operation.chunk, let compression = fields.text("compression"),
            let size = fields.integer("size", as: UInt32.self)
        else { return nil }
        self.compression = ChunkCompression(compression)
        uncompressedSize = Int(size)
        records = UnsafeRawBufferPointer(rebasing: bytes[record.data])
        end = record.end
    }
}

/// The compression of a chunk's records.
enum ChunkCompression: Hashable {
    case none
    case lz4
    case bz2
    case unknown(String)

    init(_ name: String) {
        switch name {
        case "none": self = .none
        case "lz4": self = .lz4
        case "bz2": self = .bz2
        // A name is for a message to a person only, so a hostile one needs no more room than that.
        default: self = .unknown(String(name.prefix(64)))
        }
    }
}
