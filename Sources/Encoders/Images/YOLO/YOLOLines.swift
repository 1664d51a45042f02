import ExportCore
import Formats
import Geometry
import ImageSets

/// Makes annotations the lines of one task, and tells what does not fit.
struct YOLOLines {
    /// What reaches out of the image by no more pixels than this is moved to its edge point by point; an outline that reaches
    /// farther is cut.
    private static let slack = 1.0

    private let task: YOLOOptions.Task
    private let isStrict: Bool
    /// Keypoints of every line of a pose; nil until it is known.
    private(set) var keypoints: Int?
    private var rows = LabelRows()

    init(task: YOLOOptions.Task, isStrict: Bool, keypoints: Int?) {
        self.task = task
        self.isStrict = isStrict
        self.keypoints = keypoints
    }

    /// The lines of the image.
    var bytes: [UInt8] { rows.bytes }

    /// Begins an image.
    mutating func begin() { rows.removeAll() }

    /// Adds the line of an annotation.
    mutating func add(_ annotation: ExportedAnnotation, of image: ExportedImage, report: ImageExportReport) {
        if annotation.annotation.isCrowd {
            report.drop(annotation, of: image, "crowd", "cover a crowd, which YOLO has no line for")
            return
        }
        let isWritten =
            switch task {
            case .detect: addBox(annotation, image, report)
            case .segment: addOutline(annotation, image, report)
            case .pose: addPose(annotation, image, report)
            case .obb: addTurnedBox(annotation, image, report)
            }
        if isWritten, !rows.end() {
            report.drop(annotation, of: image, "duplicate", "have the same line as another one of their image")
        }
    }

    // MARK: The tasks

    private mutating func addBox(_ annotation: ExportedAnnotation, _ image: ExportedImage, _ report: ImageExportReport) -> Bool {
        switch annotation.shape {
        case .point, .polyline: return refuse(annotation, image, report)
        case .box(_, let rotation):
            let meaning = "are turned boxes, of which the upright box around is written"
            if rotation != 0, !degrade(annotation, image, report, "rotation_lost", meaning) { return false }
        case .polygons, .mask, .keypoints:
            if !degrade(annotation, image, report, "box_only", "are no boxes, and only the box around is written") { return false }
        }
        guard let box = Self.box(annotation, image, report) else { return false }
        rows.begin(class: annotation.classIndex)
        write(box, image)
        return true
    }

    private mutating func addOutline(_ annotation: ExportedAnnotation, _ image: ExportedImage, _ report: ImageExportReport) -> Bool {
        guard annotation.type == .polygon || annotation.type == .mask else { return refuse(annotation, image, report) }
        guard let outline = annotation.shape.outline(width: image.width, height: image.height) else {
            report.drop(annotation, of: image, "no_pixels", "cover no pixel of their image")
            return false
        }
        if outline.holes > 0 {
            report.reduce(annotation, of: image, "holes_joined", "have holes, whose rims are joined to the outline by bridges of no width")
        }
        if outline.parts > 1 {
            report.reduce(annotation, of: image, "parts_joined", "have several parts, joined by bridges of no width")
        }
        guard let points = Self.inside(outline.points, annotation, image, report) else { return false }
        rows.begin(class: annotation.classIndex)
        write(points, image)
        return true
    }

    private mutating func addPose(_ annotation: ExportedAnnotation, _ image: ExportedImage, _ report: ImageExportReport) -> Bool {
        guard case .keypoints(let points, _) = annotation.shape else { return refuse(annotation, image, report) }
        let count = points.count / 3
        if keypoints == nil { keypoints = count }
        guard count == keypoints else {
            report.drop(
                annotation,
                of: image,
                "other_keypoints",
                "have another number of keypoints than \(keypoints ?? 0); name their classes in an export of their own"
            )
            return false
        }
        guard var box = Self.box(annotation, image, report, mayBeThin: true) else { return false }
        // One keypoint, or several in a line, span no area; a line of a label file needs some.
        if box.width < 1 {
            box.x = min(max(box.x + box.width / 2 - 0.5, 0), Double(image.width - 1))
            box.width = 1
        }
        if box.height < 1 {
            box.y = min(max(box.y + box.height / 2 - 0.5, 0), Double(image.height - 1))
            box.height = 1
        }
        rows.begin(class: annotation.classIndex)
        write(box, image)
        var lost = 0
        for index in 0..<count {
            let (x, y, seen) = (points[3 * index], points[3 * index + 1], points[3 * index + 2])
            let overhang = PolygonClip.overhang([x, y], width: image.width, height: image.height)
            if seen > 0, overhang > Self.slack { lost += 1 }
            if seen > 0, overhang <= Self.slack {
                rows.share(x, of: image.width)
                rows.share(y, of: image.height)
                rows.number(seen >= 2 ? 2 : 1)
            } else {
                rows.share(0, of: image.width)
                rows.share(0, of: image.height)
                rows.number(0)
            }
        }
        if lost > 0 {
            report.reduce(annotation, of: image, "keypoints_outside", "have keypoints outside the image, written as not labelled")
        }
        return true
    }

