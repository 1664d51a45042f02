import ArgumentParser
import ExportCore
import Glibc

/// The command line of exportd: everything that a person or a script does, except running the daemon.
@main
struct Exportctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exportctl",
        abstract: "Asks exportd for exports, and shows what became of them.",
        discussion: """
            Exit codes: 0 done, 1 failed, 2 wrong usage or invalid request, 3 not permitted, 4 quota exceeded; for inspect and recover, 3 \
            says that something is wrong with the recording or was lost.
            """,
        version: Version.current,
        subcommands: [
            RunCommand.self, SubmitCommand.self, PreviewCommand.self, ValidateCommand.self, StatusCommand.self, WaitCommand.self,
            WatchCommand.self, ShowCommand.self, CancelCommand.self, RetryCommand.self, HistoryCommand.self, QuotaCommand.self,
            QueueCommand.self, StatsCommand.self, CatalogCommand.self, InspectCommand.self, RecoverCommand.self, DoctorCommand.self,
            SchemaCommand.self, ManualCommand.self,
        ]
    )

    static func main() async {
        do {
            // These become another program, which parses what follows itself; the other commands needn't be known for that.
            let arguments = CommandLine.arguments.dropFirst()
            if let name = arguments.first, RecordingProgram.commands.contains(name) {
                try RecordingProgram.run(name, Array(arguments.dropFirst()))
            }
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Glibc.exit(ExitStatus.report(error))
        }
    }
}
