public import Fields

/// What a `voc` export can be asked for.
public struct VOCOptions: Hashable, Codable, Sendable {
    /// Images, classes and splits.
    public var contents = ImageContents()
    /// Whether polygons and masks are painted into PNGs.
    public var masks = true
    /// Pixels along the edges of things in these PNGs that belong to none.
    public var border = 0
    /// Whether there is a list for each class and split.
    public var classLists = true

    /// The defaults of the contract.
    public init() {}
}

extension VOCOptions: ImageFormat {
    /// The format.
    public static let format = FormatName.voc

    /// What the format is, in one line.
    public static let summary = "Pascal VOC: an XML of boxes for each image, lists of images, and PNGs of polygons and masks."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .voc(self) }

    /// The keys that stand beside `format: voc` in a request.
    public static let fields = FieldSet(
        defaults: VOCOptions(),
        fields: {
            imageFields
            Field("masks", \.masks, .boolean, "Paint polygons and masks into SegmentationClass and SegmentationObject.")
            Field(
                "border",
                \.border,
                .integer(0...20),
                "Pixels on both sides of the edge of a painted thing that get 255, which trainers ignore; VOC itself has about 2."
            )
            Field("class_lists", \.classLists, .boolean, "Write ImageSets/Main/<class>_<set>.txt with 1 or -1 for each image.")
        },
        check: checkImages
    )
}
