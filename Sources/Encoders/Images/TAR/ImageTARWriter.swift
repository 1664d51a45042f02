import ExportCore
import Files
import Formats
import ImageSets
import Plans

/// Everything of the sets in one package: all images below `images/`, the source annotations below `source/`, and the files of
/// every other format, each in a folder of its own.
///
/// Trainers of YOLO and readers of Pascal VOC look for images at their places beside the annotations: there the images have further
/// names. COCO and tables name them below `images/`, a folder that their readers are told.
final class ImageTARWriter: ImageWriter {
    static let version = 2
    static let details = AnnotationTable.Details.all

    /// A writer of another format, which takes part in this package.
    private struct Member {
        var name: String
        var write: (ExportedImage, [ExportedAnnotation]) throws -> Void
        var finish: () throws -> Void
        /// Gives an image the further name that the format looks for it by; nil where it looks for none.
        var link: ((_ image: ExportedImage, _ target: String) throws -> Void)?
    }

    private let context: ImageWriterContext
    private var members: [Member] = []
    private let coversFaces: Bool

    init(_ options: ImageTAROptions, in context: ImageWriterContext) throws {
        self.context = context
        coversFaces = options.contents.faceBlur != nil
        var coco = COCOOptions()
        coco.contents = options.contents
        try add("coco", COCOWriter.self, coco, findsImages: false)
        var csv = ImageCSVOptions()
        csv.contents = options.contents
        try add("csv", ImageCSVWriter.self, csv, findsImages: false)
        var voc = VOCOptions()
        voc.contents = options.contents
        try add("voc", VOCWriter.self, voc, findsImages: true)
        let hasKeypoints = context.classes.contains { !$0.category.keypoints.isEmpty }
        for task in YOLOOptions.Task.allCases where task != .pose || hasKeypoints {
            var yolo = YOLOOptions()
            yolo.contents = options.contents
            yolo.task = task
            try add(task == .detect ? "yolo" : "yolo_\(task.rawValue)", YOLOWriter.self, yolo, findsImages: true)
        }
    }

    private func add<Writer: ImageWriter>(_ name: String, _: Writer.Type, _ options: Writer.Options, findsImages: Bool) throws {
        let folder = "\(context.folder)/\(name)"
        try FileSystem.makeDirectories(folder)
        let files = context.imageFiles.below(name)
        let hasPictures = findsImages && context.hasPictures
        let writer = try Writer(
            options,
            in: ImageWriterContext(
                folder: folder,
                imageFiles: files,
                classes: context.classes,
                splits: context.splits,
                sets: context.sets,
                hasPictures: hasPictures,
                report: context.report,
                cancellation: context.cancellation
            )
        )
        members.append(
            Member(
                name: name,
                write: writer.write,
                finish: writer.finish,
                link: hasPictures ? { try files.link(writer.picturePath(of: $0), to: $1) } : nil
            )
        )
    }

    func picturePath(of image: ExportedImage) -> String { "images/\(image.path)" }

    func write(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) throws {
        defer { context.report.format = nil }
        for member in members {
            // Each format keeps its own account of what it cannot hold.
            context.report.format = member.name
            try member.write(image, annotations)
            try member.link?(image, picturePath(of: image))
        }
    }

    func finish() throws {
        defer { context.report.format = nil }
        for member in members {
            context.report.format = member.name
            try member.finish()
        }
        members.removeAll()
        for set in context.sets { try copySource(of: set) }
    }

    /// Puts a set's own files below `source/<dataset>/`: its annotations, and its masks where these are files.
    ///
    /// Where faces are covered there are no masks: nothing says that a PNG among them is no photograph.
    private func copySource(of set: PlannedDataset) throws {
        let target = "\(context.folder)/source/\(try OutputName.path(of: set.id))"
        try FileSystem.makeDirectories(target)
        try copy("\(set.setFolder)/annotations.json", to: "\(target)/annotations.json")
        if !coversFaces { try copyFolder("masks", of: set.setFolder, to: target, depth: 0) }
    }

    private func copyFolder(_ path: String, of folder: String, to target: String, depth: Int) throws {
        let place = "\(folder)/\(path)"
        guard depth < 32, try FileSystem.statusIfPresent(of: place)?.kind == .directory else { return }
        for name in try FileSystem.list(place) where !name.hasPrefix(".") {
            try context.cancellation.check()
            switch try FileSystem.statusIfPresent(of: "\(place)/\(name)")?.kind {
            case .directory: try copyFolder("\(path)/\(name)", of: folder, to: target, depth: depth + 1)
            case .regular:
                try FileSystem.makeDirectories("\(target)/\(path)")
                try copy("\(place)/\(name)", to: "\(target)/\(path)/\(name)")
            case .symbolicLink, .special, nil: continue
            }
        }
    }

    private func copy(_ path: String, to target: String) throws {
        let source = try OpenFile.reading(path, nofollow: true)
        try source.copy(0..<source.status().bytes, to: .creating(target))
    }
}
