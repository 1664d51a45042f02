public import ExportCore

/// Bytes that could not be compressed.
public struct CompressionError: Error, Hashable, Sendable {
    /// The compression's name: `zstd`, `lz4` or `snappy`.
    public var format: String
    /// The library's words; `nil` where it got no memory.
    public var words: String?

    init(_ format: String, _ words: String?) {
        self.format = format
        self.words = words
    }
}

extension CompressionError: CustomStringConvertible {
    /// A sentence: what went wrong.
    public var description: String {
        guard let words else { return "The \(format) compressor got no memory." }
        return "The \(format) compressor failed: \(words)."
    }
}

extension CompressionError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError { ExportError(.ioError, description) }
}
