import ExportCore
import Files
import Formats
import Geometry
import ImageSets

/// Writes label files as the trainers of YOLO read them: `labels/<split>/<stem>.txt` beside `images/<split>/`.
///
/// The rules are those of ultralytics' loader, which refuses a whole image for one line that it does not like: one kind of line
/// in all files, everything within the image, every line only once.
final class YOLOWriter: ImageWriter {
    static let version = 1

    /// Images with a shorter side are refused by the loader.
    private static let shortestSide = 10

    private let task: YOLOOptions.Task
    private let isStrict: Bool
    private let context: ImageWriterContext
    private var lines: YOLOLines
    private let names: ImageNameList

    init(_ options: YOLOOptions, in context: ImageWriterContext) throws {
        task = options.task
        names = try ImageNameList(folder: context.folder)
        isStrict = options.contents.isStrict
        self.context = context
        let posed = context.classes.first { !$0.category.keypoints.isEmpty }
        lines = YOLOLines(task: options.task, isStrict: options.contents.isStrict, keypoints: posed?.category.keypoints.count)
    }

    func picturePath(of image: ExportedImage) -> String {
        "images/\(image.split.rawValue)/\(image.flatName)"
    }

    func write(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) throws {
        if min(image.width, image.height) < Self.shortestSide {
            context.report.note(image, "too_small", "have a side of fewer than 10 pixels, which ultralytics refuses")
        }
        try names.add(image, at: picturePath(of: image))
        lines.begin()
        for annotation in annotations { lines.add(annotation, of: image, report: context.report) }
        // An image that was looked at and holds nothing has a file without lines.
        try context.imageFiles.add("labels/\(image.split.rawValue)/\(image.stem).txt", lines.bytes)
    }

    func finish() throws {
        try names.finish()
        var classes: [UInt8] = []
        for entry in context.classes {
            classes.append(contentsOf: Self.onOneLine(entry.name).utf8)
            classes.append(UInt8(ascii: "\n"))
        }
        try write("classes.txt", classes)
        try write("data.yaml", Array(description.utf8))
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = try OpenFile.creating("\(context.folder)/\(name)")
        try file.write(bytes)
        try file.closeChecked()
    }

    /// `data.yaml`: without `path`, so that the trainer looks beside the file, wherever it lies.
    private var description: String {
        let fallback = context.splits.first ?? .train
        var lines = ["# A set of images for YOLO, task \(task.rawValue).", "task: \(task.rawValue)"]
        for split in [ImageSplit.train, .val] {
            if context.splits.contains(split) {
                lines.append("\(split.rawValue): images/\(split.rawValue)")
            } else {
                lines.append("# No image is for \(split.rawValue), and trainers need the key.")
                lines.append("\(split.rawValue): images/\(fallback.rawValue)")
            }
        }
        if context.splits.contains(.test) { lines.append("test: images/test") }
        lines.append("nc: \(context.classes.count)")
        lines.append(context.classes.isEmpty ? "names: {}" : "names:")
        for (index, entry) in context.classes.enumerated() { lines.append("  \(index): \(Self.yamlText(entry.name))") }
        if task == .pose, let count = self.lines.keypoints {
            lines.append("kpt_shape: [\(count), 3]")
            let posed = context.classes.filter { $0.category.keypoints.count == count }
            let flip = posed.first { $0.category.flipIndices.count == count }?.category.flipIndices
            if let flip { lines.append("flip_idx: [\(flip.map { String($0) }.joined(separator: ", "))]") }
            if !posed.isEmpty { lines.append("kpt_names:") }
            for entry in posed {
                lines.append("  \(entry.index): [\(entry.category.keypoints.map(Self.yamlText).joined(separator: ", "))]")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A name on a line of its own.
    private static func onOneLine(_ name: String) -> String {
        String(String.UnicodeScalarView(name.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// A text in double quotes, whatever it holds.
    private static func yamlText(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            default:
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
                    let digits = String(scalar.value, radix: 16)
                    quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                default: quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }
}
