public import Fields

/// What a `yolo` export can be asked for.
public struct YOLOOptions: Hashable, Codable, Sendable {
    /// What is learned, and so what a line of a label file holds.
    public enum Task: String, Codable, CaseIterable, Sendable {
        /// Upright boxes.
        case detect
        /// Outlines.
        case segment
        /// A box and its keypoints.
        case pose
        /// Boxes at any angle.
        case obb
    }

    /// Images, classes and splits.
    public var contents = ImageContents()
    /// What is learned.
    public var task: Task = .detect

    /// The defaults of the contract.
    public init() {}
}

extension YOLOOptions: ImageFormat {
    /// The format.
    public static let format = FormatName.yolo

    /// What the format is, in one line.
    public static let summary = "Labels for YOLO trainers: boxes, outlines, keypoints or turned boxes, one task to an export."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .yolo(self) }

    /// The keys that stand beside `format: yolo` in a request.
    public static let fields = FieldSet(
        defaults: YOLOOptions(),
        fields: {
            Field("task", \.task, .choice(), "What is learned: the trainer takes one kind of line in all files.")
            imageFields
        },
        check: checkImages
    )
}
