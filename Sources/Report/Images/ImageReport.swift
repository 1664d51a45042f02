/// What an export of image sets holds, and what it does not: what its page shows.
public struct ImageReport: Sendable {
    /// A table's line: a class, a split or a type, and its counts.
    public struct Count: Sendable {
        /// What is counted.
        public var name: String
        /// Images with at least one of it; nil where they are not counted.
        public var images: Int?
        /// Annotations of it; nil where they are not counted.
        public var annotations: Int?

        /// A line.
        public init(name: String, images: Int?, annotations: Int?) {
            self.name = name
            self.images = images
            self.annotations = annotations
        }
    }

    /// Something that the package does not hold as the sets have it.
    public struct Loss: Sendable {
        /// What happened to them.
        public enum Kind: String, CaseIterable, Sendable {
            /// Annotations that are not in the package.
            case dropped
            /// Annotations that are there in part or as another shape.
            case reduced
            /// Images with a peculiarity.
            case image
            /// Classes that are not as the sets have them.
            case category
        }

        /// What happened to them.
        public var kind: Kind
        /// Which annotations, such as `POLYGON`; empty for images.
        public var type: String
        /// The reason, as the rest of a sentence that begins with the count.
        public var reason: String
        /// The one of a package's formats whose files lack them, while others have them; nil where the package as a whole does.
        public var format: String?
        /// How many.
        public var count: Int
        /// Some of them.
        public var examples: [String]

        /// A loss.
        public init(kind: Kind, type: String, reason: String, format: String? = nil, count: Int, examples: [String]) {
            self.kind = kind
            self.type = type
            self.reason = reason
            self.format = format
            self.count = count
            self.examples = examples
        }
    }

    /// One image with its annotations drawn.
    public struct Sample: Sendable {
        /// What is drawn of an annotation, in pixels of the image.
        public enum Drawing: Sendable {
            /// Closed outlines, x, y, x, y …, filled by the even-odd rule.
            case areas([[Double]])
            /// An open line.
            case line([Double])
            /// Single points.
            case points([Double])
        }

        /// The image's name in the package.
        public var name: String
        /// Its set.
        public var dataset: String
        /// What it is for.
        public var split: String
        /// Pixels in a row, as it is displayed.
        public var width: Int
        /// Rows, as it is displayed.
        public var height: Int
        /// A small JPEG of it; nil where it could not be decoded.
        public var thumbnail: [UInt8]?
        /// How the thumbnail is to be turned, as EXIF's orientation, 1 to 8.
        public var orientation: Int
        /// Its annotations: the position and name of the class, and the drawings.
        public var shapes: [(classIndex: Int, className: String, drawings: [Drawing])]
        /// Annotations of the image that are not drawn.
        public var undrawn: Int

        /// A sample.
        public init(
            name: String,
            dataset: String,
            split: String,
            width: Int,
            height: Int,
            thumbnail: [UInt8]?,
            orientation: Int = 1,
            shapes: [(classIndex: Int, className: String, drawings: [Drawing])],
            undrawn: Int
        ) {
            self.name = name
            self.dataset = dataset
            self.split = split
            self.width = width
            self.height = height
            self.thumbnail = thumbnail
            self.orientation = orientation
            self.shapes = shapes
            self.undrawn = undrawn
        }
    }

    /// What the format is, in one line.
    public var summary: String
    /// Images in the package.
    public var images: Int
    /// Images of these without an annotation.
    public var emptyImages: Int
    /// Annotations in the package.
    public var annotations: Int
    /// The sets, each with its counts.
    public var datasets: [Count]
    /// The classes in order.
    public var classes: [Count]
    /// The splits.
    public var splits: [Count]
    /// The types of annotations.
    public var types: [Count]
    /// What is not as the sets have it.
    public var losses: [Loss]
    /// Some images.
    public var samples: [Sample]

    /// What a page shows.
    public init(
        summary: String,
        images: Int,
        emptyImages: Int,
        annotations: Int,
        datasets: [Count],
        classes: [Count],
        splits: [Count],
        types: [Count],
        losses: [Loss],
        samples: [Sample]
    ) {
        self.summary = summary
        self.images = images
        self.emptyImages = emptyImages
        self.annotations = annotations
        self.datasets = datasets
        self.classes = classes
        self.splits = splits
        self.types = types
        self.losses = losses
        self.samples = samples
    }
}
