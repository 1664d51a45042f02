public import ExportCore
public import Fields
import YAML

/// One class of an export of images, and the labels that go into it.
public struct ImageClass: Hashable, Codable, Sendable {
    /// The class's name in the package; `*` stands for all labels that no other entry names, under their own names.
    public var name: String
    /// The labels of the image sets that become it; the name itself where empty.
    public var from: [String] = []

    /// A class under a name of its own.
    public init(_ name: String, from: [String] = []) {
        self.name = name
        self.from = from
    }

    /// The name that stands for all other labels.
    public static let others = "*"
}

/// What exports of image sets can be asked for, whatever they are written as.
public struct ImageContents: Hashable, Codable, Sendable {
    /// The kinds of annotation that are taken; all where empty.
    public var types: [AnnotationType] = []
    /// The classes in order; all labels in the order of the sets where empty.
    public var classes: [ImageClass] = []
    /// Shares of the images by the name of the split; what the sets say themselves where empty.
    public var splits: [String: Double] = [:]
    /// What the draw of `splits` begins with.
    public var seed = 0
    /// Whether the package holds the images themselves.
    public var includesImages = true
    /// Whether an annotation that the format can only hold in part is left out.
    public var isStrict = false
    /// How faces in the images are made unrecognisable; nil for not at all.
    public var faceBlur: FaceBlur?

    /// The defaults of the contract.
    public init() {}
}

/// A format that is made of image sets, and so has the keys that choose among their images and annotations.
public protocol ImageFormat: FormatOptions {
    /// What is written.
    var contents: ImageContents { get set }
}

extension ImageFormat {
    /// All of them are made of image sets.
    public static var takesImageSets: Bool { true }

    /// How faces in the images are made unrecognisable.
    public var faceBlur: FaceBlur? {
        get { contents.faceBlur }
        set { contents.faceBlur = newValue }
    }

    /// The keys that all formats of image sets have.
    public static var imageFields: [Field<Self>] {
        [
            Field("types", \.contents.types, .list(of: .choice()), default: "all", "The kinds of annotation that are taken."),
            Field(
                "classes",
                \.contents.classes,
                .list(of: ImageClass.shape),
                default: "all, in the order of the sets",
                "The classes in order, each a label or {name, from: [labels]}; \"*\" stands for all others, and without it they are left out."
            ),
            Field(
                "splits",
                \.contents.splits,
                splitShape,
                default: "as the sets say, else train",
                "Shares of the images for train, val and test, drawn by name; the images of a group stay together."
            ),
            Field("seed", \.contents.seed, .integer(0...1_000_000_000), "What the draw of splits begins with."),
            Field("include_images", \.contents.includesImages, .boolean, "Whether the package holds the images themselves."),
            Field(
                "strict",
                \.contents.isStrict,
                .boolean,
                "Leaves out what the format can only hold in part, such as the box of a mask; false writes that part."
            ),
            Field(
                "face_blur",
                \.contents.faceBlur,
                FaceBlur.shape,
                "Makes faces in images unrecognisable; an image that cannot be checked is left out."
            ),
        ]
    }

    /// What the keys must say together.
    static func checkImages(_ options: Self, _ node: Node, _ path: FieldPath, _ problems: inout ProblemList) {
        let total = options.contents.splits.values.reduce(0, +)
        if !options.contents.splits.isEmpty, abs(total - 1) > 1e-6 {
            problems.add(node, path.key("splits"), expected: "shares that add up to 1; these add up to \(total)")
        }
        var names: Set<String> = []
        var labels: Set<String> = []
        for entry in options.contents.classes {
            if !names.insert(entry.name).inserted {
                problems.add(at: node.position, path.key("classes"), "\(path.key("classes")) names the class \(entry.name) twice.")
            }
            for label in entry.from.isEmpty ? [entry.name] : entry.from where !labels.insert(label).inserted {
                problems.add(at: node.position, path.key("classes"), "\(path.key("classes")) takes the label \(label) twice.")
            }
        }
    }

    private static var splitShape: Shape<[String: Double]> {
        .map(
            of: .decimal(0...1),
            key: KeyRule(expected: "train, val or test", pattern: "^(train|val|test)$", examples: ["train", "val", "test"]) {
                ["train", "val", "test"].contains($0)
            }
        )
    }
}

extension ImageClass {
    /// A label by itself, or the name of a class with the labels that become it.
    static let shape: Shape<ImageClass> = {
        let label = Shape<String>.text("a label", upTo: 500)
        let keys = FieldSet(defaults: ImageClass("")) {
            Field("name", \.name, label, required: true, "The class's name in the package.")
            Field("from", \.from, .list(of: label), default: "the name itself", "The labels that become it.")
        }
        return .either(label.map({ text, _, _, _ in ImageClass(text) }, back: \.name), or: .set(keys)) { $0.from.isEmpty }
    }()
}
