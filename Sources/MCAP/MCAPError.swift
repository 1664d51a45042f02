public import ExportCore

/// A recording, or a part of one, that can't be read.
public struct MCAPError: Error, Hashable, Sendable {
    /// What can't be done.
    public enum Kind: Hashable, Sendable {
        /// The file is not an MCAP file, is empty, or is of a version that isn't known.
        case notMCAP
        /// A chunk's bytes are damaged, cut or in an unknown compression.
        case unreadableChunk
        /// There is no such message where a location or an index says.
        case noSuchMessage
        /// An attachment or metadata record is damaged.
        case unreadableRecord
        /// A decompressor could not be set up.
        case noMemory
        /// One id would stand for two schemas or channels of a file that is written.
        case conflictingDefinition
        /// A message or channel names a channel or schema that a file that is written doesn't define.
        case missingDefinition
        /// A message or text is larger than a file can hold.
        case tooLarge
        /// A file can't be copied as it is, since it is damaged or lacks an index.
        case notCopyable
    }

    /// The file, as the caller named it.
    public var path: String
    /// What can't be done.
    public var kind: Kind
    /// A sentence: what is wrong, and where in the file.
    public var message: String

    init(_ kind: Kind, _ path: String, _ message: String) {
        self.kind = kind
        self.path = path
        self.message = message
    }
}

extension MCAPError: CustomStringConvertible {
    /// The sentence with the file's path.
    public var description: String { "\(path): \(message)" }
}

extension MCAPError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        switch kind {
        case .notMCAP:
            ExportError(.datasetUnreadable, message, hint: "Check that the recording was copied completely.", location: .init(file: path))
        case .unreadableChunk, .noSuchMessage, .unreadableRecord:
            ExportError(
                .datasetUnreadable,
                message,
                hint: "Copy the recording again, or recover it with `exportctl recover`.",
                location: .init(file: path)
            )
        case .conflictingDefinition, .missingDefinition, .tooLarge, .notCopyable:
            ExportError(.datasetUnreadable, message, location: .init(file: path))
        case .noMemory:
            ExportError(.ioError, message, location: .init(file: path))
        }
    }
}
