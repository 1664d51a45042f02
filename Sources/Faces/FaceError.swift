public import ExportCore

/// A detector that cannot be opened or that failed, with its library's words.
public struct FaceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence: what could not be done, and why.
    public let description: String
    /// What to do about it.
    public let hint: String?

    init(_ description: String, hint: String? = nil) {
        self.description = description
        self.hint = hint
    }
}

extension FaceError: ExportErrorConvertible {
    /// Nothing is exported that could not be looked at.
    public var exportError: ExportError {
        ExportError(.optionUnsupported, description, hint: hint)
    }
}
