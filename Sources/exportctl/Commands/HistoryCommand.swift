import ArgumentParser
import ExportCore
import Formats
import Jobs
import Requests

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Lists earlier jobs, newest first.",
        discussion: """
            All conditions must hold; one that is given several times is a choice of alternatives. Administrators see all jobs, managers \
            those of their projects, others their own. Reads the ledger where the caller may, else asks the daemon.
            """
    )

    @Option(
        help: ArgumentHelp("Accepted at or after this: an instant, or a time back from now such as 24h.", valueName: "time"),
        transform: ServiceArgument.instant
    )
    var from: Timestamp?

    @Option(help: ArgumentHelp("Accepted before this.", valueName: "time"), transform: ServiceArgument.instant)
    var to: Timestamp?

    @Option(help: "A format that the job has.")
    var format: [FormatName] = []

    @Option(help: "A state.")
    var state: [JobState] = []

    @Option(help: "A user's name.")
    var user: [String] = []

    @Option(help: "A project's name or glob.")
    var project: [String] = []

    @Option(help: "A dataset's id or glob.")
    var dataset: [String] = []

    @Option(help: "Text of at least 3 characters in the request's name, its title or its error.")
    var text: String?

    @Option(help: "The most jobs to list.")
    var limit = 50

    @Option(help: ArgumentHelp("How long to wait for the daemon's answer.", valueName: "time"), transform: TimeArgument.parse)
    var timeout: Duration = .seconds(60)

    @Flag(help: "Print as JSON.")
    var json = false

    @Flag(help: "Print as comma-separated values.")
    var csv = false

    @OptionGroup var site: SiteArguments

    func validate() throws {
        if json, csv { throw ValidationError("Choose --json or --csv.") }
        if !(1...HistoryConditions.mostJobs).contains(limit) {
            throw ValidationError("--limit must be from 1 to \(HistoryConditions.mostJobs).")
        }
        if let text, text.unicodeScalars.count < 3 { throw ValidationError("--text must have at least 3 characters.") }
        if let from, let to, to <= from { throw ValidationError("--to must be later than --from.") }
    }

    func run() async throws {
        var request = HistoryRequest()
        request.filter.from = from
        request.filter.to = to
        request.filter.formats = format
        request.filter.states = state
        request.filter.users = user
        request.filter.projects = project
        request.filter.datasets = dataset
        request.filter.text = text
        request.filter.limit = limit
        request.output = json ? .json : csv ? .csv : .table
        Output.raw(try await ServiceBook(site.load()).history(request, timeout: timeout))
    }
}
