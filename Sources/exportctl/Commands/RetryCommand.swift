import ArgumentParser
import Requests

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Runs failed or cancelled jobs again.",
        discussion: "Asks the daemon by a request in its inbox and waits for the answer."
    )

    @Argument(help: ArgumentHelp("Job ids or names of requests; a name stands for its newest job.", valueName: "job"))
    var jobs: [String] = []

    @Flag(
        help: ArgumentHelp(
            "Retry all jobs that failed and may succeed now.",
            discussion: "Those that you may retry, whose request was not wrong, and whose request was not dropped again since."
        )
    )
    var allFailed = false

    @Option(help: ArgumentHelp("How long to wait for the daemon's answer.", valueName: "time"), transform: TimeArgument.parse)
    var timeout: Duration = .seconds(60)

    @Flag(help: "Print the answer as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func validate() throws {
        if jobs.isEmpty != allFailed { throw ValidationError("Name jobs, or give --all-failed.") }
    }

    func run() async throws {
        let request = allFailed ? Request.queue(QueueRequest(.retryFailed)) : .retry(JobsRequest(jobs: jobs))
        try await ControlRequest(request: request, site: try site.load(), timeout: timeout).run(json: json)
    }
}
