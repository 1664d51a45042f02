import ArgumentParser
import ExportCore
import Ledger
import Sidecars

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows all that is known of one job: its status, its packages and what happened to it."
    )

    @Argument(help: "A job's id or a request's name.")
    var job: String

    @Flag(help: "Print the status document as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() throws {
        let book = JobBook(try site.load())
        let status = try book.find(job)
        if json { return Output.raw(try status.json()) }
        for line in JobReport.lines(status) { Output.line(line) }
        if status.exports.contains(where: { $0.file != nil }) { Output.line("outbox     \(book.outbox(of: status.job))") }
        for event in try book.events(of: status.job) {
            let change =
                event.from.map { $0 == event.to ? event.to.rawValue : "\($0.rawValue) → \(event.to.rawValue)" } ?? event.to.rawValue
            Output.line("event      \(event.time.rfc3339) \(change), by \(event.actor): \(event.reason)")
        }
    }
}
