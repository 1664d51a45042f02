public import ExportCore
import FoundationEssentials

/// What an `annotation.json` says.
public struct Annotation: Hashable, Sendable {
    /// The annotated segments, in order of start, then end, then number.
    public internal(set) var segments: [Segment] = []
    /// Where it was recorded.
    public internal(set) var scene: String?
    /// What a person should know of it.
    public internal(set) var warnings: [Warning] = []
}

/// Reads the platform's `annotation.json`: strict about times and instructions, which exports are made of; tolerant about
/// everything else.
///
/// Times are integer nanoseconds, in a text as the platform writes them or as a JSON number.
///
/// Segments may nest, overlap and leave gaps. Frame numbers are not read, since they count frames of a main camera that
/// nothing names.
public enum AnnotationReader {
    /// The most bytes of an `annotation.json`.
    static let sizeLimit = 32 << 20
    /// The most subtasks that it may hold.
    public static let mostSegments = 50_000
    /// The most items of a subtask's `options`.
    static let mostOptions = 1_000
    private static let mostDetails = 100

    /// Reads an `annotation.json`.
    ///
    /// - Parameter file: The file's path as it stands in messages.
    /// - Throws: `dataset_unreadable` with every problem and the path of its element; `annotation_missing` where the file
    ///   gives frame numbers and no times.
    public static func read(_ bytes: [UInt8], file: String) throws(ExportError) -> Annotation {
        guard bytes.count <= sizeLimit else {
            throw error(file, ["It has more than \(sizeLimit >> 20) MiB."])
        }
        let document: AnnotationDocument
        do {
            document = try JSONDecoder().decode(AnnotationDocument.self, from: Data(bytes))
        } catch {
            var fault = Self.error(file, ["It could not be read as JSON."])
            if let json = JSONFault(bytes) {
                fault = Self.error(file, ["It is not valid JSON. \(json.reason)"])
                fault.location?.line = json.line
                fault.location?.column = json.column
            }
            throw fault
        }
        guard document.single.isObject else { throw error(file, ["It must be a JSON object."]) }

        var parser = Parser()
        if let text = parser.text(document.scene, "scene") { parser.annotation.scene = text }
        if document.hasOtherSubtasks {
            parser.problems.append("subtasks must be a list.")
        } else if let subtasks = document.subtasks {
            guard subtasks.count <= mostSegments else { throw error(file, ["It has more than \(mostSegments) subtasks."]) }
            for (index, subtask) in subtasks.enumerated() { parser.segment(subtask, "subtasks[\(index)]") }
        } else if document.single.values[.start] != nil || document.single.values[.end] != nil {
            parser.segment(document.single, "")
        } else if document.single.values[.startFrame] != nil || document.single.values[.endFrame] != nil {
            throw ExportError(
                .annotationMissing,
                "The file \(file) gives frame numbers and no times, so its segment can't be placed in the recording.",
                hint: "Write start_timestamp and end_timestamp in nanoseconds, as newer annotations do.",
                location: .init(file: file)
            )
        }
        if !parser.problems.isEmpty { throw error(file, parser.problems) }
        return parser.finished(file)
    }

    private static func error(_ file: String, _ problems: [String]) -> ExportError {
        var details = problems.prefix(mostDetails).map { ExportError.Detail($0, location: .init(file: file)) }
        if problems.count > mostDetails {
            details.append(ExportError.Detail("\(problems.count - mostDetails) further problems are not listed."))
        }
        let count = problems.count == 1 ? "a problem" : "\(problems.count) problems"
        return ExportError(
            .datasetUnreadable,
            "The annotation \(file) has \(count): \(problems.first ?? "")",
            hint: "Correct the annotation, or export without this dataset.",
            location: .init(file: file),
            details: problems.count > 1 ? details : []
        )
    }
}

/// Turns what stands in an annotation into segments, and collects what is wrong with it.
private struct Parser {
    var annotation = Annotation()
    var problems: [String] = []
    private var ignored: [String] = []
    private var wordless: [String] = []

