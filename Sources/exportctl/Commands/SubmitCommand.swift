import ArgumentParser
import Configuration
import ExportCore
import Files
import Spool

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Checks a request and drops it into the daemon's inbox.",
        discussion: "An invalid request is not submitted: its problems are printed and the exit code is 2."
    )

    @Argument(help: "The request; - reads standard input.")
    var request: String

    @Option(help: ArgumentHelp("Submit under this name instead of the file's; TEAM/NAME drops it into a team's folder.", valueName: "name"))
    var name: String?

    @Flag(help: "Wait for the end of the job and show how far it is.")
    var wait = false

    @Option(help: ArgumentHelp("Give up waiting after so long, such as 90s or 2h.", valueName: "time"), transform: TimeArgument.parse)
    var timeout: Duration?

    @Flag(help: "Print the outcome as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    /// What `--json` prints without `--wait`.
    private struct Submitted: Encodable {
        var request: String
        var sidecar: String
    }

    func validate() throws {
        if request == "-", name == nil { throw ValidationError("A request from standard input needs a name: use --name.") }
    }

    func run() async throws {
        let spool = SpoolLayout(root: try site.load().spool)
        let file = try RequestFile(reading: request)
        let place = try InboxPlace(name ?? file.name, in: spool)
        let previous = try place.submit(file.bytes)
        guard wait else {
            let sidecar = "\(place.folder)/\(place.name).status.json"
            if json { return try Output.json(Submitted(request: place.label, sidecar: sidecar)) }
            return Output.line("Submitted \(place.label). Its status appears in \(sidecar).")
        }
        let waiting = JobWait(place: place, previous: previous, timeout: timeout, display: ProgressDisplay())
        try JobReport.printEnd(try await waiting.run(), json: json)
    }
}
