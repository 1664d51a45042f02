public import Fields

/// What a `csv` export can be asked for.
public struct CSVOptions: Hashable, Codable, Sendable {
    /// What is written.
    public var contents = TableContents()
    /// Whether each file begins with a byte order mark, by which Excel knows UTF-8.
    public var hasByteOrderMark = false
    /// Whether cells are written so that a spreadsheet neither takes them for formulas nor rounds them.
    public var isExcelSafe = false

    /// The defaults of the contract.
    public init() {}
}

extension CSVOptions: TableFormat {
    /// The format.
    public static let format = FormatName.csv

    /// What the format is, in one line.
    public static let summary = "CSV tables (RFC 4180) of datasets, segments, samples and messages."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .csv(self) }

    /// The keys that stand beside `format: csv` in a request.
    public static let fields = FieldSet(defaults: CSVOptions()) {
        tableFields
        Field("bom", \.hasByteOrderMark, .boolean, "Begins each file with a byte order mark, by which Excel knows that it is UTF-8.")
        Field(
            "excel_safe",
            \.isExcelSafe,
            .boolean,
            "Puts an apostrophe before text that a spreadsheet would take for a formula and before integers that it would round."
        )
    }
}
