import Encoding
import ExportCore
import Formats
import Plans
import Samples

/// Tables of datasets, segments, samples and messages, as CSV or JSON.
///
/// A part is one dataset: a file of rows for each table, its columns in the order in which they turned up. Only assembly knows all
/// columns that any dataset has; it writes the header and puts every row's cells in their places.
struct TablesEncoder: Encoder {
    /// What a part leaves for assembly beside its files.
    struct Detail: Codable, Sendable {
        var tables: [PartTable]
    }

    static let version = 2

    let options: TableOptions

    init(_ options: TableOptions) {
        self.options = options
    }

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        var estimate = PartEstimate(episodes: dataset.segments.count, bytesRead: 0, bytesWritten: 4_096)
        if options.contents.hasSamples {
            let samples = try SampleEstimate.of(dataset, options: options.samples)
            estimate.episodes = samples.episodes
            estimate.frames = samples.frames
            // A time, an id and some twenty numbers.
            estimate.bytesWritten += Int64(samples.frames) * 400
        }
        guard let filter = options.contents.topics else { return estimate }
        for topic in dataset.topics where filter.takes(topic.topic) {
            // Most messages that anybody wants in a table are of this size.
            estimate.bytesWritten += 200 * Int64(min(topic.messages, 1 << 40))
        }
        estimate.bytesRead = dataset.bytes
        return estimate
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        try DatasetTables(dataset: dataset, options: options, context: context).encode()
    }

    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws {
        try TablesAssembly(options: options, context: context).assemble(parts)
    }
}

/// What both formats come to.
struct TableOptions: Sendable {
    var contents: TableContents
    var dialect: TableDialect

    /// What these options ask of the samples.
    ///
    /// A recording that nobody annotated is one episode without an instruction: tables need none.
    var samples: SampleOptions {
        SampleOptions(
            sampling: contents.sampling,
            mapping: contents.mapping,
            action: contents.action,
            defaultTask: contents.defaultTask ?? ""
        )
    }
}

/// How cells and rows are written.
enum TableDialect: Hashable, Sendable {
    case csv(hasByteOrderMark: Bool, isExcelSafe: Bool)
    case json

    var isJSON: Bool { self == .json }

    /// What a column is called: never nothing, and in CSV on one line, and by no spreadsheet taken for something else.
    func columnName(_ path: [ColumnStep]) -> String {
        let name = path.map(\.text).joined(separator: ".")
        guard !name.isEmpty else { return "_" }
        guard case .csv(_, let isExcelSafe) = self else { return name }
        let line = String(String.UnicodeScalarView(name.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : $0 }))
        return isExcelSafe && CellText.isTakenAmiss(line.utf8) ? "'\(line)" : line
    }
}

extension CSVOptions {
    var tables: TableOptions {
        TableOptions(contents: contents, dialect: .csv(hasByteOrderMark: hasByteOrderMark, isExcelSafe: isExcelSafe))
    }
}

extension JSONOptions {
    var tables: TableOptions { TableOptions(contents: contents, dialect: .json) }
}