    private mutating func addTurnedBox(_ annotation: ExportedAnnotation, _ image: ExportedImage, _ report: ImageExportReport) -> Bool {
        let rest = "are areas, of which the smallest turned box around is written"
        let corners: [Double]?
        switch annotation.shape {
        case .point, .polyline: return refuse(annotation, image, report)
        case .box(let box, let rotation):
            corners = box.corners(rotatedBy: rotation)
        case .keypoints:
            if !degrade(annotation, image, report, "box_only", "are no boxes, and only the box around is written") { return false }
            corners = annotation.shape.enclosingBox.flatMap { $0.isProper ? $0.corners(rotatedBy: 0) : nil }
        case .polygons(let parts):
            if !degrade(annotation, image, report, "turned_box_only", rest) { return false }
            corners = SmallestRectangle.around(Array(parts.joined()))
        case .mask(let mask, _):
            if !degrade(annotation, image, report, "turned_box_only", rest) { return false }
            corners = SmallestRectangle.around(Array(mask.contours().outlines.joined()))
        }
        guard let corners else {
            report.drop(annotation, of: image, "no_area", "have no area")
            return false
        }
        guard PixelBox(enclosing: corners)?.clipped(width: image.width, height: image.height) != nil else {
            report.drop(annotation, of: image, "outside", "lie outside their image")
            return false
        }
        if PolygonClip.overhang(corners, width: image.width, height: image.height) > 0 { Self.cut(annotation, image, report) }
        rows.begin(class: annotation.classIndex)
        write(PolygonClip.clamped(corners, width: image.width, height: image.height), image)
        return true
    }

    // MARK: What they share

    private func refuse(_ annotation: ExportedAnnotation, _ image: ExportedImage, _ report: ImageExportReport) -> Bool {
        report.drop(annotation, of: image, "type_not_held", "are of a type that a line for \(task.rawValue) does not hold")
        return false
    }

    /// Tells that only a part of an annotation is written; false where it is to be left out for that.
    private func degrade(
        _ annotation: ExportedAnnotation,
        _ image: ExportedImage,
        _ report: ImageExportReport,
        _ code: String,
        _ meaning: @autoclosure () -> String
    ) -> Bool {
        if isStrict {
            report.drop(annotation, of: image, code, "\(meaning()) without strict: true")
        } else {
            report.reduce(annotation, of: image, code, meaning())
        }
        return !isStrict
    }

    private static func cut(_ annotation: ExportedAnnotation, _ image: ExportedImage, _ report: ImageExportReport) {
        report.reduce(annotation, of: image, "cut_at_edge", "reach out of their image, and are cut at its edge")
    }

    private static func box(
        _ annotation: ExportedAnnotation,
        _ image: ExportedImage,
        _ report: ImageExportReport,
        mayBeThin: Bool = false
    ) -> PixelBox? {
        guard let box = annotation.shape.enclosingBox, mayBeThin || box.isProper else {
            report.drop(annotation, of: image, "no_area", "have no area")
            return nil
        }
        if box.isInside(width: image.width, height: image.height) { return box }
        let inner = box.isProper ? box.clipped(width: image.width, height: image.height) : nil
        guard let inner else {
            report.drop(annotation, of: image, "outside", "lie outside their image")
            return nil
        }
        cut(annotation, image, report)
        return inner
    }

    /// An outline within the image, as it is where it lies inside.
    private static func inside(
        _ points: [Double],
        _ annotation: ExportedAnnotation,
        _ image: ExportedImage,
        _ report: ImageExportReport
    ) -> [Double]? {
        let overhang = PolygonClip.overhang(points, width: image.width, height: image.height)
        if overhang <= 0 { return points }
        let inner =
            overhang <= slack
            ? PolygonClip.clamped(points, width: image.width, height: image.height)
            : PolygonClip.clipped(points, width: image.width, height: image.height)
        guard !inner.isEmpty else {
            report.drop(annotation, of: image, "outside", "lie outside their image")
            return nil
        }
        cut(annotation, image, report)
        return inner
    }

    private mutating func write(_ box: PixelBox, _ image: ExportedImage) {
        rows.share(box.x + box.width / 2, of: image.width)
        rows.share(box.y + box.height / 2, of: image.height)
        rows.share(box.width, of: image.width)
        rows.share(box.height, of: image.height)
    }

    private mutating func write(_ points: [Double], _ image: ExportedImage) {
        for index in stride(from: 0, to: points.count - 1, by: 2) {
            rows.share(points[index], of: image.width)
            rows.share(points[index + 1], of: image.height)
        }
    }
}
