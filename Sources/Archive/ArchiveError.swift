public import ExportCore

/// An archive that could not be written.
public struct ArchiveError: Error, Hashable, Sendable {
    /// What was being done, as the end of the sentence "could not …".
    public var operation: String
    /// libarchive's own words, or the rule that was broken.
    public var reason: String
}

extension ArchiveError: CustomStringConvertible {
    /// A sentence: what could not be done, and why.
    public var description: String { "Could not \(operation): \(reason)." }
}

extension ArchiveError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        ExportError(.internal, description, hint: "Please report this with the daemon's log.")
    }
}
