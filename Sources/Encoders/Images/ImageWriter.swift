import ExportCore
import Formats
import ImageSets
import Plans

/// How one format of image sets is written.
///
/// The road that all of them share reads the sets, leaves out what was not asked for, and numbers what is left; it then hands
/// the images over one after another in the order of the package, each with all its annotations. Images lie in the package where
/// `picturePath` says, byte for byte; a writer never touches them.
///
/// What a writer cannot hold as it is it tells the report, count by count: nothing is lost in silence.
protocol ImageWriter: AnyObject {
    /// The options of the format.
    associatedtype Options: ImageFormat

    /// Goes up whenever the same input would be written as other bytes.
    static var version: Int { get }
    /// Which details annotations come with: annotator, attributes and the rest.
    static var details: AnnotationTable.Details { get }

    /// A writer of one export.
    ///
    /// - Throws: what makes the export impossible, such as an option that does not fit the classes.
    init(_ options: Options, in context: ImageWriterContext) throws

    /// Where an image lies below the writer's folder, such as `images/train/a.jpg`; different for each image.
    func picturePath(of image: ExportedImage) -> String

    /// Writes what is said of one image.
    func write(_ image: ExportedImage, _ annotations: [ExportedAnnotation]) throws

    /// Completes the files; called once, after the last image.
    func finish() throws
}

extension ImageWriter {
    static var details: AnnotationTable.Details { .none }
}

/// What a writer knows before the first image.
struct ImageWriterContext {
    /// The folder that it writes to; there and empty.
    let folder: String
    /// Takes the files of which there is one for each image.
    let imageFiles: SmallFiles
    /// The classes in order.
    let classes: [ExportedClass]
    /// The splits that hold images, in the order train, val, test.
    let splits: [ImageSplit]
    /// The image sets in order.
    let sets: [PlannedDataset]
    /// Whether the images are put where `picturePath` says.
    let hasPictures: Bool
    /// Takes what the format cannot hold.
    let report: ImageExportReport
    /// To be looked at in long loops within one image; between images the road does.
    let cancellation: Cancellation
}

/// One class of the package.
struct ExportedClass: Sendable {
    /// Its name, its keypoints and the rest, as the first set that has it says.
    var category: ImageCategory
    /// Its position, from 0.
    var index: Int

    /// Its name in the package.
    var name: String { category.name }
}

/// One image of the package.
struct ExportedImage: Sendable {
    /// Its number in the package, from 1.
    var id: Int
    /// The set that it comes from.
    var dataset: DatasetID
    /// What the set says of it.
    var image: SetImage
    /// A name that may hold folders and is like the set's own: below `images/`, and in a folder for each set where there are
    /// several.
    var path: String
    /// A name without folders and white space, whose stem no other image has, in capitals or not.
    var flatName: String
    /// What it is for.
    var split: ImageSplit

    /// The flat name without its extension.
    var stem: String { FlatNames.split(flatName).stem }
    /// Pixels in a row, as it is displayed.
    var width: Int { image.width }
    /// Rows, as it is displayed.
    var height: Int { image.height }
}

/// One annotation of the package.
struct ExportedAnnotation: Sendable {
    /// Its number in the package, from 1; one that a format leaves out leaves a gap.
    var id: Int
    /// The position of its class, from 0.
    var classIndex: Int
    /// What the set says of it.
    var annotation: SetAnnotation

    /// Where it lies.
    var shape: AnnotationShape { annotation.shape }
    /// The kind of its shape.
    var type: AnnotationType { annotation.shape.type }
}
