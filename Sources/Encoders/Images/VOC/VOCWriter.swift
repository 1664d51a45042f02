import ExportCore
import Files
import Formats
import FoundationEssentials
import Geometry
import ImageSets
import Media

/// Writes a set as Pascal VOC's development kit has it: `Annotations/`, `JPEGImages/`, `ImageSets/`, and painted masks.
///
/// Boxes are the kit's: pixels count from 1 and both ends are included.
final class VOCWriter: ImageWriter {
    static let version = 1
    static let details = AnnotationTable.Details.attributes

    /// Painted masks of larger images would need too much memory.
    private static let mostPixels = 1 << 26

    private let options: VOCOptions
    private let context: ImageWriterContext
    private let encoder: PalettePNGEncoder
    private let names: ImageNameList
    private var document = VOCDocument()
    /// The classes' names as they stand in documents.
    private let labels: [[UInt8]]
    private var lists: VOCLists

    init(_ options: VOCOptions, in context: ImageWriterContext) throws {
        self.options = options
        self.context = context
        names = try ImageNameList(folder: context.folder)
        labels = context.classes.map { entry in
            var document = VOCDocument()
            document.text(entry.name)
            return document.bytes
        }
        encoder = try PalettePNGEncoder(palette: VOCColours.palette)
        lists = VOCLists(hasClasses: options.classLists)
    }

    func picturePath(of image: ExportedImage) -> String {
        "JPEGImages/\(image.flatName)"
    }

    func write(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) throws {
        let isPainted = try options.masks && paint(image, annotations)
        try names.add(image, at: picturePath(of: image))
        lists.begin(image, isPainted: isPainted)
        begin(image, isPainted: isPainted)
        for annotation in annotations { add(annotation, of: image, isPainted: isPainted) }
        document.markup("</annotation>\n")
        try context.imageFiles.add("Annotations/\(image.stem).xml", document.bytes)
    }

    func finish() throws {
        try names.finish()
        var map = "# label:color_rgb:parts:actions\nbackground:0,0,0::\n"
        for entry in context.classes {
            let colour = VOCColours.palette[min(entry.index + 1, VOCColours.mostValues)]
            map += "\(VOCLists.onOneLine(entry.name)):\(colour >> 16),\(colour >> 8 & 0xFF),\(colour & 0xFF)::\n"
        }
        try write("labelmap.txt", Array(map.utf8))
        try lists.write(to: "\(context.folder)/ImageSets", classes: context.classes, splits: context.splits, hasMasks: options.masks) {
            try context.cancellation.check()
        }
        try write("README.txt", Array(Self.explanation.utf8))
    }

