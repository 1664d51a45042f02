public import Fields

/// What a `coco` export can be asked for.
public struct COCOOptions: Hashable, Codable, Sendable {
    /// Which images and annotations are taken.
    public var contents = ImageContents()

    /// The defaults of the contract.
    public init() {}
}

extension COCOOptions: ImageFormat {
    /// The format.
    public static let format = FormatName.coco

    /// What the format is, in one line.
    public static let summary = "COCO instances, keypoints and masks of image sets, as JSON for each split."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .coco(self) }

    /// The keys that stand beside `format: coco` in a request.
    public static let fields = FieldSet(defaults: COCOOptions()) {
        imageFields
    } check: { options, node, path, problems in
        checkImages(options, node, path, &problems)
    }
}
