import ExportCore
import Fields

/// Holds annotations against the conditions of a selection.
struct AnnotationTest {
    let filter: AnnotationFilter
    let defaults: DatasetMetadata
    /// Whether there are conditions on more than the label.
    let looksAtDetails: Bool
    private var annotators: [String: Bool] = [:]
    private var lastTime: (text: String, time: Timestamp?)?

    init(_ filter: AnnotationFilter, defaults: DatasetMetadata) {
        self.filter = filter
        self.defaults = defaults
        var others = filter
        others.text = nil
        looksAtDetails = !others.isEmpty
    }

    /// Whether an annotation meets all conditions but that on its label.
    mutating func takes(_ raw: borrowing RawAnnotation, in scanner: JSONScanner) -> Bool {
        guard looksAtDetails else { return true }
        if !filter.annotators.isEmpty {
            guard let name = raw.annotator.map(scanner.decoded) ?? defaults.annotator, takes(annotator: name) else { return false }
        }
        if !filter.qualityLevels.isEmpty {
            let own = raw.quality.map(scanner.decoded).map { QualityLevel(rawValue: $0) }
            guard let level = own ?? defaults.qualityLevel, filter.qualityLevels.contains(level) else { return false }
        }
        if let least = filter.minimumScore {
            guard let score = raw.score ?? defaults.qualityScore, score >= least else { return false }
        }
        if !filter.review.isEmpty {
            let own = raw.review.map(scanner.decoded).map { ReviewState(rawValue: $0) }
            guard let state = own ?? defaults.review, filter.review.contains(state) else { return false }
        }
        if !filter.tags.isEmpty {
            let tags = raw.tags.map { scanner.texts(in: $0) } ?? defaults.tags
            guard tags.contains(where: { tag in filter.tags.contains { AnnotationTest.matches($0, tag) } }) else { return false }
        }
        if filter.from != nil || filter.to != nil {
            let own = raw.createdAt.map { time(scanner.decoded($0)) }
            guard let time = own ?? defaults.recordedAt, isInWindow(time) else { return false }
        }
        return true
    }

    /// Whether what the dataset says of itself meets all conditions: images without annotations have nothing else.
    var takesDefaults: Bool {
        var annotator = self
        if !filter.annotators.isEmpty {
            guard let name = defaults.annotator, annotator.takes(annotator: name) else { return false }
        }
        if !filter.qualityLevels.isEmpty {
            guard let level = defaults.qualityLevel, filter.qualityLevels.contains(level) else { return false }
        }
        if let least = filter.minimumScore {
            guard let score = defaults.qualityScore, score >= least else { return false }
        }
        if !filter.review.isEmpty {
            guard let state = defaults.review, filter.review.contains(state) else { return false }
        }
        if !filter.tags.isEmpty {
            guard defaults.tags.contains(where: { tag in filter.tags.contains { AnnotationTest.matches($0, tag) } }) else { return false }
        }
        if filter.from != nil || filter.to != nil {
            guard let time = defaults.recordedAt, isInWindow(time) else { return false }
        }
        return filter.text == nil || saysText
    }

    /// Whether a label meets the condition on the text.
    func takes(label: String) -> Bool {
        guard let text = filter.text else { return true }
        return saysText || label.lowercased().contains(text.lowercased())
    }

    private var saysText: Bool {
        guard let text = filter.text?.lowercased() else { return true }
        return [defaults.task, defaults.taskZH].contains { $0?.lowercased().contains(text) == true }
    }

    private mutating func takes(annotator name: String) -> Bool {
        if let known = annotators[name] { return known }
        let isTaken = filter.annotators.contains { Self.matches($0, name) }
        // A hostile file may name a million annotators; the first ones are enough to be remembered.
        if annotators.count < 10_000 { annotators[name] = isTaken }
        return isTaken
    }

    /// A pattern also stands for itself, as it does for datasets.
    private static func matches(_ pattern: String, _ text: String) -> Bool {
        pattern == text || NamePattern.matches(pattern, text)
    }

    private mutating func time(_ text: String) -> Timestamp? {
        if let lastTime, lastTime.text == text { return lastTime.time }
        let time = RFC3339.parse(text)
        lastTime = (text, time)
        return time
    }

    private func isInWindow(_ time: Timestamp?) -> Bool {
        guard let time else { return false }
        if let from = filter.from, time < from { return false }
        if let to = filter.to, time >= to { return false }
        return true
    }
}

extension JSONScanner {
    /// The texts in a list that was skipped, and so is known to be JSON.
    func texts(in range: Range<Int>) -> [String] {
        var inner = JSONScanner(UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count))
        var texts: [String] = []
        var isFirst = true
        guard (try? inner.beginArray()) != nil else { return [] }
        while (try? inner.nextElement(isFirst: &isFirst)) == true, texts.count < 1_000 {
            if inner.peek() == UInt8(ascii: "\""), let text = try? inner.string() {
                texts.append(inner.decoded(text))
            } else if (try? inner.skip()) == nil {
                break
            }
        }
        return texts
    }
}
