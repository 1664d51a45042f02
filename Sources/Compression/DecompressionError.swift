public import ExportCore

/// Compressed bytes that don't decompress to what was promised.
public struct DecompressionError: Error, Hashable, Sendable {
    /// What is wrong with the compressed bytes.
    public enum Kind: Hashable, Sendable {
        /// The library refused them, in its own words.
        case refused(String)
        /// They end before the last frame does.
        case truncated
        /// They hold more than the declared or permitted number of bytes.
        case tooLong
        /// They hold fewer bytes than declared.
        case tooShort(produced: Int)
        /// The library could not set up its memory.
        case noMemory
    }

    /// The compression's name: `zstd` or `lz4`.
    public var format: String
    /// What is wrong with the compressed bytes.
    public var kind: Kind
    /// How many decompressed bytes were declared, or permitted where the caller knows no size.
    public var expected: Int

    init(_ format: String, _ kind: Kind, expected: Int) {
        self.format = format
        self.kind = kind
        self.expected = expected
    }
}

extension DecompressionError: CustomStringConvertible {
    /// A sentence: what is wrong with the compressed bytes.
    public var description: String {
        switch kind {
        case .refused(let words): "The \(format) decompressor refused the data: \(words)."
        case .truncated: "The \(format) data ends in the middle of a frame."
        case .tooLong: "The \(format) data holds more than \(expected) bytes."
        case .tooShort(let produced): "The \(format) data holds \(produced) bytes, not the declared \(expected)."
        case .noMemory: "The \(format) decompressor got no memory."
        }
    }
}

extension DecompressionError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        ExportError(kind == .noMemory ? .ioError : .datasetUnreadable, description)
    }
}
