import ArgumentParser
import ExportCore
import Ledger
import Sidecars

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows all that is known of one job: its status, its packages, its datasets and what happened to it.",
        discussion: "With --verify, exits with 1 where a package is not there any more or is not what was published."
    )

    @Argument(help: "A job's id or a request's name.")
    var job: String

    @Flag(help: "Check the packages in the outbox against their sizes and SHA-256 sums.")
    var verify = false

    @Flag(help: "Print the request as it was dropped, and nothing else.")
    var request = false

    @Flag(help: "Print the status document as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() throws {
        let book = JobBook(try site.load())
        let status = try book.find(job)
        try book.requireVisible(status.job)
        if request { return Output.raw(try book.requestText(of: status.job)) }
        let findings = verify ? PackageCheck.findings(status, folder: book.outbox(of: status.job)) : []
        if json {
            Output.raw(try status.json())
            for finding in findings where !finding.isGood { Output.note(finding.message) }
        } else {
            for line in JobReport.lines(status) { Output.line(line) }
            if status.exports.contains(where: { $0.file != nil }) { Output.line("outbox     \(book.outbox(of: status.job))") }
            if let expired = try book.expired(status.job) { Output.line("expired    \(expired.rfc3339): its packages were removed") }
            for finding in findings { Output.line("verify     \(finding.message)") }
            for dataset in try book.datasets(of: status.job) {
                Output.line("dataset    \(dataset.id), \(Wording.bytes(dataset.bytes))")
            }
            for event in try book.events(of: status.job) {
                let change =
                    event.from.map { $0 == event.to ? event.to.rawValue : "\($0.rawValue) → \(event.to.rawValue)" } ?? event.to.rawValue
                Output.line("event      \(event.time.rfc3339) \(change), by \(event.actor): \(event.reason)")
            }
        }
        if findings.contains(where: { !$0.isGood }) { throw ExitCode(ExitStatus.failed) }
    }
}
