import Geometry
import ImageSets

extension AnnotationShape {
    /// The upright box around it, which is the annotator's own where it has one.
    ///
    /// Nil for points and lines, which are no areas, and where nothing of it is labelled or it has no pixels.
    var enclosingBox: PixelBox? {
        switch self {
        case .box(let box, let rotation):
            return rotation == 0 ? box : PixelBox(enclosing: box.corners(rotatedBy: rotation))
        case .polygons(let parts):
            return PixelBox(enclosing: parts)
        case .mask(let mask, _):
            return mask.box
        case .keypoints(let points, let box):
            if let box { return box }
            var labelled: [Double] = []
            for index in stride(from: 0, to: points.count - 2, by: 3) where points[index + 2] > 0 {
                labelled.append(points[index])
                labelled.append(points[index + 1])
            }
            return PixelBox(enclosing: labelled)
        case .point, .polyline:
            return nil
        }
    }

    /// The area it covers as one outline by the even-odd rule: parts and the rims of holes are joined by bridges.
    ///
    /// - Returns: nil for what is no area, or covers no pixel of an image of that size.
    func outline(width: Int, height: Int) -> (points: [Double], parts: Int, holes: Int)? {
        switch self {
        case .polygons(let parts):
            guard parts.count > 1 else { return parts.first.map { ($0, 1, 0) } }
            // Where parts overlap, an outline along both would turn what they share inside out.
            if Self.mayOverlap(parts), let union = try? RunLengthMask(polygons: parts, width: width, height: height) {
                return Self.outline(of: union, parts: parts.count)
            }
            return (PolygonJoin.bridged(parts), parts.count, 0)
        case .mask(let mask, _):
            return Self.outline(of: mask, parts: nil)
        default:
            return nil
        }
    }

    private static func outline(of mask: RunLengthMask, parts: Int?) -> (points: [Double], parts: Int, holes: Int)? {
        let contours = mask.contours()
        guard !contours.outlines.isEmpty else { return nil }
        return (PolygonJoin.bridged(contours.rims), parts ?? contours.outlines.count, contours.holeRims.count)
    }

    private static func mayOverlap(_ parts: [[Double]]) -> Bool {
        let boxes = parts.compactMap { PixelBox(enclosing: $0) }.sorted { $0.x < $1.x }
        for (index, box) in boxes.enumerated() {
            for other in boxes[(index + 1)...] {
                guard other.x < box.x + box.width else { break }
                if box.overlaps(other) { return true }
            }
        }
        return false
    }
}
