/// Why one annotation of a set is left out; the raw value is its word in reports.
public enum AnnotationFault: String, Codable, CaseIterable, CodingKeyRepresentable, Sendable {
    case idMissing = "id_missing"
    case idRepeated = "id_repeated"
    case imageUnknown = "image_unknown"
    case imageLeftOut = "image_left_out"
    case categoryUnknown = "category_unknown"
    case typeUnknown = "type_unknown"
    case geometryMissing = "geometry_missing"
    case geometryMalformed = "geometry_malformed"
    case numberNotFinite = "number_not_finite"
    case numberTooLarge = "number_too_large"
    case sizeNotPositive = "size_not_positive"
    case shapeDegenerate = "shape_degenerate"
    case tooManyPoints = "too_many_points"
    case keypointsDiffer = "keypoints_differ"
    case visibilityUnknown = "visibility_unknown"
    case maskMalformed = "mask_malformed"
    case maskSizeDiffers = "mask_size_differs"
    case maskUnreadable = "mask_unreadable"

    /// What it means, as the rest of a sentence that begins with how many annotations.
    public var meaning: String {
        switch self {
        case .idMissing: "have no whole number as id"
        case .idRepeated: "repeat the id of another one"
        case .imageUnknown: "name an image that the set does not list"
        case .imageLeftOut: "belong to an image that is left out"
        case .categoryUnknown: "name a category that the set does not list"
        case .typeUnknown: "are of a type that image-annotations/1 does not have"
        case .geometryMissing: "lack the shape that their type asks for"
        case .geometryMalformed: "have a shape that is not written as image-annotations/1 has it"
        case .numberNotFinite: "hold a number that is not finite"
        case .numberTooLarge: "hold a coordinate beyond \(ImageSetLimits.coordinateText)"
        case .sizeNotPositive: "have a box without width or height"
        case .shapeDegenerate: "have too few points, or points on one line, for an area"
        case .tooManyPoints: "have more than \(ImageSetLimits.points) points, or a mask of more than \(ImageSetLimits.runs) runs"
        case .keypointsDiffer: "have another number of keypoints than their category"
        case .visibilityUnknown: "have a keypoint whose visibility is not 0, 1 or 2"
        case .maskMalformed: "have a mask whose runs do not fill its size"
        case .maskSizeDiffers: "have a mask of another size than their image"
        case .maskUnreadable: "name a mask file that is missing, lies outside of masks/ or is no PNG"
        }
    }
}

/// Why one image of a set is left out; the raw value is its word in reports.
public enum ImageFault: String, Codable, CaseIterable, CodingKeyRepresentable, Sendable {
    case idMissing = "image_id_missing"
    case idRepeated = "image_id_repeated"
    case pathInvalid = "image_path_invalid"
    case pathRepeated = "image_path_repeated"
    case sizeInvalid = "image_size_invalid"
    case missing = "image_missing"
    case linked = "image_linked"
    case unreadable = "image_unreadable"
    case sizeDiffers = "image_size_differs"
    case unchecked = "face_blur_left_out"

    /// What it means, as the rest of a sentence that begins with how many images.
    public var meaning: String {
        switch self {
        case .idMissing: "have no whole number as id"
        case .idRepeated: "repeat the id of another one"
        case .pathInvalid: "name a file that is not below images/"
        case .pathRepeated: "name a file that another image has"
        case .sizeInvalid: "have no width and height from 1 to \(ImageSetLimits.side)"
        case .missing: "have no file"
        case .linked: "lie behind a symbolic link, and exportd follows none"
        case .unreadable: "are empty, damaged or of an unknown kind"
        case .sizeDiffers: "are of another size, as displayed, than their annotations say"
        case .unchecked: "could not be checked for faces"
        }
    }
}

/// The most that a set may hold, so that memory stays bounded whatever a file claims.
public enum ImageSetLimits {
    /// Images in one set.
    public static let images = 2_000_000
    /// Annotations in one set.
    public static let annotations = 10_000_000
    /// Categories in one set.
    public static let categories = 10_000
    /// Points of one shape.
    public static let points = 100_000
    /// Runs of one mask.
    public static let runs = 4_000_000
    /// Pixels of an image's longer side.
    public static let side = 65_535
    /// Bytes of a name, a path or a label.
    public static let nameBytes = 4_096
    /// Bytes of the attributes of one image or annotation.
    public static let attributeBytes = 1 << 20
    /// The largest coordinate; beyond it shapes cannot be computed with.
    public static let coordinate = 1e8
    static let coordinateText = "100 million"
}
