public import Fields

/// What a `json` export can be asked for.
public struct JSONOptions: Hashable, Codable, Sendable {
    /// What is written.
    public var contents = TableContents()

    /// The defaults of the contract.
    public init() {}
}

extension JSONOptions: TableFormat {
    /// The format.
    public static let format = FormatName.json

    /// What the format is, in one line.
    public static let summary = "JSON tables of datasets and segments, and JSON lines of samples and messages."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .json(self) }

    /// The keys that stand beside `format: json` in a request.
    public static let fields = FieldSet(defaults: JSONOptions()) {
        tableFields
    }
}
