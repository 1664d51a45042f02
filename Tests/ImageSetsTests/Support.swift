import ExportCore
import Foundation
import Geometry

@testable import ImageSets

/// A set in a folder of its own, which goes away with it.
final class TemporarySet {
    let folder: String

    convenience init(_ json: String) throws { try self.init(Array(json.utf8)) }

    init(_ bytes: [UInt8]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "image-set-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/annotations.json"))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var file: String { "\(folder)/annotations.json" }

    /// Makes a table of the set; images need no files and have the size that the set says.
    func table(
        _ filter: AnnotationFilter = AnnotationFilter(),
        _ metadata: DatasetMetadata = DatasetMetadata(),
        mask: RunLengthMask? = nil
    ) throws -> (summary: TableSummary, images: [(SetImage, [SetAnnotation])]) {
        let place = "\(folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let source = TableSource(
            file: file,
            filter: filter,
            metadata: metadata,
            inspect: { _, hasSize in ImageInspection(fault: hasSize ? nil : .missing) },
            readMask: { _ in mask }
        )
        let summary = try AnnotationTable.make(of: source, in: place, cancellation: Cancellation()) { _ in }
        let table = try AnnotationTable(folder: place)
        var images: [(SetImage, [SetAnnotation])] = []
        for position in 0..<table.imageCount {
            var annotations: [SetAnnotation] = []
            let image = try table.read(position, annotations: &annotations, details: .all)
            images.append((image, annotations))
        }
        return (summary, images)
    }
}

/// A set of one image of 100×80 pixels and three classes around some annotations.
func document(_ annotations: String, images: String? = nil, categories: String? = nil) -> String {
    let images = images ?? #"{"id":1,"file":"images/a.jpg","width":100,"height":80}"#
    let categories =
        categories
        ?? #"{"id":1,"name":"person","keypoints":["nose","tail"],"skeleton":[[1,2]]},{"id":2,"name":"cup"},{"id":7,"name":"赤い箱"}"#
    return """
        {"schema":"image-annotations/1","dataset":{"id":"d","name":"Desk","project":"kitchen","created_at":"2026-03-01T10:00:00Z"},
         "categories":[\(categories)],"images":[\(images)],"annotations":[\(annotations)]}
        """
}

/// An annotation of the first image and class.
func annotation(_ rest: String, id: Int = 1, category: Int = 1) -> String {
    #"{"id":\#(id),"image_id":1,"category_id":\#(category),\#(rest)}"#
}
