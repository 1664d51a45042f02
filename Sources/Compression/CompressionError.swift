public import ExportCore

/// Bytes that a library would not compress.
public struct CompressionError: Error, Hashable, Sendable {
    /// The compression's name: `zstd` or `snappy`.
    public var format: String
    /// The library's own words.
    public var words: String

    init(_ format: String, _ words: String) {
        self.format = format
        self.words = words
    }
}

extension CompressionError: CustomStringConvertible {
    /// A sentence: what could not be compressed, and why.
    public var description: String { "The \(format) compressor failed: \(words)." }
}

extension CompressionError: ExportErrorConvertible {
    /// The failure in the contract's words; a compressor fails for want of memory only.
    public var exportError: ExportError { ExportError(.ioError, description) }
}
