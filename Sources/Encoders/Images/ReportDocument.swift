import ExportCore
import FoundationEssentials
import ImageSets

/// `export_report.json`: what a package of images holds, and what it does not hold as the sets have it.
struct ReportDocument: Encodable {
    struct Line: Encodable {
        var code: String
        var type: AnnotationType?
        var format: String?
        var count: Int
        var meaning: String
        var examples: [String]
    }

    struct CountLine: Encodable {
        var name: String
        var images: Int
        var annotations: Int

        init(_ name: String, _ count: ImageTally.Count) {
            self.name = name
            images = count.images
            annotations = count.annotations
        }
    }

    struct NotSelected: Encodable {
        var annotations: Int
        var images: Int
        var otherClasses: Int
        var otherTypes: Int

        enum CodingKeys: String, CodingKey {
            case annotations
            case images
            case otherClasses = "other_classes"
            case otherTypes = "other_types"
        }
    }

    var schema = "image-export-report/1"
    var exportd = Version.current
    var summary: String
    var images: Int
    var annotations: Int
    var emptyImages: Int
    var sets: [CountLine]
    var classes: [CountLine]
    var splits: [CountLine]
    var types: [CountLine]
    var dropped: [Line]
    var reduced: [Line]
    var imageNotes: [Line]
    var categoryNotes: [Line]
    var notSelected: NotSelected

    enum CodingKeys: String, CodingKey {
        case schema
        case exportd
        case summary = "format"
        case images
        case annotations
        case emptyImages = "images_without_annotations"
        case sets
        case classes
        case splits
        case types
        case dropped
        case reduced
        case imageNotes = "image_notes"
        case categoryNotes = "category_notes"
        case notSelected = "not_selected"
    }

    init(_ tally: ImageTally, _ classes: [ExportedClass], _ report: ImageExportReport, format: String) {
        summary = format
        images = tally.total.images
        annotations = tally.total.annotations
        emptyImages = tally.emptyImages
        sets = tally.datasets.map { CountLine($0.id.text, $0.count) }
        self.classes = classes.map { CountLine($0.name, tally.classes[$0.index]) }
        splits = ImageSplit.allCases.compactMap { split in tally.splits[split].map { CountLine(split.rawValue, $0) } }
        types = AnnotationType.allCases.compactMap { type in tally.types[type].map { CountLine(type.rawValue, $0) } }
        dropped = Self.lines(report.dropped)
        reduced = Self.lines(report.reduced)
        imageNotes = Self.lines(report.images)
        categoryNotes = Self.lines(report.categories)
        notSelected = NotSelected(
            annotations: report.unselectedAnnotations,
            images: report.unselectedImages,
            otherClasses: report.unwantedClasses,
            otherTypes: report.unwantedTypes
        )
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return [UInt8](try encoder.encode(self)) + [0x0A]
    }

    private static func lines(_ counts: [ImageExportReport.Entry: ImageExportReport.Count]) -> [Line] {
        ImageExportReport.sorted(counts).map { entry, value in
            Line(
                code: entry.code,
                type: entry.type,
                format: entry.format,
                count: value.count,
                meaning: value.meaning,
                examples: value.examples
            )
        }
    }
}
