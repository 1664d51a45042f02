import CFFmpeg
public import ExportCore

/// A picture that could not be decoded, converted or encoded, with the library's words where it has any.
public struct MediaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence: what could not be done, and why.
    public let description: String

    /// A failure that is no call of the library's.
    init(_ description: String) {
        self.description = description
    }

    /// A failed call of the library.
    init(_ operation: String, code: Int32) {
        var words = [CChar](repeating: 0, count: Int(AV_ERROR_MAX_STRING_SIZE))
        av_strerror(code, &words, words.count)
        let reason = String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        description = "Could not \(operation): \(reason)."
    }
}

extension MediaError: ExportErrorConvertible {
    /// A picture that cannot be read makes its dataset unreadable.
    public var exportError: ExportError {
        ExportError(.datasetUnreadable, description)
    }
}
