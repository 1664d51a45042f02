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
    /// What is counted of categories.
    private(set) var categories: [Entry: Count] = [:]
    /// Annotations of classes and of types that the request does not ask for.
    private(set) var unwantedClasses = 0
    private(set) var unwantedTypes = 0
    /// What the conditions of the selection leave out.
    private(set) var unselectedAnnotations = 0
    private(set) var unselectedImages = 0
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

    /// Annotations that were counted elsewhere as left out.
    func add(dropped count: Int, _ code: String, _ type: AnnotationType?, _ meaning: String, examples: [String] = []) {
        Self.add(count, to: &dropped, Entry(code: code, type: type, format: nil), { meaning }, examples)
    }

    /// Annotations that were counted elsewhere as written in part.
    func add(reduced count: Int, _ code: String, _ type: AnnotationType?, _ meaning: String, examples: [String] = []) {
        Self.add(count, to: &reduced, Entry(code: code, type: type, format: nil), { meaning }, examples)
    }

    /// Images that were counted elsewhere.
    func add(images count: Int, _ code: String, _ meaning: String, examples: [String] = []) {
        Self.add(count, to: &images, Entry(code: code, type: nil, format: nil), { meaning }, examples)
    }

    /// Categories that are not as the sets have them.
    func add(categories count: Int, _ code: String, _ meaning: String, examples: [String] = []) {
        Self.add(count, to: &categories, Entry(code: code, type: nil, format: nil), { meaning }, examples)
    }

    /// An annotation of a class or type that the request does not ask for.
    func unwanted(byClass: Bool) {
        if byClass { unwantedClasses += 1 } else { unwantedTypes += 1 }
    }

    /// What the conditions of the selection leave out.
    func unselected(annotations: Int, images: Int) {
        unselectedAnnotations += annotations
        unselectedImages += images
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
        // In place: of a format that has a word for none of a million annotations, this is called for each.
        func add(to value: inout Count) {
            value.count += count
            if value.examples.count < mostExamples { value.examples.append(example()) }
        }
        add(to: &counts[entry, default: Count(meaning: meaning())])
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

extension ImageExportReport {
    /// What a person is to be told, one warning for each thing that was counted.
    var warnings: [Warning] {
        func list(_ counts: [Entry: Count], _ noun: (Entry, Int) -> String, _ outcome: String) -> [Warning] {
            Self.sorted(counts).map { entry, value in
                let format = entry.format.map { " in \($0)" } ?? ""
                return Warning(entry.code, "\(noun(entry, value.count)) \(value.meaning)\(outcome)\(format).")
            }
        }
        func annotations(_ entry: Entry, _ count: Int) -> String {
            "\(count) \(entry.type.map { "\($0.rawValue) " } ?? "")annotation\(count == 1 ? "" : "s")"
        }
        return list(dropped, annotations, ": left out") + list(reduced, annotations, "")
            + list(images, { _, count in "\(count) image\(count == 1 ? "" : "s")" }, "")
            + list(categories, { _, count in "\(count) categor\(count == 1 ? "y" : "ies")" }, "")
    }

    /// The same as sentences.
    var sentences: [String] { warnings.map(\.message) }

    /// Counts in the order in which they are written: the same for the same counts.
    static func sorted(_ counts: [Entry: Count]) -> [(key: Entry, value: Count)] {
        func place(_ entry: Entry) -> (String, String, String) { (entry.format ?? "", entry.code, entry.type?.rawValue ?? "") }
        return counts.sorted { place($0.key) < place($1.key) }
    }
}
