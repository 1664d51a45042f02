import ExportCore
import Geometry
import ImageSets
import Report

/// Chooses some images evenly from a package whose length is not known, and keeps what is drawn of them.
struct ImageSampler {
    /// Images that a page shows at most.
    private static let most = 36
    /// Annotations that are drawn of one image, and numbers of their outlines.
    private static let mostShapes = 200
    private static let mostNumbers = 4_000

    private struct Choice {
        var image: ExportedImage
        var shapes: [(classIndex: Int, className: String, drawings: [ImageReport.Sample.Drawing])]
        var undrawn: Int
    }

    private let classes: [ExportedClass]
    /// Every so many images one is taken.
    private var step = 1
    private var seen = 0
    private var choices: [Choice] = []
    /// The first images without annotations, for packages that hold nothing else.
    private var empty: [Choice] = []

    init(classes: [ExportedClass]) {
        self.classes = classes
    }

    /// Looks at an image with its annotations.
    mutating func add(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) {
        guard !annotations.isEmpty else {
            if empty.count < 6 { empty.append(Choice(image: image, shapes: [], undrawn: 0)) }
            return
        }
        defer { seen += 1 }
        guard seen.isMultiple(of: step) else { return }
        if choices.count == 2 * Self.most {
            choices = stride(from: 0, to: choices.count, by: 2).map { choices[$0] }
            step *= 2
            guard seen.isMultiple(of: step) else { return }
        }
        var shapes: [(classIndex: Int, className: String, drawings: [ImageReport.Sample.Drawing])] = []
        var numbers = 0
        var undrawn = 0
        for annotation in annotations {
            let drawings = shapes.count < Self.mostShapes ? Self.drawings(annotation.shape, classes[annotation.classIndex]) : nil
            let size = drawings?.reduce(0) { $0 + $1.numbers } ?? 0
            if let drawings, numbers + size <= Self.mostNumbers {
                numbers += size
                shapes.append((annotation.classIndex, classes[annotation.classIndex].name, drawings))
            } else {
                undrawn += 1
            }
        }
        choices.append(Choice(image: image, shapes: shapes, undrawn: undrawn))
    }

    /// The chosen images.
    ///
    /// - Parameter picture: a small JPEG of an image and how it is to be turned, as EXIF's orientation; nil where there is none.
    func samples(_ picture: (ExportedImage) throws -> (jpeg: [UInt8], orientation: Int)?) rethrows -> [ImageReport.Sample] {
        let chosen = choices.isEmpty ? empty : choices
        let spacing = max(1, (chosen.count + Self.most - 1) / Self.most)
        return try stride(from: 0, to: chosen.count, by: spacing).map { position in
            let choice = chosen[position]
            let picture = try picture(choice.image)
            return ImageReport.Sample(
                name: choice.image.path,
                dataset: choice.image.dataset.text,
                split: choice.image.split.rawValue,
                width: choice.image.width,
                height: choice.image.height,
                thumbnail: picture?.jpeg,
                orientation: picture?.orientation ?? 1,
                shapes: choice.shapes,
                undrawn: choice.undrawn
            )
        }
    }

    private static func drawings(_ shape: AnnotationShape, _ category: ExportedClass) -> [ImageReport.Sample.Drawing]? {
        switch shape {
        case .box(let box, let rotation):
            return [.areas([box.corners(rotatedBy: rotation)])]
        case .point(let x, let y):
            return [.points([x, y])]
        case .polygons(let parts):
            return [.areas(parts)]
        case .polyline(let points):
            return [.line(points)]
        case .keypoints(let points, let box):
            let count = points.count / 3
            var drawings: [ImageReport.Sample.Drawing] = box.map { [.areas([$0.corners(rotatedBy: 0)])] } ?? []
            for pair in category.category.skeleton where pair.count == 2 {
                let (a, b) = (pair[0] - 1, pair[1] - 1)
                guard (0..<count).contains(a), (0..<count).contains(b), points[3 * a + 2] > 0, points[3 * b + 2] > 0 else { continue }
                drawings.append(.line([points[3 * a], points[3 * a + 1], points[3 * b], points[3 * b + 1]]))
            }
            var dots: [Double] = []
            for index in 0..<count where points[3 * index + 2] > 0 { dots += [points[3 * index], points[3 * index + 1]] }
            drawings.append(.points(dots))
            return drawings
        case .mask(let mask, _):
            // A mask of fine grain has more edges than anyone can look at.
            guard mask.runs.count <= 200_000 else { return nil }
            return [.areas(mask.contours().rims.map(thinned))]
        }
    }

    /// Every so many points of an outline, so that a hundred are left.
    private static func thinned(_ points: [Double]) -> [Double] {
        let count = points.count / 2
        guard count > 150 else { return points }
        let step = (count + 99) / 100
        var kept: [Double] = []
        for index in stride(from: 0, to: count, by: step) { kept += [points[2 * index], points[2 * index + 1]] }
        return kept
    }
}

extension ImageReport.Sample.Drawing {
    /// Numbers in it.
    fileprivate var numbers: Int {
        switch self {
        case .areas(let outlines): outlines.reduce(0) { $0 + $1.count }
        case .line(let points), .points(let points): points.count
        }
    }
}
