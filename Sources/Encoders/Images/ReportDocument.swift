import ExportCore
import Formats
import FoundationEssentials
import ImageSets
import Plans

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

    struct SetLine: Encodable {
        var dataset: DatasetID
        var images: Int
        var annotations: Int
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
    var sets: [SetLine]
    var classes: [ImageTally.ClassCount]
    var splits: [String: Int]
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
        case dropped
        case reduced
        case imageNotes = "image_notes"
        case categoryNotes = "category_notes"
        case notSelected = "not_selected"
    }

    init<Options: ImageFormat>(tally: ImageTally, report: ImageExportReport, sets: [ExportedSet], format: Options.Type) {
        summary = Options.summary
        images = tally.images
        annotations = tally.annotations
        emptyImages = tally.emptyImages
        self.sets = sets.map { SetLine(dataset: $0.dataset.id, images: $0.summary.images, annotations: $0.summary.annotations) }
        classes = tally.classes
        splits = tally.splits
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

    private static func lines(_ counts: ImageExportReport.Counts) -> [Line] {
        counts.sorted.map { entry, value in
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
