/// The kinds of annotation that an image set may hold, by their names in `annotations.json`.
public enum AnnotationType: String, Codable, CaseIterable, Sendable {
    /// An upright or turned box.
    case box = "BBOX"
    /// A single point.
    case point = "POINT"
    /// An area of one or several polygons.
    case polygon = "POLYGON"
    /// A line of several points.
    case polyline = "POLYLINE"
    /// Named points of a thing, such as the joints of a person.
    case keypoints = "KEYPOINT"
    /// An area pixel by pixel.
    case mask = "SEGMENTATION"
}