    private static let explanation = """
        Boxes are those of the Pascal VOC development kit: pixels count from 1, and xmin, ymin, xmax and ymax are the first and
        the last column and row that belong to the box. In pixels that count from 0 and a box [x, y, w, h], xmin = floor(x) + 1 and
        xmax = ceil(x + w). Readers that take the numbers for edges counted from 0 are off by one pixel at the left and the top.
        An image without annotations has a file in Annotations too.
        labelmap.txt names the classes in their order, with their colours in SegmentationClass; where things overlap there, the
        smaller one is in front. 255 is neither background nor a thing.

        """

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = try OpenFile.creating("\(context.folder)/\(name)")
        try file.write(bytes)
        try file.closeChecked()
    }

    // MARK: Masks

    /// Paints polygons and masks, large ones first, so that small ones are in front.
    ///
    /// - Returns: whether there are any.
    private func paint(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) throws -> Bool {
        let areas = annotations.filter { ($0.type == .polygon || $0.type == .mask) && !$0.annotation.isCrowd }
        guard !areas.isEmpty else { return false }
        guard image.width * image.height <= Self.mostPixels, max(image.width, image.height) <= Picture.maximumSide else {
            context.report.note(image, "too_large_to_paint", "are too large for painted masks")
            return false
        }
        var painting = VOCPainting(width: image.width, height: image.height)
        var painted: [(mask: RunLengthMask, area: Int, annotation: ExportedAnnotation)] = []
        for annotation in areas {
            try context.cancellation.check()
            guard annotation.classIndex < VOCColours.mostValues else {
                context.report.reduce(annotation, of: image, "not_painted", "belong to a class beyond the 254 that a painted mask can hold")
                continue
            }
            guard let mask = Self.mask(annotation, image), mask.area > 0 else {
                context.report.reduce(annotation, of: image, "no_pixels", "cover no pixel of their image, and are not painted")
                continue
            }
            painted.append((mask, mask.area, annotation))
        }
        painted.sort { ($0.area, $1.annotation.id) > ($1.area, $0.annotation.id) }
        for entry in painted {
            if !painting.paint(entry.mask, value: UInt8(entry.annotation.classIndex + 1)) {
                context.report.reduce(entry.annotation, of: image, "not_painted", "come after the 254 things that a painted mask can hold")
            }
        }
        guard !painted.isEmpty else { return false }
        var left = [Int](repeating: 0, count: VOCColours.mostValues + 1)
        for thing in painting.things { left[Int(thing)] += 1 }
        for (index, entry) in painted.prefix(VOCColours.mostValues).enumerated() where left[index + 1] < entry.area {
            context.report.reduce(entry.annotation, of: image, "overlapped", "lie partly behind smaller ones in the painted mask")
        }
        painting.addBorder(options.border)
        let (width, height) = (image.width, image.height)
        try context.imageFiles.add("SegmentationClass/\(image.stem).png", encoder.encode(painting.classes, width: width, height: height))
        try context.imageFiles.add("SegmentationObject/\(image.stem).png", encoder.encode(painting.things, width: width, height: height))
        return true
    }

    private static func mask(_ annotation: ExportedAnnotation, _ image: ExportedImage) -> RunLengthMask? {
        switch annotation.shape {
        case .polygons(let parts): try? RunLengthMask(polygons: parts, width: image.width, height: image.height)
        case .mask(let mask, _): mask.width == image.width && mask.height == image.height ? mask : nil
        default: nil
        }
    }

    // MARK: Boxes

    private func begin(_ image: ExportedImage, isPainted: Bool) {
        document.removeAll()
        document.markup("<annotation>\n\t<folder>JPEGImages</folder>\n\t<filename>")
        document.text(image.flatName)
        document.markup("</filename>\n\t<source>\n\t\t<database>")
        document.text(image.dataset.text)
        document.markup("</database>\n\t\t<image>")
        document.text(image.image.file)
        document.markup("</image>\n\t</source>\n\t<size>\n\t\t<width>")
        document.number(image.width)
        document.markup("</width>\n\t\t<height>")
        document.number(image.height)
        document.markup("</height>\n\t\t<depth>3</depth>\n\t</size>\n\t<segmented>")
        document.number(isPainted ? 1 : 0)
        document.markup("</segmented>\n")
    }

    private func add(_ annotation: ExportedAnnotation, of image: ExportedImage, isPainted: Bool) {
        let report = context.report
        guard annotation.type != .point, annotation.type != .polyline else {
            return report.drop(annotation, of: image, "type_not_held", "are of a type that Pascal VOC does not hold")
        }
        if let loss = Self.loss(annotation, isPainted: isPainted) {
            if options.contents.isStrict {
                return report.drop(annotation, of: image, loss.code, "\(loss.meaning) without strict: true")
            }
            report.reduce(annotation, of: image, loss.code, loss.meaning)
        }
        guard let box = annotation.shape.enclosingBox, box.isProper else {
            return report.drop(annotation, of: image, "no_area", "have no area")
        }
        guard let inner = box.clipped(width: image.width, height: image.height) else {
            return report.drop(annotation, of: image, "outside", "lie outside their image")
        }
        let isCut = inner != box && !box.isInside(width: image.width, height: image.height)
        if isCut { report.reduce(annotation, of: image, "cut_at_edge", "reach out of their image, and are cut at its edge") }
        let marks = VOCMarks(annotation.annotation.details?.attributes)
        let isDifficult = marks.difficult || annotation.annotation.isCrowd
        if annotation.annotation.isCrowd {
            report.reduce(annotation, of: image, "crowd", "cover a crowd, and are marked as difficult")
        }
        lists.add(class: annotation.classIndex, isDifficult: isDifficult)

        document.markup("\t<object>\n\t\t<name>")
        document.markup(labels[annotation.classIndex])
        document.markup("</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>")
        document.number(marks.truncated || isCut ? 1 : 0)
        document.markup("</truncated>\n\t\t<difficult>")
        document.number(isDifficult ? 1 : 0)
        document.markup("</difficult>\n\t\t<occluded>")
        document.number(marks.occluded ? 1 : 0)
        document.markup("</occluded>\n\t\t<bndbox>\n\t\t\t<xmin>")
        document.number(min(Int(inner.x.rounded(.down)) + 1, image.width))
        document.markup("</xmin>\n\t\t\t<ymin>")
        document.number(min(Int(inner.y.rounded(.down)) + 1, image.height))
        document.markup("</ymin>\n\t\t\t<xmax>")
        document.number(max(1, min(Int((inner.x + inner.width).rounded(.up)), image.width)))
        document.markup("</xmax>\n\t\t\t<ymax>")
        document.number(max(1, min(Int((inner.y + inner.height).rounded(.up)), image.height)))
        document.markup("</ymax>\n\t\t</bndbox>\n\t</object>\n")
    }

    /// What of an annotation an object does not hold.
    private static func loss(_ annotation: ExportedAnnotation, isPainted: Bool) -> (code: String, meaning: String)? {
        switch annotation.shape {
        case .box(_, let rotation):
            rotation == 0 ? nil : ("rotation_lost", "are turned boxes, of which the upright box around is written")
        case .polygons where isPainted && !annotation.annotation.isCrowd:
            nil
        case .mask where isPainted && !annotation.annotation.isCrowd:
            nil
        case .polygons, .mask, .keypoints:
            ("box_only", "are no boxes, and only the box around is written")
        case .point, .polyline:
            nil
        }
    }
}

/// What an annotation's attributes say that Pascal VOC has marks for.
private struct VOCMarks: Decodable {
    var occluded = false
    var truncated = false
    var difficult = false

    private enum CodingKeys: String, CodingKey {
        case occluded
        case truncated
        case difficult
    }

    /// The marks in a JSON object, as far as they are truth values or 0 and 1.
    init(_ attributes: String?) {
        guard let attributes, attributes.utf8.count > 2 else { return }
        self = (try? JSONDecoder().decode(VOCMarks.self, from: Data(attributes.utf8))) ?? self
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func mark(_ key: CodingKeys) -> Bool {
            if let value = try? container.decodeIfPresent(Bool.self, forKey: key) { return value }
            return (try? container.decodeIfPresent(Double.self, forKey: key)) == 1
        }
        occluded = mark(.occluded)
        truncated = mark(.truncated)
        difficult = mark(.difficult)
    }
}
