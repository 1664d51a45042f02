import Bytes
public import ExportCore
import Fields

/// What the catalogue remembers of a set: what selections look at, without its shapes.
public struct ImageSetSurvey: Hashable, Sendable {
    /// What the file says of the set as a whole.
    public var header = ImageSetHeader()
    /// Images that the file lists.
    public var images = 0
    /// Annotations that the file lists.
    public var annotations = 0
    /// The labels in their order.
    public var labels: [String] = []
    /// Annotators of single annotations.
    public var annotators: Set<String> = []
    /// Quality levels of single annotations.
    public var qualityLevels: Set<QualityLevel> = []
    /// The best score of a single annotation.
    public var bestScore: Double?
    /// Review states of single annotations.
    public var review: Set<ReviewState> = []
    /// Tags of single annotations.
    public var tags: Set<String> = []
    /// The first and the last time at which a single annotation was made.
    public var created: TimeRange?

    /// Nothing is known yet.
    init() {}

    /// Reads a set's `annotations.json`.
    ///
    /// - Throws: `ImageSetError` where it is no such document, `FileError`, `CancellationError`.
    public static func read(_ path: String, cancellation: Cancellation) throws -> ImageSetSurvey {
        let file = try MappedFile(path: path)
        file.expect(.sequential)
        return try file.withBytes { bytes in
            var parser = ImageSetParser<SurveyHandler>(bytes.assumingMemoryBound(to: UInt8.self), file: path)
            var handler = SurveyHandler(pages: ReleasedPages(file), cancellation: cancellation)
            try parser.parse(&handler)
            handler.survey.header = parser.header
            return handler.survey
        }
    }
}

/// Gives up the pages of a file behind the place that was read, so that a large file does not count as memory.
struct ReleasedPages {
    private let file: MappedFile
    private var released = 0

    init(_ file: MappedFile) {
        self.file = file
    }

    mutating func release(to offset: Int) {
        guard offset - released >= 8 << 20 else { return }
        file.release(released..<offset)
        released = offset
    }
}

/// Notes what selections look at.
private struct SurveyHandler: ImageSetHandler {
    var survey = ImageSetSurvey()
    var pages: ReleasedPages
    let cancellation: Cancellation
    /// What the annotation before said: most say the same again and again.
    private var last = (annotator: Range<Int>?.none, quality: Range<Int>?.none, review: Range<Int>?.none, tags: Range<Int>?.none)
    private var lastCreated: Range<Int>?

    /// A hostile file may name millions; so many are remembered of each kind.
    private static let mostNames = 10_000

    init(pages: ReleasedPages, cancellation: Cancellation) {
        self.pages = pages
        self.cancellation = cancellation
    }

    var wantsShapes: Bool { false }

    mutating func take(category: ImageCategory, supercategory: String?, id: Int64?) {
        survey.labels.append(category.name)
    }

    mutating func take(image: RawImage) {
        survey.images += 1
    }

    mutating func reached(_ offset: Int) throws {
        try cancellation.check()
        pages.release(to: offset)
    }

    mutating func take(annotation: inout RawAnnotation, in scanner: JSONScanner) {
        survey.annotations += 1
        if let score = annotation.score, score.isFinite { survey.bestScore = max(survey.bestScore ?? score, score) }
        if let text = annotation.annotator, !scanner.isSame(text.range, last.annotator) {
            last.annotator = text.range
            if survey.annotators.count < Self.mostNames { survey.annotators.insert(scanner.decoded(text)) }
        }
        if let text = annotation.quality, !scanner.isSame(text.range, last.quality) {
            last.quality = text.range
            if let level = QualityLevel(rawValue: scanner.decoded(text)) { survey.qualityLevels.insert(level) }
        }
        if let text = annotation.review, !scanner.isSame(text.range, last.review) {
            last.review = text.range
            if let state = ReviewState(rawValue: scanner.decoded(text)) { survey.review.insert(state) }
        }
        if let range = annotation.tags, !scanner.isSame(range, last.tags) {
            last.tags = range
            if survey.tags.count < Self.mostNames { survey.tags.formUnion(scanner.texts(in: range)) }
        }
        if let text = annotation.createdAt, !scanner.isSame(text.range, lastCreated) {
            lastCreated = text.range
            if let time = RFC3339.parse(scanner.decoded(text)) { add(time) }
        }
    }

    private mutating func add(_ time: Timestamp) {
        guard let range = survey.created else { return survey.created = TimeRange(start: time, end: time) }
        survey.created = TimeRange(start: min(range.start, time), end: max(range.end, time)) ?? range
    }
}

extension JSONScanner {
    /// Whether two places of the file hold the same bytes.
    func isSame(_ range: Range<Int>, _ other: Range<Int>?) -> Bool {
        guard let other, range.count == other.count else { return false }
        for index in 0..<range.count where bytes[range.lowerBound + index] != bytes[other.lowerBound + index] { return false }
        return true
    }
}
