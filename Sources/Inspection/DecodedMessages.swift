import ExportCore
import Files
import FoundationEssentials
import ROS
import Recordings

/// The messages of one topic as JSON lines: `{"topic", "log_time", "publish_time", "sequence", "data"}`.
///
/// Nothing is rounded: times are strings of digits, 64-bit integers that a double can't hold are too, and floating-point
/// numbers are the shortest that read back as the same. What JSON has no word for, infinities and NaN, is `null`. Lists of
/// bytes are Base64.
struct DecodedMessages {
    private let output: TextOutput

    init(_ output: TextOutput) {
        self.output = output
    }

    /// Writes a topic's messages by log time.
    ///
    /// - Throws: `RecordingError` where there is no such topic, or its messages can't be taken apart.
    func write(topic name: String, of recording: Recording, cancellation: Cancellation) throws {
        guard let topic = recording.topic(named: name) else {
            let names = recording.topics.map(\.name).joined(separator: ", ")
            throw ExportError(
                .topicMissing,
                "The recording has no topic \(name).",
                hint: names.isEmpty ? nil : "It has \(names)."
            )
        }
        let reader = try TopicReader(recording, topic)
        for location in try recording.index(of: topic, clock: .logTime).locations {
            try cancellation.check()
            try recording.withPayload(of: topic, at: location) { payload in
                try output.add(#"{"topic":"#)
                try output.json(topic.name)
                try output.add(
                    #","log_time":"\#(payload.logTime)","publish_time":"\#(payload.publishTime)","sequence":\#(payload.sequence),"data":"#
                )
                try write(try reader.value(in: payload))
                try output.add("}\n")
            }
        }
    }

    private func write(_ value: FieldValue) throws {
        switch value {
        case .bool(let value): try output.add(value ? "true" : "false")
        case .integer(let value): try output.add(value.magnitude <= Self.largestExact ? String(value) : "\"\(value)\"")
        case .unsigned(let value): try output.add(value <= Self.largestExact ? String(value) : "\"\(value)\"")
        case .float32(let value): try output.add(value.isFinite ? value.description : "null")
        case .float64(let value): try output.add(value.isFinite ? value.description : "null")
        case .string(let text): try output.json(text)
        case .bytes(let bytes): try output.json(Data(bytes).base64EncodedString())
        case .time(let nanoseconds), .duration(let nanoseconds): try output.add("\"\(nanoseconds)\"")
        case .list(let values):
            try output.add(UInt8(ascii: "["))
            for (place, value) in values.enumerated() {
                if place > 0 { try output.add(UInt8(ascii: ",")) }
                try write(value)
            }
            try output.add(UInt8(ascii: "]"))
        case .message(let members):
            try output.add(UInt8(ascii: "{"))
            for (place, member) in members.enumerated() {
                try output.jsonKey(member.name, isFirst: place == 0)
                try write(member.value)
            }
            try output.add(UInt8(ascii: "}"))
        }
    }

    /// 2^53 - 1: readers of JSON may put any number into a double.
    private static let largestExact: UInt64 = 1 << 53 - 1
}
