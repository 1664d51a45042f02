import ExportCore

/// The columns of the table of segments.
enum SegmentColumn {
    /// Puts one segment into a row.
    ///
    /// - Parameter number: its place among the dataset's segments, from 1.
    static func put(_ segment: Segment, number: Int, of dataset: DatasetID, into row: RowBuilder) {
        var index = 0
        func put(_ name: String, _ kind: CellKind, _ write: (inout CellText) -> Void) {
            row.put(name, at: index, kind, write)
            index += 1
        }
        func put(_ name: String, _ text: String?) {
            put(name, .text) { cell in if let text { cell.text(text) } }
        }
        put("dataset", dataset.text)
        put("segment", .integer) { $0.integer(Int64(number)) }
        put("sequence", .integer) { cell in if let sequence = segment.sequence { cell.integer(Int64(sequence)) } }
        put("task", segment.task)
        put("task_zh", segment.taskZH)
        put("skill", segment.skill)
        put("object_a", segment.objectA)
        put("object_b", segment.objectB)
        put("options", .json) { $0.json { $0.texts(segment.options) } }
        put("comment", segment.comment)
        put("attempts", segment.attempts)
        put("score", .number) { cell in if let score = segment.score { cell.number(score) } }
        put("start_ns", .instant) { $0.nanoseconds(segment.range.start.nanoseconds) }
        put("end_ns", .instant) { $0.nanoseconds(segment.range.end.nanoseconds) }
        put("duration_s", .number) { $0.number(Double(segment.range.nanoseconds) / 1e9) }
    }
}
