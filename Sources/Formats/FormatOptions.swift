public import Fields

/// What one format can be asked for.
///
/// The list of its keys is all that parsing, help, schema and documentation need; a new format is a file with such a type
/// and a case in `ExportOptions` and `FormatName`.
public protocol FormatOptions: Hashable, Codable, Sendable {
    /// The format.
    static var format: FormatName { get }
    /// What the format is, in one line.
    static var summary: String { get }
    /// The keys that stand beside `format:` in a request.
    static var fields: FieldSet<Self> { get }
    /// Whether the format is made of image sets; all others are made of recordings.
    static var takesImageSets: Bool { get }

    /// How faces in pictures are made unrecognisable; nil for not at all.
    ///
    /// Setting it has no effect on formats without pictures.
    var faceBlur: FaceBlur? { get set }
    /// The same with what holds where a key is left out whose default depends on other keys.
    var resolved: Self { get }
    /// These options as an entry of a request's list of exports.
    var export: ExportOptions { get }
}

extension FormatOptions {
    /// Most formats are made of recordings.
    public static var takesImageSets: Bool { false }

    /// A format without pictures.
    public var faceBlur: FaceBlur? {
        get { nil }
        set {}
    }

    /// Most defaults depend on nothing.
    public var resolved: Self { self }
}
