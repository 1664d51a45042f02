public import ExportCore

/// Why the annotations of an image set cannot be read at all.
public struct ImageSetError: Error, Hashable, Sendable {
    /// What is wrong, as a sentence without the file's name.
    public var reason: String
    /// The file.
    public var file: String
    /// The place in the file, in bytes from its beginning, where that is known.
    public var offset: Int?
    /// What to do about it.
    public var hint: String?

    init(_ reason: String, file: String, offset: Int? = nil, hint: String? = nil) {
        self.reason = reason
        self.file = file
        self.offset = offset
        self.hint = hint
    }
}

extension ImageSetError: CustomStringConvertible {
    /// A sentence: which file, where, and what is wrong.
    public var description: String {
        "The annotations \(file) cannot be read\(offset.map { " at byte \($0)" } ?? ""): \(reason)"
    }
}

extension ImageSetError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        ExportError(.datasetUnreadable, description, hint: hint ?? "Write the file again.", location: .init(file: file))
    }
}
