import ArgumentParser
import ExportCore
import Sidecars

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the newest jobs, or where one stands.",
        discussion: "Reads the daemon's ledger where the caller may, else the status files in the inbox."
    )

    @Argument(help: "A job's id or a request's name; without one the newest jobs are listed.")
    var job: String?

    @Option(help: "How many jobs to list.")
    var limit = 20

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() throws {
        let book = JobBook(try site.load())
        if let job {
            let status = try book.find(job)
            if json { return Output.raw(try status.json()) }
            for line in JobReport.lines(status) { Output.line(line) }
            return
        }
        let jobs = try book.list(limit: limit)
        if json { return try Output.json(jobs) }
        guard !jobs.isEmpty else { return Output.line("No jobs.") }
        var table = Table(["job", "request", "user", "kind", "created", "state"])
        for job in jobs {
            let place = ProgressDisplay.text(job.progress, state: job.state, queuePosition: job.queuePosition)
            let state = job.error.map { "\(place): \($0.code.rawValue)" } ?? place
            table.add([job.job.text, job.request, job.user, job.kind ?? "unknown", job.createdAt, state])
        }
        for line in table.lines { Output.line(line) }
    }
}
