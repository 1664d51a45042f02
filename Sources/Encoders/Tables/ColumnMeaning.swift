/// What a column holds, in words, and in which unit.
struct ColumnMeaning {
    let description: String
    let unit: String?

    init(_ header: UnitedColumns.Header, of table: TableName, type: String) {
        let path = header.path.map(\.text)
        let unit: String? = header.kind == .instant || header.kind == .duration ? "ns" : nil
        switch table {
        case .datasets where path.first == "streams" && path.count == 3:
            let known = Self.stream[path[2]]
            self.init(known.map { "\(path[1]): \($0.description)" } ?? "", unit: unit ?? known?.unit)
        case .datasets: self.init(Self.dataset[header.name], unit: unit)
        case .segments: self.init(Self.segment[header.name], unit: unit)
        case .samples:
            if let known = Self.sample[header.name] {
                self.init(known, unit: unit)
            } else if header.kind == .instant {
                self.init(
                    "When the frame of \(path.first ?? "") that belongs to the tick was taken, by the clock of the export.",
                    unit: unit
                )
            } else {
                self.init("\(path.dropFirst().joined(separator: ".")) of \(path.first ?? "").", unit: nil)
            }
        case .messages:
            if let known = Self.message[header.name], path.count == 1 {
                self.init(known, unit: unit)
            } else if path.last == "length", header.kind == .integer, path.count > 1 {
                self.init("The field \(path.dropLast().joined(separator: ".")) of \(type); how many bytes it has.", unit: "B")
            } else {
                self.init(
                    "The field \(path.joined(separator: ".")) of \(type).",
                    unit: unit ?? FieldUnits.unit(of: header.path, type: type)
                )
            }
        }
    }

    /// What a table holds.
    static func description(of table: TableName, type: String) -> String {
        switch table {
        case .datasets: "One row for each dataset: what is known of it, and the statistics of its topics."
        case .segments: "One row for each annotated segment."
        case .samples: "One row for each tick of each episode: the numbers of all features, and which frame of each camera belongs to it."
        case .messages(let topic):
            "One row for each message on \(topic), by log time, as it was recorded\(type.isEmpty ? "" : ": \(type)")."
        }
    }

    private init(_ description: String, unit: String?) {
        self.description = description
        self.unit = unit
    }

    private init(_ known: Known?, unit: String?) {
        description = known?.description ?? ""
        self.unit = unit ?? known?.unit
    }

    private struct Known: ExpressibleByStringLiteral {
        var description: String
        var unit: String?

        init(_ description: String, _ unit: String?) {
            self.description = description
            self.unit = unit
        }

        init(stringLiteral description: String) {
            self.init(description, nil)
        }
    }

    private static let id: Known = "The dataset's id."

    private static let dataset: [String: Known] = [
        "dataset": id, "layout": "How it lies in the store: folder, flat or rosbag2.", "project": "The project that it belongs to.",
        "scene": "Where it was recorded.", "task": "The instruction for a recording without annotated segments, in English.",
        "task_zh": "The same in Chinese.", "annotator": "Who annotated it.", "reviewer": "Who reviewed it.",
        "review": "How its review stands: pending, passed or rejected.", "quality_level": "How good it is: excellent, good, fair or poor.",
        "quality_score": "How good it is, from 0 to 100.", "robot": "The robot.", "tags": "Its tags.",
        "recorded_at": "When it was recorded, where dataset.yaml says so.",
        "start_ns": "The log time of the first message, since 1970 (UTC).", "end_ns": "The log time of the last message, since 1970 (UTC).",
        "duration_s": Known("From the first to the last message.", "s"), "start": "The log time of the first message, RFC 3339.",
        "end": "The log time of the last message, RFC 3339.", "profile": "The conventions of the recorder, such as ros1 or ros2.",
        "files": "How many files it has.", "bytes": Known("Their size.", "B"), "fingerprint": "Changes when any of the files does.",
        "segments": "How many annotated segments it has.", "topics": "How many topics.", "messages": "How many messages on all topics.",
    ]

    private static let stream: [String: Known] = [
        "type": "the message type.", "messages": "how many messages.", "first_ns": "the log time of the first, since 1970 (UTC).",
        "last_ns": "the log time of the last, since 1970 (UTC).", "rate_hz": Known("messages a second from the first to the last.", "Hz"),
        "median_interval_ms": Known("the median time from one to the next.", "ms"),
        "max_interval_ms": Known("the longest time from one to the next.", "ms"),
        "regressions": "how many are earlier than the one before them in the file.",
    ]

    private static let segment: [String: Known] = [
        "dataset": id, "segment": "The segment's number in the dataset by its start, from 1.", "sequence": "Its number in the annotation.",
        "task": "The instruction in English.", "task_zh": "The instruction in Chinese.",
        "skill": "The skill, possibly with slots.", "object_a": "The object in slot A.", "object_b": "The object in slot B.",
        "options": "Choices such as leftHand.", "comment": "The annotator's comment.", "attempts": "How the attempt ended.",
        "score": "From 0 to 100.", "start_ns": "Its start, since 1970 (UTC); belongs to it.",
        "end_ns": "Its end, since 1970 (UTC); belongs to it.",
        "duration_s": Known("From start to end.", "s"),
    ]

    private static let sample: [String: Known] = [
        "dataset": id, "episode": "The episode's number in the dataset, from 1.",
        "segment": "The number of its segment in the table of segments; empty where the recording has none.",
        "task": "The instruction.", "tick": "The tick's number in the episode, from 0.",
        "timestamp_ns": "The tick's time, since 1970 (UTC).",
    ]

    private static let message: [String: Known] = [
        "dataset": id, "log_time_ns": "When the recorder received the message, since 1970 (UTC).",
        "publish_time_ns": "When it was published, since 1970 (UTC).",
        "sequence": "The publisher's or recorder's count; often 0 throughout.",
        "header_stamp_ns": "The sensor's own time stamp, since 1970 (UTC); empty where the message has none.",
    ]
}
