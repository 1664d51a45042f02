public import ExportCore

/// Why a message definition or a message could not be read.
public struct ROSError: Error, Hashable, Sendable {
    /// The kinds of failure that callers tell apart.
    public enum Kind: Hashable, Sendable {
        /// The schema's text is not a definition that can be laid out.
        case definition
        /// The definition has no such field, or the field does not hold what was asked for.
        case field
        /// The payload is serialised in a way that is not supported.
        case encoding
        /// The payload does not hold what its definition says.
        case payload
    }

    /// The kind of failure.
    public let kind: Kind
    /// A sentence: what is wrong, and with which type or field.
    public let message: String

    /// A failure with its sentence.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension ROSError: CustomStringConvertible {
    /// The sentence.
    public var description: String { message }
}

extension ROSError: ExportErrorConvertible {
    /// The failure in the contract's words: a field that does not exist is the request's fault, the rest the dataset's.
    public var exportError: ExportError {
        switch kind {
        case .field: ExportError(.requestInvalid, message, hint: "Name a field that the message type has.")
        case .definition, .encoding, .payload: ExportError(.datasetUnreadable, message)
        }
    }
}
