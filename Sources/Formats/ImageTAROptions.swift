public import Fields

/// What an `image_tar` export can be asked for.
public struct ImageTAROptions: Hashable, Codable, Sendable {
    /// Which images and annotations are taken.
    public var contents = ImageContents()

    /// The defaults of the contract.
    public init() {}
}

extension ImageTAROptions: ImageFormat {
    /// The format.
    public static let format = FormatName.imageTAR

    /// What the format is, in one line.
    public static let summary = "All images of image sets, their source annotations, and every format's files."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .imageTAR(self) }

    /// The keys that stand beside `format: image_tar` in a request.
    public static let fields = FieldSet(defaults: ImageTAROptions()) {
        imageFields
    } check: { options, node, path, problems in
        checkImages(options, node, path, &problems)
    }
}
