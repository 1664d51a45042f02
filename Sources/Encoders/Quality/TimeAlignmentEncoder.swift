import Encoding
import ExportCore
import Files
import Formats
import Plans
import Quality

/// How far each stream of a recording lies from a reference stream.
///
/// A part is one recording: its rows of `alignment.csv` and what was found of it as JSON. Only times and a few headers are
/// read, never a picture.
struct TimeAlignmentEncoder: Encoder {
    /// What a part leaves for assembly.
    struct Detail: Codable, Sendable {
        /// The topics whose columns its rows have, in order.
        var topics: [String]
    }

    static let version = 5

    let options: TimeAlignmentOptions

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        let reference = try AlignmentReference.choose(options.reference, in: dataset)
        let rows = Int(clamping: reference.messages)
        return PartEstimate(
            episodes: 1,
            frames: rows,
            bytesRead: dataset.files.prefix(dataset.volumes).reduce(0) { $0 + $1.bytes / 100 },
            bytesWritten: Int64(clamping: rows.multipliedReportingOverflow(by: 40 * dataset.topics.count).partialValue)
        )
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        try AlignmentWork(dataset: dataset, options: options, context: context).run()
    }

    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws {
        try AlignmentTable(context: context).write(parts.map { ($0.folder, $0.dataset.id, $0.detail.topics) })
        let settings = [
            QualityReport.Setting(name: "reference", value: options.reference ?? "the first camera"),
            QualityReport.Setting(name: "clock", value: options.clock.rawValue),
            QualityReport.Setting(name: "tolerance", value: options.toleranceText),
        ]
        _ = try QualityAssembly(kind: .timeAlignment, settings: settings, context: context).write(parts.map(\.folder))
    }
}

extension TimeAlignmentOptions {
    fileprivate var toleranceText: String {
        switch tolerance {
        case .auto: "auto"
        case .nanoseconds(let value): "\(CSVFile.milliseconds(value)) ms"
        }
    }
}
