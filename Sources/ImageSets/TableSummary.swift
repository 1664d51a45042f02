/// What making a table of a set came to.
public struct TableSummary: Codable, Hashable, Sendable {
    /// How often something was found, and the first few places.
    public struct Count: Codable, Hashable, Sendable {
        /// How often.
        public var count = 0
        /// Ids of annotations, or files of images.
        public var examples: [String] = []

        private static let mostExamples = 5

        mutating func add(_ example: @autoclosure () -> String) {
            count += 1
            if examples.count < Self.mostExamples { examples.append(example()) }
        }
    }

    /// The classes in the order of the file.
    public var categories: [ImageCategory] = []
    /// Images in the table.
    public var images = 0
    /// Annotations in the table.
    public var annotations = 0
    /// Images of the table by the split that they name.
    public var splits: [ImageSplit: Int] = [:]
    /// Annotations that were left out because something is wrong with them.
    public var annotationFaults: [AnnotationFault: Count] = [:]
    /// Images that were left out because something is wrong with them.
    public var imageFaults: [ImageFault: Count] = [:]
    /// Annotations that the selection does not take.
    public var unselectedAnnotations = 0
    /// Images of which the selection takes nothing.
    public var unselectedImages = 0
    /// Polygons without an area that were taken out of annotations which have others.
    public var lostPolygons = Count()
    /// Images that are stored turned or mirrored, as their Exif data says.
    public var turnedImages = Count()
    /// Images whose files end before their pictures do.
    public var cutOffImages = Count()
    /// Categories whose id another one has, and which are left out.
    public var repeatedCategories: [String] = []
    /// Categories that have the name of another one and are taken for it.
    public var mergedCategories: [String] = []
    /// Categories whose supercategories lead back to themselves; these are left out.
    public var circularCategories: [String] = []

    /// Nothing is counted yet.
    init() {}
}
