import ArgumentParser
import ExportCore
import Plans
import Requests
import Sidecars

struct CatalogShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows all that is known of a dataset: files, topics, segments, problems."
    )

    @Argument(help: "The dataset's id.")
    var dataset: String

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var site: SiteArguments

    func run() async throws {
        var select = Selection()
        select.datasets = [dataset]
        let found = try await CatalogListing.datasets(select, site.load())
        if json { return try Output.json(found) }
        for entry in found {
            for line in Self.lines(entry) { Output.line(line) }
        }
        guard found.isEmpty else { return }
        throw ExportError(.selectionEmpty, "The stores hold no dataset \(dataset).", hint: "List them with `exportctl catalog list`.")
    }

    private static func lines(_ entry: DatasetSummary) -> [String] {
        let dataset = entry.dataset
        let metadata = dataset.metadata
        var lines = ["dataset    \(dataset.id)", "layout     \(dataset.layout.rawValue)", "store      \(dataset.store)"]
        if let range = dataset.range {
            lines.append(
                "recorded   \(range.start.rfc3339) to \(range.end.rfc3339) (\(Wording.oneDecimal(Double(range.nanoseconds) / 1e9)) s)"
            )
        }
        let facts: [(String, String?)] = [
            ("project", metadata.project), ("scene", metadata.scene), ("annotator", metadata.annotator), ("reviewer", metadata.reviewer),
            ("review", metadata.review?.rawValue), ("quality", metadata.qualityLevel?.rawValue), ("robot", metadata.robot),
            ("tags", metadata.tags.isEmpty ? nil : metadata.tags.joined(separator: ", ")), ("task", metadata.task),
        ]
        for (name, value) in facts {
            guard let value else { continue }
            lines.append(name + String(repeating: " ", count: 11 - name.count) + value)
        }
        for file in dataset.files { lines.append("file       \(file.path), \(Wording.bytes(file.bytes))") }
        for topic in dataset.topics { lines.append("topic      \(topic.topic), \(topic.type), \(topic.messages) messages") }
        for segment in dataset.segments {
            let start = dataset.range.map { Double(segment.range.start.nanoseconds &- $0.start.nanoseconds) / 1e9 } ?? 0
            let length = Double(segment.range.nanoseconds) / 1e9
            lines.append("segment    at \(Wording.oneDecimal(start)) s for \(Wording.oneDecimal(length)) s: \(segment.task)")
        }
        for warning in entry.warnings { lines.append("warning    \(warning.message)") }
        if let problem = entry.problem { lines.append("problem    \(problem.code.rawValue): \(problem)") }
        return lines
    }
}
