import ExportCore
import ImageSets

/// Counts what an export of image sets does not hold as the sets have it, for `export_report.json` and the warnings.
final class ImageExportReport {
    /// Something that is counted.
    struct Entry: Hashable {
        /// A short stable word, such as `type_not_held`.
        var code: String
        /// The kind of annotation concerned, where it is one.
        var type: AnnotationType?
        /// The format that it concerns; nil where it is the export as a whole.
        var format: String?
    }

    /// A thing that is counted, with the sentence that says what it means and up to some examples.
    struct Count {
        var count = 0
        /// What it means, as the rest of the sentence "12 annotations …" or "3 images …".
        var meaning: String
        var examples: [String] = []
    }

    private static let mostExamples = 5

    /// What is counted of annotations that are not in the package at all.
    private(set) var dropped: [Entry: Count] = [:]
    /// What is counted of annotations that are there in part or as another shape.
    private(set) var reduced: [Entry: Count] = [:]
    /// What is counted of images.
    private(set) var images: [Entry: Count] = [:]
    /// The format whose writer speaks; set by the road.
    var format: String?

    /// An annotation is left out.
    ///
    /// - Parameter meaning: such as "are points, which YOLO has no line for".
    func drop(_ annotation: ExportedAnnotation, of image: ExportedImage, _ code: String, _ meaning: @autoclosure () -> String) {
        Self.add(1, to: &dropped, Entry(code: code, type: annotation.type, format: format), meaning) { Self.name(annotation, image) }
    }

    /// An annotation is written in part or as another shape.
    ///
    /// - Parameter meaning: such as "are masks, of which only the box is written".
    func reduce(_ annotation: ExportedAnnotation, of image: ExportedImage, _ code: String, _ meaning: @autoclosure () -> String) {
        Self.add(1, to: &reduced, Entry(code: code, type: annotation.type, format: format), meaning) { Self.name(annotation, image) }
    }

    /// Something about an image as a whole.
    func note(_ image: ExportedImage, _ code: String, _ meaning: @autoclosure () -> String) {
        Self.add(1, to: &images, Entry(code: code, type: nil, format: format), meaning) { "\(image.dataset.text): \(image.image.file)" }
    }

    /// Something that was counted elsewhere.
    func add(dropped count: Int, _ code: String, _ type: AnnotationType?, _ meaning: String, examples: [String] = []) {
        Self.add(count, to: &dropped, Entry(code: code, type: type, format: nil), { meaning }, examples)
    }

    /// Images that were counted elsewhere.
    func add(images count: Int, _ code: String, _ meaning: String, examples: [String] = []) {
        Self.add(count, to: &images, Entry(code: code, type: nil, format: nil), { meaning }, examples)
    }

    private static func name(_ annotation: ExportedAnnotation, _ image: ExportedImage) -> String {
        "\(image.dataset.text): annotation \(annotation.annotation.id) of \(image.image.file)"
    }

    private static func add(
        _ count: Int,
        to counts: inout [Entry: Count],
        _ entry: Entry,
        _ meaning: () -> String,
        _ example: () -> String
    ) {
        var value = counts[entry] ?? Count(meaning: meaning())
        value.count += count
        if value.examples.count < mostExamples { value.examples.append(example()) }
        counts[entry] = value
    }

    private static func add(
        _ count: Int,
        to counts: inout [Entry: Count],
        _ entry: Entry,
        _ meaning: () -> String,
        _ examples: [String]
    ) {
        guard count > 0 else { return }
        var value = counts[entry] ?? Count(meaning: meaning())
        value.count += count
        value.examples += examples.prefix(mostExamples - value.examples.count)
        counts[entry] = value
    }
}
