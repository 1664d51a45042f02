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
    /// What annotations before said: most say the same again and again.
    private var annotators = RecentTexts()
    private var levels = RecentTexts()
    private var states = RecentTexts()
    private var tags = RecentTexts()
    private var times = RecentTexts()

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
        if let text = annotation.annotator, annotators.isNew(text.range, in: scanner) {
            if survey.annotators.count < Self.mostNames { survey.annotators.insert(scanner.decoded(text)) }
        }
        if let text = annotation.quality, levels.isNew(text.range, in: scanner) {
            if let level = QualityLevel(rawValue: scanner.decoded(text)) { survey.qualityLevels.insert(level) }
        }
        if let text = annotation.review, states.isNew(text.range, in: scanner) {
            if let state = ReviewState(rawValue: scanner.decoded(text)) { survey.review.insert(state) }
        }
        if let range = annotation.tags, tags.isNew(range, in: scanner) {
            if survey.tags.count < Self.mostNames { survey.tags.formUnion(scanner.texts(in: range)) }
        }
        if let text = annotation.createdAt, times.isNew(text.range, in: scanner) {
            if let time = RFC3339.parse(scanner.decoded(text)) { add(time) }
        }
    }

    private mutating func add(_ time: Timestamp) {
        guard let range = survey.created else { return survey.created = TimeRange(start: time, end: time) }
        survey.created = TimeRange(start: min(range.start, time), end: max(range.end, time)) ?? range
    }
}

/// Remembers where some texts of a file stood last, so that most that come again are told by their bytes alone.
private struct RecentTexts {
    private static let slots = 64

    private var places = [Range<Int>](repeating: 0..<0, count: slots)

    /// Whether a text may be one that has not been met yet; false for most that have.
    mutating func isNew(_ range: Range<Int>, in scanner: JSONScanner) -> Bool {
        let text = UnsafeBufferPointer(start: scanner.bytes + range.lowerBound, count: range.count)
        var hash = UInt(truncatingIfNeeded: range.count)
        for byte in text.suffix(8) { hash = hash &* 31 &+ UInt(byte) }
        let slot = Int(hash % UInt(Self.slots))
        let known = places[slot]
        places[slot] = range
        guard known.count == range.count else { return true }
        for index in 0..<range.count where text[index] != scanner.bytes[known.lowerBound + index] { return true }
        return false
    }
}
