public import ExportCore

/// A spool that can't be used as it is.
public struct SpoolError: Error, Hashable, Sendable {
    /// What sort of failure it is, for code that must tell them apart.
    public enum Kind: Hashable, Sendable {
        /// A folder of the spool is not there, or can't be looked at: it may come back by itself.
        case unavailable
        /// The spool's folders are not set up so that the daemon can work in them.
        case unsuitable
        /// Another daemon works on the spool.
        case inUse
    }

    /// What sort of failure it is.
    public var kind: Kind
    /// A sentence: what is wrong, and with which folder.
    public var message: String
    /// A sentence: what to do next.
    public var hint: String?

    init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}

extension SpoolError: CustomStringConvertible {
    /// The sentences that a person reads.
    public var description: String {
        hint.map { "\(message) \($0)" } ?? message
    }
}

extension SpoolError: ExportErrorConvertible {
    /// The failure in the contract's words: always `io_error`, which passes by itself only where the spool was away.
    public var exportError: ExportError {
        ExportError(.ioError, message, hint: hint, retryable: kind == .unavailable)
    }
}
