import ExportCore
import Files
import Formats
import Geometry
import ImageSets

/// Writes `annotations.csv`: a row for each annotation, and one without a type for each image that has none.
///
/// RFC 4180, UTF-8.
final class ImageCSVWriter: ImageWriter {
    static let version = 1
    static let details = AnnotationTable.Details.all

    private static let columns = [
        "image", "dataset", "width", "height", "split", "annotation_id", "type", "label", "x", "y", "w", "h", "rotation", "geometry",
        "iscrowd", "group_id", "annotator", "quality", "review", "created_at", "updated_at", "tags", "attributes",
    ]

    private let context: ImageWriterContext
    private let isExcelSafe: Bool
    private let labels: [[UInt8]]
    private var file: OutputFile
    private var held: [UInt8] = []

    init(_ options: ImageCSVOptions, in context: ImageWriterContext) throws {
        self.context = context
        isExcelSafe = options.isExcelSafe
        file = try OutputFile("\(context.folder)/annotations.csv")
        labels = context.classes.map { Self.cell($0.name, isExcelSafe: options.isExcelSafe) }
        if options.hasByteOrderMark { held += [0xEF, 0xBB, 0xBF] }
        held += Array(Self.columns.joined(separator: ",").utf8) + [0x0D, 0x0A]
    }

    func picturePath(of image: ExportedImage) -> String { "images/\(image.path)" }

    func write(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) throws {
        // Taken out while it is appended to, so that the list is changed in place.
        var bytes: [UInt8] = []
        swap(&bytes, &held)
        var head = Self.cell(image.path, isExcelSafe: isExcelSafe)
        head.append(UInt8(ascii: ","))
        head += Self.cell(image.dataset.text, isExcelSafe: isExcelSafe)
        head += Array(",\(image.width),\(image.height),\(image.split.rawValue),".utf8)
        if annotations.isEmpty {
            bytes += head
            bytes += Array(String(repeating: ",", count: Self.columns.count - 6).utf8) + [0x0D, 0x0A]
        }
        for annotation in annotations {
            bytes += head
            DecimalText.append(Int64(annotation.id), to: &bytes)
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: annotation.type.rawValue.utf8)
            bytes.append(UInt8(ascii: ","))
            bytes += labels[annotation.classIndex]
            bytes.append(UInt8(ascii: ","))
            appendShape(annotation, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            bytes.append(annotation.annotation.isCrowd ? UInt8(ascii: "1") : UInt8(ascii: "0"))
            bytes.append(UInt8(ascii: ","))
            appendDetails(annotation.annotation.details, to: &bytes)
            bytes.append(0x0D)
            bytes.append(0x0A)
        }
        swap(&bytes, &held)
        try file.take(&held)
    }

    func finish() throws { try file.finish(&held) }

    /// The cells from `x` to `geometry`.
    private func appendShape(_ annotation: ExportedAnnotation, to bytes: inout [UInt8]) {
        let shape = annotation.shape
        var rotation = 0.0
        var own = shape.enclosingBox
        if case .box(let box, let turned) = shape { (own, rotation) = (box, turned) }
        if case .polyline(let points) = shape { own = .init(enclosing: points) }
        if let own {
            JSONText.append(own, to: &bytes)
            bytes.append(UInt8(ascii: ","))
        } else {
            JSONText.append(",,,,", to: &bytes)
        }
        if case .box = shape { DecimalText.append(rotation, to: &bytes) }
        bytes.append(UInt8(ascii: ","))
        switch shape {
        case .box: break
        case .point(let x, let y): appendQuoted(&bytes) { JSONText.append([x, y], to: &$0) }
        case .polygons(let parts): appendQuoted(&bytes) { JSONText.append(lists: parts, to: &$0) }
        case .polyline(let points), .keypoints(let points, _): appendQuoted(&bytes) { JSONText.append(points, to: &$0) }
        case .mask(let mask, let isCompressed):
            var json: [UInt8] = []
            COCOAnnotation.append(mask, isCompressed: isCompressed, to: &json)
            bytes += Self.cell(String(decoding: json, as: UTF8.self), isExcelSafe: false)
        }
    }

    /// Numbers and brackets need quotes for their commas only.
    private func appendQuoted(_ bytes: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
        bytes.append(UInt8(ascii: "\""))
        body(&bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// The cells from `group_id` on.
    private func appendDetails(_ details: AnnotationDetails?, to bytes: inout [UInt8]) {
        guard let details else { return JSONText.append(",,,,,,,", to: &bytes) }
        if let group = details.group { DecimalText.append(group, to: &bytes) }
        append(details.annotator, to: &bytes)
        append(details.quality, to: &bytes)
        append(details.review, to: &bytes)
        append(details.createdAt, to: &bytes)
        append(details.updatedAt, to: &bytes)
        append(details.tags, to: &bytes)
        append(details.attributes, to: &bytes)
    }

    /// A comma and a cell.
    private func append(_ text: String?, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: ","))
        guard let text, !text.isEmpty else { return }
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") }
        if isPlain, !isExcelSafe { return bytes.append(contentsOf: text.utf8) }
        bytes += Self.cell(text, isExcelSafe: isExcelSafe)
    }

    /// A text as a cell, in quotes where it needs them; control characters, which CSV has no place for, become U+FFFD.
    private static func cell(_ text: String, isExcelSafe: Bool) -> [UInt8] {
        var needsQuotes = false
        var bytes: [UInt8] = []
        if isExcelSafe, let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { bytes.append(UInt8(ascii: "'")) }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""):
                needsQuotes = true
                bytes += [byte, byte]
            case UInt8(ascii: ","), 0x0A, 0x0D:
                needsQuotes = true
                bytes.append(byte)
            case 0..<0x20 where byte != 0x09: bytes += Array("\u{FFFD}".utf8)
            default: bytes.append(byte)
            }
        }
        return needsQuotes ? [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")] : bytes
    }
}
