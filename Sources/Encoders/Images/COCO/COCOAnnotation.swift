import Geometry
import ImageSets

/// The objects of COCO's JSON.
enum COCOAnnotation {
    /// Appends an annotation that has a box.
    static func append(_ annotation: ExportedAnnotation, of image: ExportedImage, to bytes: inout [UInt8]) {
        JSONText.append(#"{"id":"#, to: &bytes)
        DecimalText.append(Int64(annotation.id), to: &bytes)
        JSONText.append(#","image_id":"#, to: &bytes)
        DecimalText.append(Int64(image.id), to: &bytes)
        JSONText.append(#","category_id":"#, to: &bytes)
        DecimalText.append(Int64(annotation.classIndex + 1), to: &bytes)
        let box = annotation.shape.enclosingBox ?? PixelBox(x: 0, y: 0, width: 0, height: 0)
        JSONText.append(#","bbox":["#, to: &bytes)
        JSONText.append(box, to: &bytes)
        JSONText.append(#"],"area":"#, to: &bytes)
        DecimalText.append(area(of: annotation.shape, box, image), to: &bytes)
        JSONText.append(#","iscrowd":"#, to: &bytes)
        bytes.append(annotation.annotation.isCrowd ? UInt8(ascii: "1") : UInt8(ascii: "0"))
        JSONText.append(#","segmentation":"#, to: &bytes)
        appendSegmentation(annotation, to: &bytes)
        if case .keypoints(let points, _) = annotation.shape { append(keypoints: points, to: &bytes) }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func appendSegmentation(_ annotation: ExportedAnnotation, to bytes: inout [UInt8]) {
        switch annotation.shape {
        case .polygons(let parts): JSONText.append(lists: parts, to: &bytes)
        case .mask(let mask, _): append(mask, isCompressed: true, to: &bytes)
        case .box(let box, let rotation) where rotation != 0: JSONText.append(lists: [box.corners(rotatedBy: rotation)], to: &bytes)
        case .box, .keypoints, .point, .polyline: JSONText.append("[]", to: &bytes)
        }
    }

    /// Appends a mask as COCO writes its runs.
    static func append(_ mask: RunLengthMask, isCompressed: Bool, to bytes: inout [UInt8]) {
        JSONText.append(#"{"size":["#, to: &bytes)
        DecimalText.append(Int64(mask.height), to: &bytes)
        bytes.append(UInt8(ascii: ","))
        DecimalText.append(Int64(mask.width), to: &bytes)
        JSONText.append(#"],"counts":"#, to: &bytes)
        if isCompressed {
            JSONText.append(text: String(decoding: mask.cocoText, as: UTF8.self), to: &bytes)
        } else {
            for (index, run) in mask.runs.enumerated() {
                bytes.append(index == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
                DecimalText.append(Int64(run), to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The points, those that are not labelled at 0, 0 as COCO has them, and how many are labelled.
    private static func append(keypoints points: [Double], to bytes: inout [UInt8]) {
        var labelled: Int64 = 0
        JSONText.append(#","keypoints":["#, to: &bytes)
        for index in stride(from: 0, to: points.count - 2, by: 3) {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            let isLabelled = points[index + 2] > 0
            if isLabelled { labelled += 1 }
            DecimalText.append(isLabelled ? points[index] : 0, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            DecimalText.append(isLabelled ? points[index + 1] : 0, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            DecimalText.append(points[index + 2], to: &bytes)
        }
        JSONText.append(#"],"num_keypoints":"#, to: &bytes)
        DecimalText.append(labelled, to: &bytes)
    }

    /// The area by which COCO tells small things from large ones: of a mask its pixels, of one polygon what its corners enclose, of
    /// several the pixels that any of them covers.
    private static func area(of shape: AnnotationShape, _ box: PixelBox, _ image: ExportedImage) -> Double {
        switch shape {
        case .polygons(let parts):
            if parts.count > 1, let mask = try? RunLengthMask(polygons: parts, width: image.width, height: image.height) {
                return Double(mask.area)
            }
            return parts.reduce(0) { $0 + enclosed($1) }
        case .mask(let mask, _): return Double(mask.area)
        case .box(let own, _): return own.area
        case .keypoints, .point, .polyline: return box.area
        }
    }

    private static func enclosed(_ polygon: [Double]) -> Double {
        guard polygon.count >= 6 else { return 0 }
        var sum = 0.0
        var x = polygon[polygon.count - 2]
        var y = polygon[polygon.count - 1]
        for index in stride(from: 0, to: polygon.count - 1, by: 2) {
            sum += x * polygon[index + 1] - polygon[index] * y
            (x, y) = (polygon[index], polygon[index + 1])
        }
        // Sums of coordinates of few places come out with many; COCO's own areas have four at most.
        return (abs(sum) / 2 * 10_000).rounded() / 10_000
    }

    /// Appends a point or a line, of which the sibling file consists.
    static func appendExtra(_ annotation: ExportedAnnotation, of image: ExportedImage, to bytes: inout [UInt8]) {
        JSONText.append(#"{"id":"#, to: &bytes)
        DecimalText.append(Int64(annotation.id), to: &bytes)
        JSONText.append(#","image_id":"#, to: &bytes)
        DecimalText.append(Int64(image.id), to: &bytes)
        JSONText.append(#","category_id":"#, to: &bytes)
        DecimalText.append(Int64(annotation.classIndex + 1), to: &bytes)
        switch annotation.shape {
        case .point(let x, let y):
            JSONText.append(#","type":"POINT","point":"#, to: &bytes)
            JSONText.append([x, y], to: &bytes)
        case .polyline(let points):
            JSONText.append(#","type":"POLYLINE","polyline":"#, to: &bytes)
            JSONText.append(points, to: &bytes)
        case .box, .polygons, .keypoints, .mask: break
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends a class.
    static func append(_ entry: ExportedClass, to bytes: inout [UInt8]) {
        JSONText.append(#"{"id":"#, to: &bytes)
        DecimalText.append(Int64(entry.index + 1), to: &bytes)
        JSONText.append(#","name":"#, to: &bytes)
        JSONText.append(text: entry.name, to: &bytes)
        JSONText.append(#","supercategory":"#, to: &bytes)
        JSONText.append(text: entry.category.supercategory ?? "", to: &bytes)
        if !entry.category.keypoints.isEmpty {
            JSONText.append(#","keypoints":["#, to: &bytes)
            for (index, name) in entry.category.keypoints.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONText.append(text: name, to: &bytes)
            }
            JSONText.append(#"],"skeleton":"#, to: &bytes)
            JSONText.append(lists: entry.category.skeleton.map { $0.map(Double.init) }, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
