public import ExportCore
public import Geometry

/// Where an annotation lies in its image, in pixels from the upper left corner of the image as it is displayed.
///
/// Every number is finite. Shapes may reach out of the image.
public enum AnnotationShape: Hashable, Sendable {
    /// A box of a width and height above 0, turned by so many degrees clockwise about its centre.
    case box(PixelBox, rotation: Double)
    /// One point.
    case point(x: Double, y: Double)
    /// Polygons as `[x, y, x, y, …]` of at least 3 points each; the area is all that any of them covers.
    case polygons([[Double]])
    /// A line as `[x, y, x, y, …]` of at least 2 points.
    case polyline([Double])
    /// Points as `[x, y, v, …]` in the order of the category's names: v is 0 where a point is not labelled, 1 where it is hidden, 2
    /// where it can be seen. The box is the annotator's, where there is one.
    case keypoints([Double], box: PixelBox?)
    /// Pixels. The source writes the runs as COCO's compressed text, or else as a list of numbers.
    case mask(RunLengthMask, isCompressed: Bool)

    /// The kind of the shape.
    public var type: AnnotationType {
        switch self {
        case .box: .box
        case .point: .point
        case .polygons: .polygon
        case .polyline: .polyline
        case .keypoints: .keypoints
        case .mask: .mask
        }
    }
}
