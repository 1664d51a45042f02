/// What went wrong, to which thing, and what to do: the one error that reaches a person, as `NAME.error.json`, as a line
/// of `exportctl`, and between a worker and the daemon.
public struct ExportError: Error, Hashable, Codable, Sendable {
    /// The kinds of failure that scripts may rely on; fixed by the contract.
    public enum Code: String, Codable, CaseIterable, Sendable {
        case requestInvalid = "request_invalid"
        case requestUnreadable = "request_unreadable"
        case notPermitted = "not_permitted"
        case quotaExceeded = "quota_exceeded"
        case selectionEmpty = "selection_empty"
        case datasetUnreadable = "dataset_unreadable"
        case annotationMissing = "annotation_missing"
        case topicMissing = "topic_missing"
        case optionUnsupported = "option_unsupported"
        case storageFull = "storage_full"
        case ioError = "io_error"
        case timedOut = "timed_out"
        case `internal` = "internal"

        /// Whether the same job may succeed later with nothing changed by its user.
        public var isTransient: Bool {
            switch self {
            case .storageFull, .ioError: true
            default: false
            }
        }
    }

    /// Where the fault lies.
    ///
    /// Lines and columns count from 1.
    public struct Location: Hashable, Codable, Sendable {
        /// The file, as its user named it.
        public var file: String?
        /// The line in that file, from 1.
        public var line: Int?
        /// The column in that line, from 1.
        public var column: Int?
        /// The dataset concerned.
        public var dataset: DatasetID?
        /// The position of the export in the request's `exports:` list, from 0.
        public var export: Int?

        /// A location of which any part may be unknown.
        public init(file: String? = nil, line: Int? = nil, column: Int? = nil, dataset: DatasetID? = nil, export: Int? = nil) {
            self.file = file
            self.line = line
            self.column = column
            self.dataset = dataset
            self.export = export
        }
    }

    /// One of several problems that are reported together.
    public struct Detail: Hashable, Codable, Sendable {
        /// What is wrong, as a sentence.
        public var message: String
        /// What to do about it.
        public var hint: String?
        /// Where it is.
        public var location: Location?

        /// One problem of several.
        public init(_ message: String, hint: String? = nil, location: Location? = nil) {
            self.message = message
            self.hint = hint
            self.location = location
        }
    }

    /// The kind of failure.
    public var code: Code
    /// A sentence: what happened, and to which thing.
    public var message: String
    /// A sentence: what to do next.
    public var hint: String?
    /// Whether trying again without any change may help; by default what the code says.
    public var retryable: Bool
    /// Where the fault lies.
    public var location: Location?
    /// All problems, where there are several.
    public var details: [Detail]

    /// An error with all that is known about it.
    public init(
        _ code: Code,
        _ message: String,
        hint: String? = nil,
        retryable: Bool? = nil,
        location: Location? = nil,
        details: [Detail] = []
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryable = retryable ?? code.isTransient
        self.location = location
        self.details = details
    }

    /// The same error, placed at a dataset unless it already names one.
    public func at(dataset: DatasetID) -> ExportError {
        guard location?.dataset == nil else { return self }
        var copy = self
        copy.location = location ?? Location()
        copy.location?.dataset = dataset
        return copy
    }
}

extension ExportError: CustomStringConvertible {
    /// The sentences that a person reads; never a type's or a case's name.
    public var description: String {
        var text = ""
        if let location, let file = location.file {
            text += file
            if let line = location.line { text += ":\(line)" }
            if let column = location.column { text += ":\(column)" }
            text += ": "
        }
        text += message
        if let hint { text += " \(hint)" }
        return text
    }
}

/// An error of one library or layer that knows what it means to a user of exportd.
public protocol ExportErrorConvertible: Error {
    /// The same failure in the words of the contract.
    var exportError: ExportError { get }
}

extension ExportError {
    /// Any error in the contract's words: as it says itself where it can, as `internal` otherwise.
    public init(_ error: any Error) {
        switch error {
        case let error as ExportError: self = error
        case let error as any ExportErrorConvertible: self = error.exportError
        case is CancellationError: self = ExportError(.internal, "The work was cancelled before it ended.", retryable: true)
        default:
            self = ExportError(
                .internal,
                "Something failed that exportd has no words for: \(error).",
                hint: "Please report this with the daemon's log."
            )
        }
    }
}
