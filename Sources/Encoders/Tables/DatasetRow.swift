import ExportCore
import Plans
import Recordings

/// One dataset in the table of datasets: what is known of it, and the statistics of every topic.
struct DatasetRow {
    let dataset: PlannedDataset
    let recording: Recording

    /// Writes the row; reads each topic's times and no messages, where the file has an index.
    func write(to row: RowBuilder, cancellation: Cancellation) throws {
        let metadata = dataset.metadata
        var index = 0
        func put(_ name: String, _ kind: CellKind, _ write: (inout CellText) -> Void) {
            row.put(name, at: index, kind, write)
            index += 1
        }
        func put(_ name: String, _ text: String?) {
            put(name, .text) { cell in if let text { cell.text(text) } }
        }
        func put(_ name: String, _ count: Int) {
            put(name, .integer) { $0.integer(Int64(count)) }
        }
        put("dataset", dataset.id.text)
        put("layout", dataset.layout.rawValue)
        put("project", metadata.project)
        put("scene", metadata.scene)
        put("task", metadata.task)
        put("task_zh", metadata.taskZH)
        put("annotator", metadata.annotator)
        put("reviewer", metadata.reviewer)
        put("review", metadata.review?.rawValue)
        put("quality_level", metadata.qualityLevel?.rawValue)
        put("quality_score", .number) { cell in if let score = metadata.qualityScore { cell.number(score) } }
        put("robot", metadata.robot)
        put("tags", .json) { $0.json { $0.texts(metadata.tags) } }
        put("recorded_at", metadata.recordedAt?.exactRFC3339)
        put("start_ns", .instant) { cell in if let range = recording.range { cell.nanoseconds(range.start.nanoseconds) } }
        put("end_ns", .instant) { cell in if let range = recording.range { cell.nanoseconds(range.end.nanoseconds) } }
        put("duration_s", .number) { cell in if let range = recording.range { cell.number(Double(range.nanoseconds) / 1e9) } }
        put("start", recording.range?.start.exactRFC3339)
        put("end", recording.range?.end.exactRFC3339)
        put("profile", recording.volumes.first?.profile)
        put("files", dataset.files.count)
        put("bytes", .integer) { $0.integer(dataset.bytes) }
        put("fingerprint", dataset.fingerprint)
        put("segments", dataset.segments.count)
        put("topics", recording.topics.count)
        put("messages", .integer) { $0.unsigned(recording.topics.reduce(0) { $0 &+ $1.messages }) }
        if let streams = row.field("streams", at: index) {
            for (place, topic) in recording.topics.enumerated() {
                try cancellation.check()
                if let node = row.field(topic.name, at: place, of: streams) { try putStatistics(of: topic, node, row) }
            }
        }
        try row.endRow()
    }

    private func putStatistics(of topic: Topic, _ node: Int, _ row: RowBuilder) throws {
        let times = try TopicTimes(topic, of: recording)
        let intervals = times.intervals
        var place = 0
        func put(_ name: String, _ kind: CellKind, _ write: (inout CellText) -> Void) {
            if let child = row.field(name, at: place, of: node) { row.put(child, kind, write) }
            place += 1
        }
        put("type", .text) { $0.text(topic.type) }
        put("messages", .integer) { $0.integer(Int64(times.count)) }
        put("first_ns", .instant) { cell in if let first = times.first { cell.nanoseconds(first) } }
        put("last_ns", .instant) { cell in if let last = times.last { cell.nanoseconds(last) } }
        put("rate_hz", .number) { cell in if let rate = intervals?.rate { cell.number(rate) } }
        put("median_interval_ms", .number) { cell in if let intervals { cell.number(Double(intervals.median) / 1e6) } }
        put("max_interval_ms", .number) { cell in if let intervals { cell.number(Double(intervals.longest) / 1e6) } }
        put("regressions", .integer) { $0.integer(Int64(times.regressions)) }
    }
}

extension CellText {
    /// A list of texts as JSON.
    mutating func texts(_ texts: [String]) {
        raw(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { raw(UInt8(ascii: ",")) }
            self.text(text)
        }
        raw(UInt8(ascii: "]"))
    }
}
