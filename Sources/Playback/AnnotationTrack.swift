import ExportCore
import FoundationEssentials
import MCAP
import Plans

/// The annotation of a recording as a channel of JSON messages, each of which says what is being done from its time on.
///
/// A segment's message stands at its start. Where it ends, the message of the segment around it is repeated, or one that
/// says that nothing is annotated.
struct AnnotationTrack {
    /// The instruction from a time on.
    struct State: Hashable {
        /// In nanoseconds.
        let logTime: UInt64
        /// The message, a JSON object.
        let json: [UInt8]
    }

    /// The channel's topic.
    static let topic = "/exportd/annotations"
    /// The name of its schema.
    static let schemaName = "exportd.Annotation"

    /// By time; the last of equal times counts.
    let states: [State]

    /// - Parameter recorded: the first and the last log time; nil where there are no messages.
    /// - Returns: nil where nothing is annotated within the recording and no task text is known.
    init?(_ dataset: PlannedDataset, recorded: ClosedRange<UInt64>?) throws {
        guard let recorded else { return nil }
        let segments = Self.segments(of: dataset, recorded: recorded)
        guard !segments.isEmpty else { return nil }
        states = try Self.states(of: segments, recorded: recorded)
    }

    /// What holds at an instant: the last state at it or before.
    func state(at time: UInt64) -> State? {
        let place = firstPlace(after: time)
        return place > 0 ? states[place - 1] : nil
    }

    /// The states that begin within a stretch.
    func states(in range: ClosedRange<UInt64>) -> ArraySlice<State> {
        let start = range.lowerBound == 0 ? 0 : firstPlace(after: range.lowerBound - 1)
        return states[start..<max(start, firstPlace(after: range.upperBound))]
    }

    private func firstPlace(after time: UInt64) -> Int {
        var (low, high) = (0, states.count)
        while low < high {
            let middle = (low + high) / 2
            if states[middle].logTime <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

// MARK: - From segments to states

extension AnnotationTrack {
    /// A segment as far as it lies in the recording.
    private struct Span {
        let index: Int
        let range: ClosedRange<UInt64>
        let segment: Segment
    }

    /// The annotated segments; without any, the whole recording as one where a task text is known.
    private static func segments(of dataset: PlannedDataset, recorded: ClosedRange<UInt64>) -> [Span] {
        var segments = dataset.segments
        if segments.isEmpty, let task = dataset.metadata.task {
            let start = Timestamp(nanoseconds: Int64(clamping: recorded.lowerBound))
            guard let range = TimeRange(start: start, end: Timestamp(nanoseconds: Int64(clamping: recorded.upperBound))) else { return [] }
            var whole = Segment(range: range, task: task)
            whole.taskZH = dataset.metadata.taskZH
            whole.score = dataset.metadata.qualityScore
            segments = [whole]
        }
        return segments.enumerated().compactMap { index, segment in
            let start = UInt64(clamping: segment.range.start.nanoseconds)
            let end = UInt64(clamping: segment.range.end.nanoseconds)
            guard segment.range.end.nanoseconds >= 0, start <= recorded.upperBound, end >= recorded.lowerBound else { return nil }
            return Span(index: index + 1, range: max(start, recorded.lowerBound)...min(end, recorded.upperBound), segment: segment)
        }
    }

    private static func states(of spans: [Span], recorded: ClosedRange<UInt64>) throws -> [State] {
        var times = Set([recorded.lowerBound])
        for span in spans {
            times.insert(span.range.lowerBound)
            // The end belongs to the segment, so something else holds from the nanosecond after it.
            if span.range.upperBound < recorded.upperBound { times.insert(span.range.upperBound + 1) }
        }
        // Of segments that begin together the one that ends first is the innermost, and comes last.
        let starting = Dictionary(grouping: spans, by: \.range.lowerBound).mapValues { spans in
            spans.sorted { ($1.range.upperBound, $0.index) < ($0.range.upperBound, $1.index) }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var states: [State] = []
        var active: [Span] = []
        var current: Int?
        for time in times.sorted() {
            active.removeAll { $0.range.upperBound < time }
            let begun = starting[time] ?? []
            active += begun
            for span in begun {
                let message = Message(span.segment, state: "start", index: span.index, of: spans.count)
                states.append(State(logTime: time, json: [UInt8](try encoder.encode(message))))
                current = span.index
            }
            if !begun.isEmpty { continue }
            // The active ones are in the order in which they began, so the last is the innermost.
            if let innermost = active.last {
                guard innermost.index != current else { continue }
                let message = Message(innermost.segment, state: "resume", index: innermost.index, of: spans.count)
                states.append(State(logTime: time, json: [UInt8](try encoder.encode(message))))
                current = innermost.index
            } else {
                states.append(State(logTime: time, json: [UInt8](try encoder.encode(Message(noneOf: spans.count)))))
                current = nil
            }
        }
        return states
    }

    /// A message of the channel.
    ///
    /// Every key is always there, so that players can plot it; nanoseconds are strings, as in the annotation itself.
    private struct Message: Encodable {
        var state: String
        var active: Bool
        var index = 0
        var count: Int
        var number = 0
        var task = ""
        var task_zh = ""
        var skill = ""
        var score: Double?
        var start_ns = ""
        var end_ns = ""
        var object_a = ""
        var object_b = ""
        var options: [String] = []
        var comment = ""
        var attempts = ""

        init(noneOf count: Int) {
            state = "none"
            active = false
            self.count = count
        }

        init(_ segment: Segment, state: String, index: Int, of count: Int) {
            self.state = state
            active = true
            self.index = index
            self.count = count
            number = segment.sequence ?? index
            task = segment.task
            task_zh = segment.taskZH ?? ""
            skill = segment.skill ?? ""
            score = segment.score
            start_ns = String(segment.range.start.nanoseconds)
            end_ns = String(segment.range.end.nanoseconds)
            object_a = segment.objectA ?? ""
            object_b = segment.objectB ?? ""
            options = segment.options
            comment = segment.comment ?? ""
            attempts = segment.attempts ?? ""
        }
    }

    /// The JSON Schema of the messages.
    static let definition = [UInt8](
        """
        {
          "$schema": "http://json-schema.org/draft-07/schema#",
          "title": "exportd.Annotation",
          "description": "What is being done from this message's time on.",
          "type": "object",
          "properties": {
            "state": {"type": "string", "enum": ["start", "resume", "none"], "description": "Whether a segment begins, the one around the last goes on, or nothing is annotated."},
            "active": {"type": "boolean", "description": "Whether anything is annotated."},
            "index": {"type": "integer", "description": "The segment's place in order of time, from 1; 0 for none."},
            "count": {"type": "integer", "description": "How many segments the recording has."},
            "number": {"type": "integer", "description": "The segment's number in the annotation."},
            "task": {"type": "string", "description": "The instruction in English."},
            "task_zh": {"type": "string", "description": "The instruction in Chinese."},
            "skill": {"type": "string"},
            "score": {"type": "number", "description": "0 to 100; absent where there is none."},
            "start_ns": {"type": "string", "description": "The segment's first nanosecond since 1970."},
            "end_ns": {"type": "string", "description": "The segment's last nanosecond since 1970."},
            "object_a": {"type": "string"},
            "object_b": {"type": "string"},
            "options": {"type": "array", "items": {"type": "string"}},
            "comment": {"type": "string"},
            "attempts": {"type": "string"}
          }
        }
        """.utf8
    )
}
