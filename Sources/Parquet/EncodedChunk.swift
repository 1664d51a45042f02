/// What the footer tells of one column chunk, except where it lies.
struct EncodedChunk: Equatable {
    /// The codec's number in the footer.
    var codec: Int32
    /// Values including nulls.
    var valueCount: Int64 = 0
    /// Bytes of all pages with their headers, before compression.
    var uncompressedBytes: Int64 = 0
    /// Bytes of all pages with their headers, as they are in the file.
    var compressedBytes: Int64 = 0
    /// Bytes of the dictionary page with its header, which comes first; 0 where there is none.
    var dictionaryBytes: Int64 = 0
    /// Data pages with PLAIN values.
    var plainPages: Int32 = 0
    /// Data pages with indices into the dictionary.
    var indexPages: Int32 = 0
    var nullCount: Int64 = 0
    /// The smallest value, empty text included; `nil` where none is told.
    var minimum: [UInt8]?
    /// The largest value.
    var maximum: [UInt8]?
}

extension ParquetCompression {
    /// The codec's number in the footer.
    var codec: Int32 {
        switch self {
        case .uncompressed: 0
        case .snappy: 1
        case .zstd: 6
        }
    }
}
