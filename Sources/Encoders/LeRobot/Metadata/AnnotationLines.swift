import ExportCore
import Fields

extension EpisodeRecord {
    /// The episode's line in `meta/exportd/annotations.jsonl`.
    ///
    /// It holds everything that the annotation says of it, and where it came from. Times are nanoseconds since the Unix epoch,
    /// as texts, since JSON's numbers lose digits in many readers.
    func annotation(episode: Int, dataset: DatasetID) -> FieldValue {
        var members = [
            FieldMember("episode_index", .integer(Int64(episode))), FieldMember("dataset", .text(dataset.text)),
            FieldMember("first_ns", .text(String(first))), FieldMember("last_ns", .text(String(last))),
            FieldMember("length", .integer(Int64(length))),
        ]
        members += Self.members(of: segment)
        if !nested.isEmpty { members.append(FieldMember("nested", .list(nested.map { .object(Self.members(of: $0)) }))) }
        return .object(members)
    }

    private static func members(of segment: Segment) -> [FieldMember] {
        func text(_ value: String?) -> FieldValue { value.map(FieldValue.text) ?? .null }
        return [
            FieldMember("task", .text(segment.task)), FieldMember("task_zh", text(segment.taskZH)),
            FieldMember("skill", text(segment.skill)), FieldMember("score", segment.score.map(FieldValue.decimal) ?? .null),
            FieldMember("sequence", segment.sequence.map { .integer(Int64($0)) } ?? .null),
            FieldMember("object_a", text(segment.objectA)), FieldMember("object_b", text(segment.objectB)),
            FieldMember("options", .list(segment.options.map { .text($0) })), FieldMember("comment", text(segment.comment)),
            FieldMember("attempts", text(segment.attempts)),
            FieldMember("start_ns", .text(String(segment.range.start.nanoseconds))),
            FieldMember("end_ns", .text(String(segment.range.end.nanoseconds))),
        ]
    }
}
