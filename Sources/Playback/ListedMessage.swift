import FoundationEssentials
import MCAP

/// A message that stands in the output where it was not recorded, or outside the stretch that is taken.
struct ListedMessage: Encodable {
    /// The channel's id in the file that is written.
    let channel: UInt16
    /// Its topic.
    let topic: String
    /// When it was recorded, in nanoseconds.
    ///
    /// A string, as the time below, since readers of JSON numbers may go through a double.
    let logTime: String
    /// Its sequence number.
    let sequence: UInt32
    /// The time that it stands at; nil where that is its own.
    let repeatedAt: String?

    private enum CodingKeys: String, CodingKey {
        case channel, topic, sequence
        case logTime = "log_time"
        case repeatedAt = "repeated_at"
    }

    init(_ head: MessageHead, channel: Channel, at time: UInt64?) {
        self.channel = channel.id
        topic = channel.topic
        logTime = String(head.logTime)
        sequence = head.sequence
        repeatedAt = time.map { String($0) }
    }

    /// A list of messages as the values of a metadata record: how many, and all of them as JSON.
    static func values(_ listed: [ListedMessage]) throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ["count": String(listed.count), "messages": String(decoding: try encoder.encode(listed), as: UTF8.self)]
    }
}
