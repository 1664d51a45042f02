import ExportCore
import ImageSets

/// Counts the images and annotations of a package by class, split, type and set.
struct ImageTally {
    /// Images with at least one, and annotations.
    struct Count {
        var images = 0
        var annotations = 0

        mutating func add(_ annotations: Int) {
            images += 1
            self.annotations += annotations
        }
    }

    private(set) var total = Count()
    private(set) var emptyImages = 0
    private(set) var classes: [Count]
    private(set) var splits: [ImageSplit: Count] = [:]
    private(set) var types: [AnnotationType: Count] = [:]
    /// By set, in the order in which they came.
    private(set) var datasets: [(id: DatasetID, count: Count)] = []
    /// Of the image at hand, by class.
    private var here: [Int: Int] = [:]

    init(classes: Int) {
        self.classes = [Count](repeating: Count(), count: classes)
    }

    /// Counts an image with all its annotations.
    mutating func add(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) {
        total.add(annotations.count)
        if annotations.isEmpty { emptyImages += 1 }
        splits[image.split, default: Count()].add(annotations.count)
        if datasets.last?.id != image.dataset { datasets.append((image.dataset, Count())) }
        datasets[datasets.count - 1].count.add(annotations.count)
        here.removeAll(keepingCapacity: true)
        var ofType: [AnnotationType: Int] = [:]
        for annotation in annotations {
            here[annotation.classIndex, default: 0] += 1
            ofType[annotation.type, default: 0] += 1
        }
        for (index, count) in here { classes[index].add(count) }
        for (type, count) in ofType { types[type, default: Count()].add(count) }
    }
}
