import ArgumentParser
import ExportCore
import Files
import Glibc

/// The exit codes of the command line, which scripts rely on.
enum ExitStatus {
    static let failed: Int32 = 1
    static let invalid: Int32 = 2
    static let notPermitted: Int32 = 3
    static let quotaExceeded: Int32 = 4

    /// The code for a kind of failure.
    static func code(for code: ExportError.Code) -> Int32 {
        switch code {
        case .requestInvalid, .requestUnreadable: invalid
        case .notPermitted: notPermitted
        case .quotaExceeded: quotaExceeded
        case .selectionEmpty, .datasetUnreadable, .annotationMissing, .topicMissing, .optionUnsupported, .storageFull, .ioError, .timedOut,
            .internal:
            failed
        }
    }

    /// Says what went wrong, unless that was said already, and answers the code to exit with.
    static func report(_ error: any Error) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        let parserCode = Exportctl.exitCode(for: error)
        if parserCode == .success {
            Output.line(Exportctl.fullMessage(for: error))
            return 0
        }
        if parserCode == .validationFailure {
            Output.error(Exportctl.fullMessage(for: error))
            return invalid
        }
        var failure = ExportError(error)
        if let file = error as? FileError, file.errno == EACCES || file.errno == EPERM {
            // Elsewhere it is the daemon that may not.
            failure.hint = "Ask an administrator for the right, which may be a group's."
        }
        Output.error(failure)
        return code(for: failure.code)
    }
}
