import ArgumentParser
import ExportCore
import Ledger
import Requests
import Sidecars

struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Shows exports by user, format and day, and why jobs failed, for administrators."
    )

    @Option(
        help: ArgumentHelp("Accepted at or after this: an instant, or a time back from now such as 7d.", valueName: "time"),
        transform: ServiceArgument.instant
    )
    var from: Timestamp?

    @Option(help: ArgumentHelp("Accepted before this.", valueName: "time"), transform: ServiceArgument.instant)
    var to: Timestamp?

    @Option(help: ArgumentHelp("How long to wait for the daemon's answer.", valueName: "time"), transform: TimeArgument.parse)
    var timeout: Duration = .seconds(60)

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        var conditions = HistoryConditions()
        (conditions.from, conditions.to) = (from, to)
        let statistics = try await ServiceBook(site.load()).statistics(conditions, timeout: timeout)
        if json { return try Output.json(statistics) }
        for (what, totals) in [("user", statistics.users), ("format", statistics.formats), ("day", statistics.days)] {
            var table = Table([what, "jobs", "completed", "failed", "cancelled", "exports", "size", "mean time"])
            for entry in totals {
                let mean = entry.completed > 0 ? LengthOfTime.text(Int(entry.seconds / Double(entry.completed))) : "-"
                table.add([
                    entry.name, String(entry.jobs), String(entry.completed), String(entry.failed), String(entry.cancelled),
                    String(entry.exports), Wording.bytes(entry.bytes), mean,
                ])
            }
            for line in table.lines { Output.line(line) }
            Output.line()
        }
        guard !statistics.failures.isEmpty else { return Output.line("No job failed.") }
        var table = Table(["failed with", "jobs", "latest"])
        for failure in statistics.failures { table.add([failure.code, String(failure.jobs), failure.latest]) }
        for line in table.lines { Output.line(line) }
    }
}
