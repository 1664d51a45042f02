internal import ExportCore
internal import ROS

/// Puts the channels of all volumes together as topics.
struct TopicGrouping {
    /// By name.
    private(set) var topics: [Topic] = []
    /// What cannot be read as a whole, or at all.
    private(set) var warnings: [Warning] = []

    init(_ channels: [RecordingChannel]) {
        let groups = Dictionary(grouping: channels.indices) { channels[$0].topic }
        for (name, all) in groups.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let type = Self.commonestType(all.map { channels[$0] })
            let members = all.filter { channels[$0].type == type }
            if members.count < all.count {
                let others = Set(all.map { channels[$0].type }).subtracting([type]).sorted().joined(separator: ", ")
                warnings.append(
                    Warning(
                        "topic_types_differ",
                        "\(name) carries messages of several types; those of type \(type) are used and \(others) left out."
                    )
                )
            }
            let isDecodable = members.allSatisfy { if case .success = channels[$0].schema { true } else { false } }
            if !isDecodable { noteUndecodable(name, type, members.map { channels[$0] }) }
            topics.append(
                Topic(
                    name: name,
                    type: type,
                    messages: members.reduce(0) { $0 &+ channels[$1].messages },
                    content: TopicContent(type: type),
                    isDecodable: isDecodable,
                    isLatched: members.contains { channels[$0].isLatched },
                    channels: members
                )
            )
        }
    }

    private mutating func noteUndecodable(_ name: String, _ type: String, _ channels: [RecordingChannel]) {
        for channel in channels {
            guard case .failure(let error) = channel.schema else { continue }
            let described = type.isEmpty ? name : "\(name) (\(type))"
            warnings.append(Warning("topic_undecodable", "\(described) can be copied but not taken apart. \(error.message)"))
            return
        }
    }

    /// The type with the most messages, the first by name where several have as many.
    private static func commonestType(_ channels: [RecordingChannel]) -> String {
        var messages: [String: UInt64] = [:]
        for channel in channels { messages[channel.type, default: 0] &+= channel.messages }
        return messages.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? ""
    }
}
