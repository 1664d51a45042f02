/// How a message holds a picture.
public enum ImageMessage: Hashable, Sendable {
    /// `data` holds a JPEG, a PNG or an access unit of a video stream, and `format` says which in words:
    /// `sensor_msgs/CompressedImage`, `foxglove.CompressedImage`, `foxglove.CompressedVideo`.
    case compressed
    /// `data` holds pixels, `height` rows of `step` bytes in the layout that `encoding` names: `sensor_msgs/Image`,
    /// `foxglove.RawImage`.
    case raw
}

/// What a topic's messages are to exportd.
public enum TopicContent: Hashable, Sendable {
    /// `sensor_msgs/JointState`: named positions, velocities and efforts.
    case jointState
    /// Pictures.
    case image(ImageMessage)
    /// Anything else; its fields can be read by their paths.
    case other

    /// What messages of a type are.
    ///
    /// Foxglove's types are the same fields in every encoding: `foxglove.Name` in protobuf and JSON, `foxglove_msgs/Name`
    /// in ROS, `foxglove/Name` from OMG IDL.
    public init(type: String) {
        switch type {
        case "sensor_msgs/JointState":
            self = .jointState
        case "sensor_msgs/CompressedImage", "foxglove.CompressedImage", "foxglove_msgs/CompressedImage", "foxglove/CompressedImage",
            "foxglove.CompressedVideo", "foxglove_msgs/CompressedVideo", "foxglove/CompressedVideo":
            self = .image(.compressed)
        case "sensor_msgs/Image", "foxglove.RawImage", "foxglove_msgs/RawImage", "foxglove/RawImage":
            self = .image(.raw)
        default:
            self = .other
        }
    }
}

/// One topic of a recording, over all the volumes and channels that carry it.
public struct Topic: Hashable, Sendable {
    /// The name with a leading slash, whether or not the file writes one.
    public let name: String
    /// The message type without `/msg/`, such as `sensor_msgs/JointState`; empty where a channel has no schema.
    public let type: String
    /// How many messages the recording holds of it.
    public let messages: UInt64
    /// What its messages are.
    public let content: TopicContent
    /// Whether its messages can be taken apart; a warning of the recording says why where not.
    public let isDecodable: Bool
    /// Whether late subscribers got the last message (ROS 1 `latching`, ROS 2 durability `transient_local`).
    public let isLatched: Bool
    /// Positions in the recording's list of channels.
    let channels: [Int]

    /// A topic's name with a leading slash.
    public static func normalised(_ name: String) -> String {
        name.utf8.first == UInt8(ascii: "/") ? name : "/" + name
    }
}
