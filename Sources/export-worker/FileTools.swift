import ArgumentParser
import ExportCore
import Glibc

/// The commands about files that `exportctl` hands over to this program: the first argument names one of them.
enum FileTools {
    /// Each is called `exportctl NAME`, because that is what a person typed.
    private static let all: [any ParsableCommand.Type] = [InspectTool.self, RecoverTool.self]

    /// Carries out the tool that the arguments name; returns where they name none.
    ///
    /// - Parameter arguments: the command line without the program's name.
    static func runIfNamed(_ arguments: [String]) {
        guard let name = arguments.first, let tool = all.first(where: { $0.configuration.commandName == "exportctl \(name)" }) else {
            return
        }
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        do {
            var command = try tool.parseAsRoot(Array(arguments.dropFirst()))
            try command.run()
        } catch {
            exit(report(error, of: tool))
        }
        exit(0)
    }

    /// Says what went wrong, and answers the contract's exit status.
    private static func report(_ error: any Error, of tool: any ParsableCommand.Type) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        let code = tool.exitCode(for: error)
        if code == .success {
            print(tool.fullMessage(for: error))
            return 0
        }
        if code == .validationFailure {
            ToolOutput.note(tool.fullMessage(for: error))
            return 2
        }
        let failure = ExportError(error)
        ToolOutput.note("exportctl: \(failure)")
        return failure.code == .requestInvalid ? 2 : 1
    }
}
