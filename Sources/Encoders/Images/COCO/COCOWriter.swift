import ExportCore
import Files
import Formats
import Geometry
import ImageSets

/// Writes COCO's JSON, one file for each split: `annotations/instances_<split>.json` beside `images/`.
///
/// The file names are those below `images/`. Ids begin at 1, since COCO's own evaluation takes a match with 0 for none. What COCO
/// has no place for, points and lines, stands in `annotations/extra_annotations_<split>.json`, and not among the annotations, whose
/// readers expect a box in each.
final class COCOWriter: ImageWriter {
    static let version = 2

    private let options: COCOOptions
    private let context: ImageWriterContext
    private var files: [ImageSplit: SplitFiles] = [:]

    init(_ options: COCOOptions, in context: ImageWriterContext) throws {
        self.options = options
        self.context = context
        try FileSystem.makeDirectories("\(context.folder)/annotations")
        for split in context.splits { files[split] = try SplitFiles(split: split, folder: context.folder, classes: context.classes) }
    }

    func picturePath(of image: ExportedImage) -> String { "images/\(image.path)" }

    func write(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) throws {
        guard let file = files[image.split] else { return }
        try file.add(image)
        for annotation in annotations { try add(annotation, of: image, to: file) }
    }

    private func add(_ annotation: ExportedAnnotation, of image: ExportedImage, to file: SplitFiles) throws {
        let report = context.report
        switch annotation.shape {
        case .point:
            report.reduce(annotation, of: image, "extra_annotation", "stand in extra_annotations, since COCO has no points")
            try file.addExtra(annotation, of: image)
        case .polyline:
            report.reduce(annotation, of: image, "extra_annotation", "stand in extra_annotations, since COCO has no lines")
            try file.addExtra(annotation, of: image)
        case .keypoints where annotation.shape.enclosingBox == nil:
            report.drop(annotation, of: image, "nothing_labelled", "have no box and no keypoint that is labelled")
        case .mask(let mask, _) where mask.area == 0:
            report.drop(annotation, of: image, "mask_empty", "are masks without a pixel")
        case .box(_, let rotation) where rotation != 0 && options.contents.isStrict:
            report.drop(annotation, of: image, "box_turned", "are turned boxes, which COCO does not have")
        case .box(_, let rotation):
            if rotation != 0 {
                report.reduce(annotation, of: image, "box_turned", "are turned boxes, written as polygons of their corners")
            }
            try file.add(annotation, of: image)
        case .polygons, .keypoints, .mask:
            try file.add(annotation, of: image)
        }
        if let box = annotation.shape.enclosingBox, !box.isInside(width: image.width, height: image.height) {
            report.reduce(annotation, of: image, "outside_kept", "reach out of their image, and are written as they are")
        }
    }

    func finish() throws {
        for split in context.splits { try files[split]?.finish() }
        files.removeAll()
    }
}

/// The files of one split.
///
/// COCO lists images apart from annotations, and both are met together. What is written second waits in a file of its own: the
/// list of images, since it is much the shorter one.
private final class SplitFiles {
    private let extraPath: String
    private let imagesPath: String
    private var images: OutputFile
    private var imageBytes: [UInt8] = []
    private var annotations: OutputFile
    private var annotationBytes: [UInt8] = []
    private var extra: OutputFile?
    private var extraBytes: [UInt8] = []
    private var hasImages = false
    private var hasAnnotations = false

    init(split: ImageSplit, folder: String, classes: [ExportedClass]) throws {
        extraPath = "\(folder)/annotations/extra_annotations_\(split.rawValue).json"
        imagesPath = "\(folder)/annotations/.\(split.rawValue).images"
        annotations = try OutputFile("\(folder)/annotations/instances_\(split.rawValue).json")
        images = try OutputFile(imagesPath)
        JSONText.append(#"{"info":{"description":"exported by exportd"},"licenses":[],"categories":["#, to: &annotationBytes)
        for entry in classes {
            if entry.index > 0 { annotationBytes.append(UInt8(ascii: ",")) }
            annotationBytes.append(0x0A)
            COCOAnnotation.append(entry, to: &annotationBytes)
        }
        JSONText.append("\n],\n\"annotations\":[", to: &annotationBytes)
    }

    func add(_ image: ExportedImage) throws {
        JSONText.append(hasImages ? ",\n" : "\n", to: &imageBytes)
        hasImages = true
        JSONText.append(#"{"id":"#, to: &imageBytes)
        DecimalText.append(Int64(image.id), to: &imageBytes)
        JSONText.append(#","file_name":"#, to: &imageBytes)
        JSONText.append(text: image.path, to: &imageBytes)
        JSONText.append(#","width":"#, to: &imageBytes)
        DecimalText.append(Int64(image.width), to: &imageBytes)
        JSONText.append(#","height":"#, to: &imageBytes)
        DecimalText.append(Int64(image.height), to: &imageBytes)
        if let time = image.image.capturedAt {
            JSONText.append(#","date_captured":"#, to: &imageBytes)
            JSONText.append(text: time, to: &imageBytes)
        }
        imageBytes.append(UInt8(ascii: "}"))
        try images.take(&imageBytes)
    }

    func add(_ annotation: ExportedAnnotation, of image: ExportedImage) throws {
        // Taken out while it is appended to, so that the list is changed in place.
        var bytes: [UInt8] = []
        swap(&bytes, &annotationBytes)
        JSONText.append(hasAnnotations ? ",\n" : "\n", to: &bytes)
        hasAnnotations = true
        COCOAnnotation.append(annotation, of: image, to: &bytes)
        swap(&bytes, &annotationBytes)
        try annotations.take(&annotationBytes)
    }

    func addExtra(_ annotation: ExportedAnnotation, of image: ExportedImage) throws {
        if extra == nil {
            extra = try OutputFile(extraPath)
            JSONText.append(#"{"extra_annotations":["#, to: &extraBytes)
            extraBytes.append(0x0A)
        } else {
            JSONText.append(",\n", to: &extraBytes)
        }
        COCOAnnotation.appendExtra(annotation, of: image, to: &extraBytes)
        try extra?.take(&extraBytes)
    }

    func finish() throws {
        JSONText.append("\n],\n\"images\":[", to: &annotationBytes)
        try annotations.finish(&annotationBytes)
        try images.finish(&imageBytes)
        try annotations.append(contentsOf: imagesPath)
        try FileSystem.removeFile(imagesPath)
        JSONText.append("\n]}\n", to: &annotationBytes)
        try annotations.finish(&annotationBytes)
        if extra != nil {
            JSONText.append("\n]}\n", to: &extraBytes)
            try extra?.finish(&extraBytes)
        }
    }
}
