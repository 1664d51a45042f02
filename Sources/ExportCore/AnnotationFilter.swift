/// Conditions of a selection that hold for single annotations of an image set, where these say who made them, when and how well.
///
/// What an annotation does not say of itself, its dataset says for it; what neither says does not meet a condition. An empty list is
/// no condition.
public struct AnnotationFilter: Hashable, Codable, Sendable {
    /// Annotators' names or globs.
    public var annotators: [String] = []
    /// Quality levels.
    public var qualityLevels: [QualityLevel] = []
    /// The least quality score, 0 to 100.
    public var minimumScore: Double?
    /// The first instant of its creation that is taken.
    public var from: Timestamp?
    /// The first instant of its creation that is not taken any more.
    public var to: Timestamp?
    /// Review states.
    public var review: [ReviewState] = []
    /// Tags or globs, of which it carries at least one.
    public var tags: [String] = []
    /// A text that its label contains, without regard to case, unless the dataset's own task does.
    public var text: String?

    /// No condition.
    public init() {}

    /// Whether every annotation meets it.
    public var isEmpty: Bool { self == AnnotationFilter() }
}
