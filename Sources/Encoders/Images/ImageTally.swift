import ExportCore
import ImageSets

/// Counts what a package of images holds.
struct ImageTally {
    /// One class of the package.
    struct ClassCount: Codable, Hashable {
        var name: String
        var images = 0
        var annotations: [String: Int] = [:]
    }

    private(set) var images = 0
    private(set) var annotations = 0
    private(set) var splits: [String: Int] = [:]
    private(set) var emptyImages = 0
    /// For each class the annotations of each type, one class behind the other.
    private var counts: [Int]
    private var classImages: [Int]
    private var lastImage: [Int]
    private let names: [String]

    private static let types = AnnotationType.allCases.count

    init(classes: [String]) {
        names = classes
        counts = Array(repeating: 0, count: Self.types * classes.count)
        classImages = Array(repeating: 0, count: classes.count)
        lastImage = classImages
    }

    mutating func add(_ image: ExportedImage, _ list: [ExportedAnnotation]) {
        images += 1
        annotations += list.count
        splits[image.split.rawValue, default: 0] += 1
        if list.isEmpty { emptyImages += 1 }
        for annotation in list {
            counts[Self.types * annotation.classIndex + annotation.type.position] += 1
            if lastImage[annotation.classIndex] != image.id {
                lastImage[annotation.classIndex] = image.id
                classImages[annotation.classIndex] += 1
            }
        }
    }

    /// The classes with their counts, in order.
    var classes: [ClassCount] {
        names.indices.map { index in
            var count = ClassCount(name: names[index], images: classImages[index])
            for type in AnnotationType.allCases where counts[Self.types * index + type.position] > 0 {
                count.annotations[type.rawValue] = counts[Self.types * index + type.position]
            }
            return count
        }
    }
}

extension AnnotationType {
    /// Its position among all types.
    fileprivate var position: Int {
        switch self {
        case .box: 0
        case .point: 1
        case .polygon: 2
        case .polyline: 3
        case .keypoints: 4
        case .mask: 5
        }
    }
}
