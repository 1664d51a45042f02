/// How a Parquet file is laid out; the same values and options give the same bytes.
public struct ParquetOptions: Hashable, Sendable {
    /// How pages are compressed where their field doesn't say otherwise.
    public var compression: ParquetCompression
    /// The size of a page before compression at which the next row begins a new one.
    public var pageBytes: Int

    /// Options; a page is at least 16 bytes and at most 64 MiB (a single cell may be larger), 1 MiB unless told otherwise.
    public init(compression: ParquetCompression = .snappy, pageBytes: Int = 1 << 20) {
        self.compression = compression
        self.pageBytes = min(max(pageBytes, 16), 64 << 20)
    }
}
