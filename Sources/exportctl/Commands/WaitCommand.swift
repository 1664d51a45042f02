import ArgumentParser
import Configuration
import Spool

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Waits for the end of a submitted request, and exits with what became of it.",
        discussion: "Exits with 0 where the job completed, and with the code of its failure otherwise. Prompt on network file systems."
    )

    @Argument(help: "The request's name: NAME, NAME.yaml or TEAM/NAME.")
    var name: String

    @Option(help: ArgumentHelp("Give up after so long, such as 90s or 2h.", valueName: "time"), transform: TimeArgument.parse)
    var timeout: Duration?

    @Flag(help: "Print the job's last status as JSON.")
    var json = false

    @Flag(help: "Show nothing while waiting.")
    var quiet = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        let place = try InboxPlace(name, in: SpoolLayout(root: try site.load().spool))
        let waiting = JobWait(place: place, timeout: timeout, display: quiet ? nil : ProgressDisplay())
        try JobReport.printEnd(try await waiting.run(), json: json)
    }
}
