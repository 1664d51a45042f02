import Bundles
import ExportCore
import Files
import Formats
import Foundation
import Geometry
import Testing

@testable import Encoders
@testable import ImageSets

/// A folder that goes away with the test.
private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "images-\(UUID().uuidString)").path()

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where the files lie of which there is one for each image.
    var bundle: String { "\(path)/.bundle" }

    /// A file of the package.
    func text(_ name: String) throws -> String {
        var reader = try BundleReader(bundle)
        while let member = try reader?.next() {
            guard member.path == name else { continue }
            var bytes: [UInt8] = []
            try reader?.read { bytes.append(contentsOf: $0) }
            return String(decoding: bytes, as: UTF8.self)
        }
        return String(decoding: try FileSystem.read("\(path)/\(name)", limit: 1 << 20), as: UTF8.self)
    }
}

/// Writes one image of 100 × 50 pixels and all that belongs to a package.
private func write<Writer: ImageWriter>(
    _: Writer.Type,
    _ options: Writer.Options,
    _ shapes: [AnnotationShape],
    into folder: Folder,
    crowd: Bool = false,
    name: String = "a.jpg"
) throws -> ImageExportReport {
    var category = ImageCategory(name: "thing \"x\": #1")
    category.keypoints = ["l", "r"]
    category.flipIndices = [1, 0]
    let report = ImageExportReport()
    let bundle = BundleWriter(folder.bundle)
    let writer = try Writer(
        options,
        in: ImageWriterContext(
            folder: folder.path,
            imageFiles: SmallFiles(bundle),
            classes: [ExportedClass(category: category, index: 0), ExportedClass(category: ImageCategory(name: "b"), index: 1)],
            splits: [.train],
            sets: [],
            hasPictures: true,
            report: report,
            cancellation: Cancellation()
        )
    )
    let image = ExportedImage(
        id: 1,
        dataset: DatasetID("set"),
        image: SetImage(id: 1, file: "images/\(name)", width: 100, height: 50),
        path: name,
        flatName: name,
        split: .train
    )
    try writer.write(
        image,
        shapes.enumerated().map { index, shape in
            let source = SetAnnotation(id: Int64(index), category: 0, shape: shape, isCrowd: crowd, details: nil)
            return ExportedAnnotation(id: index + 1, classIndex: 0, annotation: source)
        }
    )
    try writer.finish()
    try bundle.finish()
    return report
}

private func yolo(_ task: YOLOOptions.Task, strict: Bool = false) -> YOLOOptions {
    var options = YOLOOptions()
    options.task = task
    options.contents.isStrict = strict
    return options
}

extension ImageExportReport {
    fileprivate func dropped(_ code: String) -> Int { dropped.sorted.reduce(0) { $0 + ($1.key.code == code ? $1.value.count : 0) } }
    fileprivate func reduced(_ code: String) -> Int { reduced.sorted.reduce(0) { $0 + ($1.key.code == code ? $1.value.count : 0) } }
}

