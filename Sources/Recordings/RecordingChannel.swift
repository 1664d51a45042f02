internal import MCAP
internal import ROS

/// One channel of one volume, and how its messages are taken apart.
struct RecordingChannel {
    /// The volume's position in the recording.
    let volume: Int
    /// The channel's number in its volume.
    let id: UInt16
    /// The topic with a leading slash.
    let topic: String
    /// The message type without `/msg/`; empty where the channel has no schema.
    let type: String
    let messages: UInt64
    let isLatched: Bool
    /// Whether a recorder may have compressed each message for itself: rosbag2 does, and says so outside the file only.
    let mayHoldCompressedMessages: Bool
    /// How its messages are taken apart, or why they cannot be.
    let schema: Result<MessageSchema, ROSError>

    init(volume: Int, channel: Channel, schema: Schema?, messages: UInt64, _ known: inout KnownSchemas) {
        self.volume = volume
        self.messages = messages
        id = channel.id
        topic = Topic.normalised(channel.topic)
        type = schema.map { MessageDefinition.normalisedName($0.name) } ?? ""
        isLatched = Self.isLatched(channel.metadata)
        mayHoldCompressedMessages = channel.messageEncoding == "cdr"
        self.schema = known.schema(channel, schema)
    }

    /// ROS 1 says `latching`, ROS 2 lists the publishers' durability as text or, in older recordings, as the number 1.
    private static func isLatched(_ metadata: [String: String]) -> Bool {
        if let latching = metadata["latching"]?.lowercased(), latching == "true" || latching == "1" { return true }
        guard let profiles = metadata["offered_qos_profiles"] else { return false }
        return profiles.split(whereSeparator: \.isNewline).contains { line in
            let pair = line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " || $0 == "-" } }
            guard pair.count == 2, pair[0] == "durability" else { return false }
            let value = pair[1].prefix { $0 != " " && $0 != "#" }
            return value == "transient_local" || value == "1"
        }
    }
}

/// The schemas of a recording, each worked out once: most of its cameras share theirs.
struct KnownSchemas {
    private struct Key: Hashable {
        var messageEncoding: String
        var schema: Schema?
    }

    private var schemas: [Key: Result<MessageSchema, ROSError>] = [:]

    /// How the messages of a channel are taken apart, or why they cannot be.
    mutating func schema(_ channel: Channel, _ schema: Schema?) -> Result<MessageSchema, ROSError> {
        var key = Key(messageEncoding: channel.messageEncoding, schema: schema)
        // What a file calls it is of no matter.
        key.schema?.id = 0
        if let known = schemas[key] { return known }
        let made = Self.make(channel, schema)
        schemas[key] = made
        return made
    }

    private static func make(_ channel: Channel, _ schema: Schema?) -> Result<MessageSchema, ROSError> {
        guard schema != nil || channel.messageEncoding == "json" else {
            return .failure(ROSError(.encoding, "The channel has no schema, so its messages cannot be taken apart."))
        }
        if let schema, schema.encoding.isEmpty, channel.messageEncoding != "json" {
            return .failure(
                ROSError(.encoding, "The recording holds no definition of its type, as those of rosbag2 before ROS 2 Iron do not.")
            )
        }
        return (schema?.data ?? []).withUnsafeBytes { data in
            Result { () throws(ROSError) in
                try MessageSchema(
                    messageEncoding: channel.messageEncoding,
                    name: schema?.name ?? "",
                    encoding: schema?.encoding ?? "",
                    data: data
                )
            }
        }
    }
}
