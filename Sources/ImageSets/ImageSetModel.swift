/// One class of an image set, as `categories` lists it.
public struct ImageCategory: Hashable, Codable, Sendable {
    /// The class's name; no other category of the set has the same.
    public var name: String
    /// The class above it, where there is one.
    public var supercategory: String?
    /// A colour as `#rrggbb`.
    public var color: String?
    /// The names of its keypoints, in order; empty where it has none.
    public var keypoints: [String] = []
    /// Pairs of keypoints that are joined, counted from 1.
    public var skeleton: [[Int]] = []
    /// For each keypoint the one that it becomes in a mirrored image, counted from 0; empty where that is not known.
    public var flipIndices: [Int] = []

    /// A class without keypoints.
    public init(name: String) {
        self.name = name
    }
}

/// Which of several sets of images an image belongs to, for training.
public enum ImageSplit: String, Codable, CaseIterable, CodingKeyRepresentable, Sendable {
    case train
    case val
    case test
}

/// One image of a set.
public struct SetImage: Hashable, Sendable {
    /// Its number in the set.
    public var id: Int64
    /// The file below the set's folder, such as `images/a.jpg`; no step of it is empty, `.` or `..`.
    public var file: String
    /// Pixels in a row, as the image is displayed; at least 1.
    public var width: Int
    /// Rows, as the image is displayed; at least 1.
    public var height: Int
    /// What the set says it is for.
    public var split: ImageSplit?
    /// Images of one group, such as frames of one sequence, are never divided between splits.
    public var group: String?
    /// When it was taken, as it is written.
    public var capturedAt: String?
    /// Its attributes as a JSON object, as it is written.
    public var attributes: String?
}

/// One annotation of an image.
public struct SetAnnotation: Hashable, Sendable {
    /// Its number in the set.
    public var id: Int64
    /// The position of its class in the set's list of categories.
    public var category: Int
    /// Where it lies.
    public var shape: AnnotationShape
    /// Whether it covers a crowd of things, which is to be ignored in training.
    public var isCrowd: Bool
    private let box: DetailsBox?

    init(id: Int64, category: Int, shape: AnnotationShape, isCrowd: Bool, details: AnnotationDetails?) {
        self.id = id
        self.category = category
        self.shape = shape
        self.isCrowd = isCrowd
        box = details.map(DetailsBox.init)
    }

    /// What else is said of it; nil where that is nothing, or was not asked for.
    public var details: AnnotationDetails? { box?.details }
}

/// Details in a place of their own: annotations are handed from one to the other, and copying one must not count all its texts.
private final class DetailsBox: Hashable, Sendable {
    let details: AnnotationDetails

    init(_ details: AnnotationDetails) {
        self.details = details
    }

    static func == (left: DetailsBox, right: DetailsBox) -> Bool { left.details == right.details }

    func hash(into hasher: inout Hasher) { hasher.combine(details) }
}

/// What an annotation says besides its class and shape; everything is optional.
public struct AnnotationDetails: Hashable, Sendable {
    /// Annotations of one image with the same number belong together.
    public var group: Int64?
    /// Who made it.
    public var annotator: String?
    /// How good it is: a level or a score, as it is written.
    public var quality: String?
    /// How its review stands.
    public var review: String?
    /// When it was made, as it is written.
    public var createdAt: String?
    /// When it was last changed, as it is written.
    public var updatedAt: String?
    /// Its tags as a JSON array, as it is written.
    public var tags: String?
    /// Its attributes as a JSON object, as it is written.
    public var attributes: String?

    /// Nothing is known.
    public init() {}
}
