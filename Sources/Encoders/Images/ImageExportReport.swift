import ExportCore
import ImageSets

/// Counts what an export of image sets does not hold as the sets have it, for `export_report.json` and the warnings.
final class ImageExportReport {
    /// Something that is counted.
    struct Entry: Equatable {
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

    /// What is counted, by what it is.
    struct Counts {
        private static let mostExamples = 5

        /// Few, and looked through: of a format that has a word for none of a million annotations, that is done for each.
        private var entries: [Entry] = []
        private var counts: [Count] = []

        /// All counts in the order in which they are written: the same for the same counts.
        var sorted: [(key: Entry, value: Count)] {
            func place(_ entry: Entry) -> (String, String, String) { (entry.format ?? "", entry.code, entry.type?.rawValue ?? "") }
            return zip(entries, counts).map { (key: $0, value: $1) }.sorted { place($0.key) < place($1.key) }
        }

        /// Adds one, whose example is made where it is wanted.
        mutating func add(_ entry: Entry, _ meaning: () -> String, example: () -> String) {
            let index = index(of: entry, meaning)
            counts[index].count += 1
            if counts[index].examples.count < Self.mostExamples { counts[index].examples.append(example()) }
        }

        /// Adds some that were counted elsewhere.
        mutating func add(_ count: Int, _ entry: Entry, _ meaning: String, examples: [String]) {
            guard count > 0 else { return }
            let index = index(of: entry) { meaning }
            counts[index].count += count
            counts[index].examples += examples.prefix(Self.mostExamples - counts[index].examples.count)
        }

        private mutating func index(of entry: Entry, _ meaning: () -> String) -> Int {
            if let index = entries.firstIndex(of: entry) { return index }
            entries.append(entry)
            counts.append(Count(meaning: meaning()))
            return entries.count - 1
        }
    }

    /// What is counted of annotations that are not in the package at all.
    private(set) var dropped = Counts()
    /// What is counted of annotations that are there in part or as another shape.
    private(set) var reduced = Counts()
    /// What is counted of images.
    private(set) var images = Counts()
    /// What is counted of categories.
    private(set) var categories = Counts()
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
        dropped.add(Entry(code: code, type: annotation.type, format: format), meaning) { Self.name(annotation, image) }
    }

    /// An annotation is written in part or as another shape.
    ///
    /// - Parameter meaning: such as "are masks, of which only the box is written".
    func reduce(_ annotation: ExportedAnnotation, of image: ExportedImage, _ code: String, _ meaning: @autoclosure () -> String) {
        reduced.add(Entry(code: code, type: annotation.type, format: format), meaning) { Self.name(annotation, image) }
    }

    /// Something about an image as a whole.
    func note(_ image: ExportedImage, _ code: String, _ meaning: @autoclosure () -> String) {
        images.add(Entry(code: code, type: nil, format: format), meaning) { "\(image.dataset.text): \(image.image.file)" }
    }

    /// Annotations that were counted elsewhere as left out.
    func add(dropped count: Int, _ code: String, _ type: AnnotationType?, _ meaning: String, examples: [String] = []) {
        dropped.add(count, Entry(code: code, type: type, format: nil), meaning, examples: examples)
    }

    /// Annotations that were counted elsewhere as written in part.
    func add(reduced count: Int, _ code: String, _ type: AnnotationType?, _ meaning: String, examples: [String] = []) {
        reduced.add(count, Entry(code: code, type: type, format: nil), meaning, examples: examples)
    }

    /// Images that were counted elsewhere.
    func add(images count: Int, _ code: String, _ meaning: String, examples: [String] = []) {
        images.add(count, Entry(code: code, type: nil, format: nil), meaning, examples: examples)
    }

    /// Categories that are not as the sets have them.
    func add(categories count: Int, _ code: String, _ meaning: String, examples: [String] = []) {
        categories.add(count, Entry(code: code, type: nil, format: nil), meaning, examples: examples)
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
}

extension ImageExportReport {
    /// What a person is to be told, one warning for each thing that was counted.
    var warnings: [Warning] {
        func list(_ counts: Counts, _ noun: (Entry, Int) -> String, _ outcome: String) -> [Warning] {
            counts.sorted.map { entry, value in
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
}
