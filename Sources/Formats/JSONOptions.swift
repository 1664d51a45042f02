public import Fields

/// What a `json` export can be asked for.
public struct JSONOptions: Hashable, Codable, Sendable {
    /// What is written.
    public var contents = TableContents()

    /// The defaults of the contract.
    public init() {}
}

extension JSONOptions: TableFormat {
    /// What the format is, in one line.
    public static let summary = "JSON tables of datasets and segments, and JSON lines of samples and messages."

    /// The keys that stand beside `format: json` in a request.
    public static let fields = FieldSet(defaults: JSONOptions()) {
        tableFields
    }
}
