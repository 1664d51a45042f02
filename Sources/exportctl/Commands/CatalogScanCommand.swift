import ArgumentParser
import ExportCore
import Plans

struct CatalogScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Brings the catalogue up to date and names the datasets that cannot be used."
    )

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        let errand = try WorkerErrand(site.load())
        let order = ScanOrder(site: errand.site)
        guard case .scanned(let summary) = try await errand.perform(.scan(order)) else { throw WorkerErrand.mismatch }
        if json { return try Output.json(summary) }
        Output.line(
            "\(Wording.count(summary.datasets, "dataset")), of which \(summary.opened) are new or changed; \(summary.removed) have gone."
        )
        for problem in summary.problems { Output.line("\(problem.id): \(problem.error)") }
    }
}
