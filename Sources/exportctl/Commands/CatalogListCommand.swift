import ArgumentParser
import ExportCore
import Plans
import Requests
import Sidecars

struct CatalogListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists datasets.",
        discussion: "All conditions must hold; one that is given several times is a choice of alternatives."
    )

    @Argument(help: ArgumentHelp("Dataset ids or globs; all where absent.", valueName: "dataset"))
    var datasets: [String] = []

    @Option(help: "A project's name or glob.")
    var project: [String] = []

    @Option(help: "A robot's name or glob.")
    var robot: [String] = []

    @Option(help: "An annotator's name or glob.")
    var annotator: [String] = []

    @Option(help: "A tag or glob.")
    var tag: [String] = []

    @Option(help: "Text in the task or an instruction.")
    var text: String?

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        var select = Selection()
        select.datasets = datasets
        select.projects = project
        select.robots = robot
        select.annotators = annotator
        select.tags = tag
        select.text = text
        let found = try await CatalogListing.datasets(select, site.load())
        if json { return try Output.json(found) }
        guard !found.isEmpty else { return Output.line("No datasets.") }
        var table = Table(["dataset", "layout", "project", "segments", "length", "size", "review", "problem"])
        for entry in found {
            let dataset = entry.dataset
            table.add([
                dataset.id.text, dataset.layout.rawValue, dataset.metadata.project ?? "-", String(dataset.segments.count),
                dataset.range.map { "\(Wording.oneDecimal(Double($0.nanoseconds) / 1e9)) s" } ?? "-", Wording.bytes(dataset.bytes),
                dataset.metadata.review?.rawValue ?? "-", entry.problem?.code.rawValue ?? "",
            ])
        }
        for line in table.lines { Output.line(line) }
    }
}
