public import ExportCore

/// A rosbag2 database, or a part of one, that can't be read.
public struct Rosbag2Error: Error, Hashable, Sendable {
    /// What can't be done.
    public enum Kind: Hashable, Sendable {
        /// The file is no database of rosbag2, or nothing of it can be read.
        case notRosbag2
        /// The message can't be read, or isn't there.
        case unreadableMessage
        /// The system could not read the file.
        case system
    }

    /// The file, as the caller named it.
    public var path: String
    /// What can't be done.
    public var kind: Kind
    /// A sentence: what is wrong.
    public var message: String

    init(_ kind: Kind, _ path: String, _ message: String) {
        self.path = path
        self.kind = kind
        self.message = message
    }

    /// What SQLite could not do, as the rest of a sentence that `doing` begins.
    init(_ error: SQLiteError, _ kind: Kind, _ path: String, _ doing: String) {
        self.init(error.isSystemFailure ? .system : kind, path, "\(doing): \(error.words).")
    }
}

extension Rosbag2Error: CustomStringConvertible {
    /// The sentence with the file's path.
    public var description: String { "\(path): \(message)" }
}

extension Rosbag2Error: ExportErrorConvertible {
    /// The failure in the contract's words.
    public var exportError: ExportError {
        switch kind {
        case .notRosbag2:
            ExportError(.datasetUnreadable, message, hint: "Check that the recording was copied completely.", location: .init(file: path))
        case .unreadableMessage:
            ExportError(
                .datasetUnreadable,
                message,
                hint: "Copy the recording again, or recover it with: sqlite3 FILE .recover.",
                location: .init(file: path)
            )
        case .system:
            ExportError(.ioError, message, location: .init(file: path))
        }
    }
}