    /// Takes one subtask.
    ///
    /// - Parameter path: Where it stands; empty for the document itself.
    mutating func segment(_ subtask: SubtaskDocument, _ path: String) {
        guard subtask.isObject else {
            problems.append("\(path) must be an object.")
            return
        }
        func at(_ key: SubtaskDocument.Key) -> String { path.isEmpty ? key.rawValue : "\(path).\(key.rawValue)" }

        let start = time(subtask.values[.start], at(.start))
        let end = time(subtask.values[.end], at(.end))
        let task = instruction(subtask.values[.description], at(.description))
        guard let start, let end, let task else { return }
        guard let range = TimeRange(start: start, end: end) else {
            problems.append("\(at(.end)) lies before \(at(.start)): \(end.nanoseconds) < \(start.nanoseconds).")
            return
        }
        var segment = Segment(range: range, task: task)
        segment.taskZH = text(subtask.values[.descriptionZH], at(.descriptionZH))
        segment.skill = text(subtask.values[.skill], at(.skill))
        segment.sequence = number(subtask.values[.sequence], at(.sequence))
        segment.objectA = text(subtask.values[.objectA], at(.objectA))
        segment.objectB = text(subtask.values[.objectB], at(.objectB))
        // One choice that is not in a list is meant as a list of one.
        let options = subtask.options.isEmpty ? [subtask.values[.options]].compactMap { $0 } : subtask.options
        segment.options = options.compactMap { text($0, at(.options)) }
        segment.comment = text(subtask.values[.comment], at(.comment))
        segment.attempts = text(subtask.values[.attempts], at(.attempts))
        segment.score = score(subtask.values[.score], at(.score))
        annotation.segments.append(segment)
    }

    /// The annotation with its segments in order and its warnings.
    func finished(_ file: String) -> Annotation {
        var annotation = annotation
        annotation.segments.sort { left, right in
            (left.range.start, left.range.end, left.sequence ?? .max) < (right.range.start, right.range.end, right.sequence ?? .max)
        }
        if !wordless.isEmpty {
            annotation.warnings.append(
                Warning("segment_without_description", "Segments of \(file) have no English instruction: \(listing(wordless)).")
            )
        }
        if !ignored.isEmpty {
            annotation.warnings.append(Warning("annotation_key_ignored", "Values in \(file) were passed over: \(listing(ignored))."))
        }
        return annotation
    }

    private func listing(_ items: [String]) -> String {
        let shown = items.prefix(5).joined(separator: ", ")
        return items.count > 5 ? "\(shown) and \(items.count - 5) more" : shown
    }

    /// A time that must be there.
    private mutating func time(_ value: AnnotationValue?, _ path: String) -> Timestamp? {
        switch value {
        case .integer(let nanoseconds) where nanoseconds >= 0: return Timestamp(nanoseconds: nanoseconds)
        case .text(let text):
            if let nanoseconds = Int64(text), nanoseconds >= 0 { return Timestamp(nanoseconds: nanoseconds) }
        case .none:
            problems.append("\(path) is missing.")
            return nil
        default: break
        }
        problems.append("\(path) must be whole nanoseconds since 1970, in digits; found \(value?.described ?? "nothing").")
        return nil
    }

    /// An instruction, empty where there is none; nil where there is something else.
    private mutating func instruction(_ value: AnnotationValue?, _ path: String) -> String? {
        switch value {
        case .text(let text):
            let trimmed = trimmed(text)
            if trimmed.isEmpty { wordless.append(path) }
            return trimmed
        case .none, .null:
            wordless.append(path)
            return ""
        default:
            problems.append("\(path) must be a text; found \(value?.described ?? "nothing").")
            return nil
        }
    }

    /// A text that may be absent; an empty one counts as absent.
    mutating func text(_ value: AnnotationValue?, _ path: String) -> String? {
        switch value {
        case .none, .null: return nil
        case .text(let text):
            let trimmed = trimmed(text)
            return trimmed.isEmpty ? nil : trimmed
        default:
            ignored.append(path)
            return nil
        }
    }

    private mutating func number(_ value: AnnotationValue?, _ path: String) -> Int? {
        switch value {
        case .none, .null: return nil
        case .integer(let number): return Int(exactly: number)
        case .text(let text):
            if let number = Int(text) { return number }
        default: break
        }
        ignored.append(path)
        return nil
    }

    private mutating func score(_ value: AnnotationValue?, _ path: String) -> Double? {
        let number: Double? =
            switch value {
            case .none, .null: nil
            case .integer(let number): Double(number)
            case .number(let number): Double(number.description)
            case .text(let text): Double(text)
            default: nil
            }
        if let number, number.isFinite, (0...100).contains(number) { return number }
        if value != nil, value != .null { ignored.append(path) }
        return nil
    }

    private func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
