import ArgumentParser
import Requests

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Carries out a request here and now, without the daemon.",
        discussion: """
            The packages appear in a new folder, all at once, with manifest, request.yaml and status.json. The daemon's spool, \
            ledger and history are not touched, so this also works beside a running daemon. What was done of a run that was \
            interrupted is kept in a cache for the next.
            """
    )

    @Argument(help: "The request; - reads standard input.")
    var request: String

    @Option(help: ArgumentHelp("The folder for the packages, which must not exist yet; ./NAME.export by default.", valueName: "folder"))
    var output: String?

    @Flag(help: "Print the status document as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        let file = try RequestFile(reading: request)
        let command = try ForegroundCommand(file, site.load())
        if file.request.kind == .preview { return try JobReport.printEnd(try await command.preview(), json: json) }
        let folder = output ?? "\(file.name).export"
        let status = try await command.export(to: folder)
        if !json { Output.line("packages   \(folder)") }
        try JobReport.printEnd(status, json: json)
    }
}
