import ArgumentParser
import ExportCore
import Glibc

/// The program that carries out `exportctl inspect` and `exportctl recover`, the commands about one recording.
///
/// It links readers of recordings and no codec, so that it starts in a moment; like a worker it may die of what it reads
/// without harm to anything that holds a request.
@main
enum RecordingTool {
    /// Each is called `exportctl NAME`, because that is what a person typed.
    private static let all: [any ParsableCommand.Type] = [InspectTool.self, RecoverTool.self]

    /// Carries out the tool that the first argument names.
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let name = arguments.first, let tool = all.first(where: { $0.configuration.commandName == "exportctl \(name)" }) else {
            ToolOutput.note("recording-tool \(Version.current): exportctl runs this program; use exportctl inspect or exportctl recover.")
            exit(2)
        }
        // A core file of a process that holds somebody's camera pictures helps nobody.
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
