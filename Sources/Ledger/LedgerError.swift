public import ExportCore
import GRDB

/// A failure of the ledger.
public struct LedgerError: Error, Hashable, Sendable {
    /// What sort of failure it is, for code that must tell them apart.
    public enum Kind: Hashable, Sendable {
        /// The ledger holds no such job.
        case unknownJob
        /// The job's state does not allow the change.
        case illegalTransition
        /// The job's id is taken by another request.
        case conflictingJob
        /// A limit of the user or of the system does not allow it.
        case quotaExceeded
        /// The ledger was written by an older exportd, and whoever only reads may not bring it up to date.
        case olderSchema
        /// The ledger was written by a newer exportd.
        case newerSchema
        /// The file is a database, though not a ledger.
        case notALedger
        /// The file lies on a network file system.
        case networkFileSystem
        /// The file system of the ledger has no room left.
        case full
        /// What the file holds can't be read as it was written.
        case corrupt
        /// SQLite or the kernel refused for another reason.
        case inputOutput
    }

    /// What sort of failure it is.
    public var kind: Kind
    /// A sentence: what happened, and to which thing.
    public var message: String
    /// A sentence: what to do next.
    public var hint: String?

    init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }
}

extension LedgerError: CustomStringConvertible {
    /// The sentences that a person reads.
    public var description: String {
        hint.map { "\(message) \($0)" } ?? message
    }
}

extension LedgerError: ExportErrorConvertible {
    /// The failure in the contract's words: `storage_full` where the ledger's disk is full, `io_error` where SQLite or the
    /// kernel failed, `internal` otherwise.
    public var exportError: ExportError {
        switch kind {
        case .full: ExportError(.storageFull, message, hint: hint)
        case .inputOutput: ExportError(.ioError, message, hint: hint)
        case .quotaExceeded: ExportError(.quotaExceeded, message, hint: hint)
        case .networkFileSystem, .olderSchema, .newerSchema, .notALedger, .corrupt:
            ExportError(.ioError, message, hint: hint, retryable: false)
        case .unknownJob, .illegalTransition, .conflictingJob: ExportError(.internal, message, hint: hint)
        }
    }
}

extension LedgerError {
    /// Whatever was thrown while working on the ledger at a path, with SQLite's own words.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as LedgerError:
            self = error
        case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
            self.init(
                .full,
                "The ledger \(path) cannot grow: its file system is full.",
                hint: "Free some space there; no new request is taken until then."
            )
        case let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB:
            self.init(
                .corrupt,
                "The ledger \(path) is damaged: \(error.message ?? "no reason given").",
                hint: "Restore it from a backup; the requests in the spool are not affected."
            )
        case let error as DatabaseError:
            self.init(.inputOutput, "The ledger \(path) could not be used: \(error.message ?? "SQLite error \(error.extendedResultCode)").")
        case is DecodingError, is RowDecodingError:
            self.init(.corrupt, "The ledger \(path) holds a row that cannot be read: \(error).")
        case let error as any ExportErrorConvertible:
            self.init(.inputOutput, error.exportError.message, hint: error.exportError.hint)
        default:
            self.init(.inputOutput, "The ledger \(path) could not be used: \(error).")
        }
    }
}
