import ArgumentParser
import ExportCore
import Ledger
import Requests
import Sidecars

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Shows and controls what waits to be run.",
        subcommands: [
            QueueStatusCommand.self, QueuePauseCommand.self, QueueResumeCommand.self, QueueClearCommand.self, QueuePurgeCommand.self,
        ],
        defaultSubcommand: QueueStatusCommand.self
    )
}

struct QueueStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the jobs that run and wait, in the order in which they will run.",
        discussion: "Reads the daemon's ledger where the caller may, else the status files in the inbox."
    )

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    /// What `--json` prints.
    private struct Answer: Encodable {
        var paused: Bool
        var pausedSince: String?
        var jobs: [StatusDocument]

        enum CodingKeys: String, CodingKey {
            case paused
            case pausedSince = "paused_since"
            case jobs
        }
    }

    func run() throws {
        let book = JobBook(try site.load())
        let jobs = try book.open()
        let pause = try book.pause()
        if json { return try Output.json(Answer(paused: pause != nil, pausedSince: pause?.since.rfc3339, jobs: jobs)) }
        if let pause { Output.line("The queue was paused by \(pause.actor) at \(pause.since.rfc3339); no new job is started.") }
        guard !jobs.isEmpty else { return Output.line("No jobs wait or run.") }
        var table = Table(["job", "request", "user", "kind", "created", "state"])
        for job in jobs {
            let place = ProgressDisplay.text(job.progress, state: job.state, queuePosition: job.queuePosition)
            table.add([job.job.text, job.request, job.user, job.kind ?? "unknown", job.createdAt, place])
        }
        for line in table.lines { Output.line(line) }
    }
}

struct QueuePauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "pause", abstract: "Starts no more jobs; those that run go on.")

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func run() async throws { try await QueueCommand.send(.pause, site, answer) }
}

struct QueueResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Starts jobs again after a pause.")

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func run() async throws { try await QueueCommand.send(.resume, site, answer) }
}

struct QueueClearCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "clear", abstract: "Cancels all jobs that wait.")

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func run() async throws { try await QueueCommand.send(.clear, site, answer) }
}

struct QueuePurgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "purge", abstract: "Cancels all jobs that wait or run.")

    @OptionGroup var answer: AnswerArguments
    @OptionGroup var site: SiteArguments

    func run() async throws { try await QueueCommand.send(.purge, site, answer) }
}

extension QueueCommand {
    static func send(_ action: QueueRequest.Action, _ site: SiteArguments, _ answer: AnswerArguments) async throws {
        let request = Request.queue(QueueRequest(action))
        try await ControlRequest(request: request, site: try site.load(), timeout: answer.timeout).run(json: answer.json)
    }
}
