import ExportCore
import Files
import Formats
import ImageSets
import Plans

/// Everything of the sets in one package: all images below `images/`, the source annotations below `source/`, and the files of
/// every other format, each in a folder of its own and without images.
final class ImageTARWriter: ImageWriter {
    static let version = 1
    static let details = AnnotationTable.Details.all

    /// A writer of another format, which takes part in this package.
    private struct Member {
        var name: String
        var write: (ExportedImage, [ExportedAnnotation]) throws -> Void
        var finish: () throws -> Void
    }

    private let context: ImageWriterContext
    private var members: [Member] = []
    private let coversFaces: Bool

    init(_ options: ImageTAROptions, in context: ImageWriterContext) throws {
        self.context = context
        coversFaces = options.contents.faceBlur != nil
        var coco = COCOOptions()
        coco.contents = options.contents
        try add("coco", COCOWriter.self, coco)
        var csv = ImageCSVOptions()
        csv.contents = options.contents
        try add("csv", ImageCSVWriter.self, csv)
        var voc = VOCOptions()
        voc.contents = options.contents
        try add("voc", VOCWriter.self, voc)
        let hasKeypoints = context.classes.contains { !$0.category.keypoints.isEmpty }
        for task in YOLOOptions.Task.allCases where task != .pose || hasKeypoints {
            var yolo = YOLOOptions()
            yolo.contents = options.contents
            yolo.task = task
            try add(task == .detect ? "yolo" : "yolo_\(task.rawValue)", YOLOWriter.self, yolo)
        }
    }

    private func add<Writer: ImageWriter>(_ name: String, _ type: Writer.Type, _ options: Writer.Options) throws {
        let folder = "\(context.folder)/\(name)"
        try FileSystem.makeDirectories(folder)
        let writer = try Writer(
            options,
            in: ImageWriterContext(
                folder: folder,
                imageFiles: context.imageFiles.below(name),
                classes: context.classes,
                splits: context.splits,
                sets: context.sets,
                hasPictures: false,
                report: context.report,
                cancellation: context.cancellation
            )
        )
        members.append(Member(name: name, write: writer.write, finish: writer.finish))
    }

    func picturePath(of image: ExportedImage) -> String { "images/\(image.path)" }

    func write(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) throws {
        defer { context.report.format = nil }
        for member in members {
            // Each format keeps its own account of what it cannot hold.
            context.report.format = member.name
            try member.write(image, annotations)
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
