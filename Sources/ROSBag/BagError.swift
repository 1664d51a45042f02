public import ExportCore

/// A ROS 1 bag, or a part of one, that can't be read.
public struct BagError: Error, Hashable, Sendable {
    /// What can't be done.
    public enum Kind: Hashable, Sendable {
        /// The file is no bag of a version that is known, or is encrypted.
        case notBag
        /// A chunk's bytes are damaged, cut or in an unknown compression.
        case unreadableChunk
        /// There is no such message where a location or an index says.
        case noSuchMessage
    }

    /// The file, as the caller named it.
    public var path: String
    /// What can't be done.
    public var kind: Kind
    /// A sentence: what is wrong, and where in the file.
    public var message: String
    /// A sentence: what to do about it.
    public var hint: String

    init(_ kind: Kind, _ path: String, _ message: String, hint: String = "Copy the recording again, or repair it with: rosbag reindex.") {
        self.kind = kind
        self.path = path
        self.message = message
        self.hint = hint
    }
}

extension BagError: CustomStringConvertible {
    /// The sentence with the file's path.
    public var description: String { "\(path): \(message)" }
}

extension BagError: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        ExportError(.datasetUnreadable, message, hint: hint, location: .init(file: path))
    }
}
