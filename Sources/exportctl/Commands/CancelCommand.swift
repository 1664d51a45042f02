import ArgumentParser
import Requests

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Stops jobs that have not ended.",
        discussion: "Asks the daemon by a request in its inbox and waits for the answer."
    )

    @Argument(help: ArgumentHelp("Job ids or names of requests; a name stands for its newest job.", valueName: "job"))
    var jobs: [String]

    @Option(help: ArgumentHelp("How long to wait for the daemon's answer.", valueName: "time"), transform: TimeArgument.parse)
    var timeout: Duration = .seconds(60)

    @Flag(help: "Print the answer as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        let request = Request.cancel(JobsRequest(jobs: jobs))
        try await ControlRequest(request: request, site: try site.load(), timeout: timeout).run(json: json)
    }
}
