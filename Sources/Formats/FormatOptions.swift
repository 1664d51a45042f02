public import Fields

/// What one format can be asked for.
///
/// The list of its keys is all that parsing, help, schema and documentation need; a new format is a file with such a type
/// and a case in `ExportOptions` and `FormatName`.
public protocol FormatOptions: Hashable, Codable, Sendable {
    /// What the format is, in one line.
    static var summary: String { get }
    /// The keys that stand beside `format:` in a request.
    static var fields: FieldSet<Self> { get }
}
