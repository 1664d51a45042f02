import ExportCore
import GRDB

/// The catalogue's index could not be read or written; carries SQLite's own words.
struct CatalogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The index's file.
    var path: String
    /// SQLite's result code, extended.
    var code: Int32
    /// SQLite's words for it.
    var reason: String

    /// An error of SQLite at the index, or any other error as it came.
    static func at(_ path: String, _ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return CatalogError(path: path, code: error.extendedResultCode.rawValue, reason: error.message ?? "SQLite gives no reason")
    }

    /// Whether the file is no index any more, so that it must be built again.
    var isDamage: Bool {
        let primary = ResultCode(rawValue: code & 0xFF)
        return primary == .SQLITE_CORRUPT || primary == .SQLITE_NOTADB
    }

    /// Whether someone else holds the file just now.
    var isBusy: Bool {
        ResultCode(rawValue: code & 0xFF) == .SQLITE_BUSY
    }

    var description: String {
        "The catalogue's index \(path) could not be used: \(reason)."
    }
}

extension CatalogError: ExportErrorConvertible {
    var exportError: ExportError {
        switch ResultCode(rawValue: code & 0xFF) {
        case .SQLITE_FULL:
            ExportError(
                .storageFull,
                "The catalogue's index \(path) can't grow: no space is left on its file system.",
                hint: "Free some space; the index is a cache and may be deleted.",
                location: .init(file: path)
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            ExportError(
                .ioError,
                "The catalogue's index \(path) was damaged while it was used: \(reason).",
                hint: "It is built again by the next scan.",
                location: .init(file: path)
            )
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            ExportError(
                .ioError,
                description,
                hint: "Give the account access to the file and to its folder.",
                retryable: false,
                location: .init(file: path)
            )
        default:
            ExportError(.ioError, description, location: .init(file: path))
        }
    }
}