@Suite struct YOLOWriterTests {
    @Test func `a box is a line of its middle and extent, cut at the edge, and never there twice`() throws {
        let folder = try Folder()
        let box = PixelBox(x: 10, y: 10, width: 20, height: 10)
        let report = try write(
            YOLOWriter.self,
            yolo(.detect),
            [
                .box(box, rotation: 0), .box(box, rotation: 0), .box(PixelBox(x: 90, y: -5, width: 30, height: 15), rotation: 0),
                .box(PixelBox(x: 200, y: 0, width: 9, height: 9), rotation: 0), .box(box, rotation: 90), .point(x: 1, y: 1),
            ],
            into: folder
        )
        #expect(
            try folder.text("labels/train/a.txt") == """
                0 0.200000 0.300000 0.200000 0.200000
                0 0.950000 0.100000 0.100000 0.200000
                0 0.200000 0.300000 0.100000 0.400000

                """
        )
        #expect(report.dropped("duplicate") == 1 && report.dropped("outside") == 1 && report.dropped("type_not_held") == 1)
        #expect(report.reduced("cut_at_edge") == 1 && report.reduced("rotation_lost") == 1)
    }

    @Test func `data yaml has no path, both splits, and every name in quotes`() throws {
        let folder = try Folder()
        _ = try write(YOLOWriter.self, yolo(.pose), [.keypoints([10, 10, 2, 30, 20, 1], box: nil)], into: folder)
        let text = try folder.text("data.yaml")
        #expect(text.contains("train: images/train\n") && text.contains("val: images/train\n") && !text.contains("path:"))
        #expect(text.contains("  0: \"thing \\\"x\\\": #1\"\n"))
        #expect(text.contains("kpt_shape: [2, 3]\nflip_idx: [1, 0]\n"))
        #expect(try folder.text("classes.txt") == "thing \"x\": #1\nb\n")
        #expect(try folder.text("labels/train/a.txt") == "0 0.200000 0.300000 0.200000 0.200000 0.100000 0.200000 2 0.300000 0.400000 1\n")
    }

    @Test func `an outline of several parts is one line, and an image without annotations has an empty file`() throws {
        let folder = try Folder()
        let parts: [[Double]] = [[0, 0, 10, 0, 10, 10], [20, 0, 30, 0, 30, 10]]
        let report = try write(YOLOWriter.self, yolo(.segment), [.polygons(parts)], into: folder)
        #expect(try folder.text("labels/train/a.txt").split(separator: "\n").count == 1)
        #expect(try folder.text("labels/train/a.txt").split(separator: " ").count == 1 + 2 * 8)
        #expect(report.reduced("parts_joined") == 1)
        let empty = try Folder()
        _ = try write(YOLOWriter.self, yolo(.segment), [], into: empty)
        #expect(try empty.text("labels/train/a.txt").isEmpty)
    }

    @Test func `strict leaves out what a line holds only in part, and crowds are always left out`() throws {
        let folder = try Folder()
        let mask = try RunLengthMask(width: 100, height: 50, runs: [1_000, 500, 3_500])
        let shapes: [AnnotationShape] = [.polygons([[0, 0, 10, 0, 10, 10]]), .mask(mask, isCompressed: true)]
        #expect(try write(YOLOWriter.self, yolo(.detect, strict: true), shapes, into: folder).dropped("box_only") == 2)
        #expect(try folder.text("labels/train/a.txt").isEmpty)
        #expect(try write(YOLOWriter.self, yolo(.segment), shapes, into: try Folder(), crowd: true).dropped("crowd") == 2)
    }

    @Test func `a turned box keeps its corners, and an area gets the smallest one around`() throws {
        let folder = try Folder()
        let report = try write(
            YOLOWriter.self,
            yolo(.obb),
            [.box(PixelBox(x: 40, y: 15, width: 20, height: 20), rotation: 90), .polygons([[10, 10, 30, 10, 30, 20, 10, 20]])],
            into: folder
        )
        #expect(
            try folder.text("labels/train/a.txt").hasPrefix(
                "0 0.600000 0.300000 0.600000 0.700000 0.400000 0.700000 0.400000 0.300000\n"
            )
        )
        #expect(report.reduced("turned_box_only") == 1)
    }
}

@Suite struct VOCWriterTests {
    @Test func `boxes count pixels from one and include both ends`() throws {
        let folder = try Folder()
        _ = try write(
            VOCWriter.self,
            VOCOptions(),
            [
                .box(PixelBox(x: 0, y: 0, width: 100, height: 50), rotation: 0),
                .box(PixelBox(x: 10.4, y: 10.6, width: 5.2, height: 5), rotation: 0),
                .box(PixelBox(x: 99.5, y: 40, width: 20, height: 5), rotation: 0),
            ],
            into: folder,
            name: "a&b.jpg"
        )
        let text = try folder.text("Annotations/a&b.xml")
        let boxes = text.matches(of: /<xmin>(\d+)<\/xmin>\s*<ymin>(\d+)<\/ymin>\s*<xmax>(\d+)<\/xmax>\s*<ymax>(\d+)/).map {
            "\($0.output.1) \($0.output.2) \($0.output.3) \($0.output.4)"
        }
        #expect(boxes == ["1 1 100 50", "11 11 16 16", "100 41 100 45"])
        #expect(text.contains("<filename>a&amp;b.jpg</filename>") && text.contains("<name>thing &quot;x&quot;: #1</name>"))
        #expect(text.matches(of: /<truncated>1/).count == 1)
        #expect(try folder.text("ImageSets/Main/train.txt") == "a&b\n")
        #expect(try folder.text("ImageSets/Main/b_train.txt") == "a&b -1\n")
        #expect(try folder.text("labelmap.txt").hasSuffix("thing \"x\": #1:128,0,0::\nb:0,128,0::\n"))
    }

    @Test func `small things are painted over large ones, and the border is void`() throws {
        var painting = VOCPainting(width: 8, height: 4)
        #expect(painting.paint(try RunLengthMask(width: 8, height: 4, runs: [8, 16, 8]), value: 3))
        #expect(painting.paint(try RunLengthMask(width: 8, height: 4, runs: [12, 4, 16]), value: 5))
        #expect(Array(painting.classes[0..<8]) == [0, 0, 3, 5, 3, 3, 0, 0])
        #expect(Array(painting.things[0..<8]) == [0, 0, 1, 2, 1, 1, 0, 0])
        painting.addBorder(1)
        #expect(Array(painting.classes[0..<8]) == [0, 255, 255, 255, 255, 255, 255, 0])
    }
}
