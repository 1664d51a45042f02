public import ExportCore
internal import ROS

/// Why a recording, or one message of it, could not be read.
public struct RecordingError: Error, Hashable, Sendable {
    /// The failure in the contract's words.
    public let exportError: ExportError
    /// Whether nothing is wrong but somebody asked the work to stop.
    public let isCancellation: Bool

    /// A recording that cannot be read.
    init(_ code: ExportError.Code = .datasetUnreadable, _ message: String, hint: String? = nil) {
        exportError = ExportError(code, message, hint: hint)
        isCancellation = false
    }

    /// An error of a layer below.
    init(_ error: any Error) {
        if let error = error as? RecordingError {
            self = error
            return
        }
        exportError = ExportError(error)
        isCancellation = error is CancellationError
    }

    /// A message or a definition of a topic that could not be read.
    init(_ error: ROSError, topic: String) {
        let inner = error.exportError
        exportError = ExportError(inner.code, "\(topic): \(inner.message)", hint: inner.hint)
        isCancellation = false
    }
}

extension RecordingError: ExportErrorConvertible {}

extension RecordingError: CustomStringConvertible {
    /// The sentences that a person reads.
    public var description: String { exportError.description }
}
