public import Fields

/// What an `image_csv` export can be asked for.
public struct ImageCSVOptions: Hashable, Codable, Sendable {
    /// Which images and annotations are taken.
    public var contents = ImageContents()
    /// Whether the file begins with a byte order mark.
    public var hasByteOrderMark = false
    /// Whether texts that a spreadsheet would take for a formula get an apostrophe.
    public var isExcelSafe = false

    /// The defaults of the contract.
    public init() {}
}

extension ImageCSVOptions: ImageFormat {
    /// The format.
    public static let format = FormatName.imageCSV

    /// What the format is, in one line.
    public static let summary = "A CSV table of image sets with a row for each annotation."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .imageCSV(self) }

    /// The keys that stand beside `format: image_csv` in a request.
    public static let fields = FieldSet(defaults: ImageCSVOptions()) {
        imageFields
        Field("bom", \.hasByteOrderMark, .boolean, "Begins the file with a byte order mark, by which Excel knows that it is UTF-8.")
        Field("excel_safe", \.isExcelSafe, .boolean, "Puts an apostrophe before texts that a spreadsheet would take for a formula.")
    } check: { options, node, path, problems in
        checkImages(options, node, path, &problems)
    }
}
