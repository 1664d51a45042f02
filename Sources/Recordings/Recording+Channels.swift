public import MCAP

extension Recording {
    /// Whether late subscribers to a volume's channel got its last message: ROS 1 `latching`, ROS 2 durability
    /// `transient_local`, and the topics that are latched by convention.
    ///
    /// - Parameters:
    ///   - id: the channel's id in its volume.
    ///   - volume: the volume's position in `volumes`.
    public func isLatched(channel id: UInt16, ofVolume volume: Int) -> Bool {
        guard let channel = channel(id, ofVolume: volume) else { return false }
        return channel.isLatched || Self.latchedTopics.contains { channel.topic.hasSuffix($0) }
    }

    /// Whether a volume's channel carries what a sensor saw at one instant after the other: pictures, video, clouds of points.
    ///
    /// Where only one of them was recorded, that is all that came, and not a state that holds from then on.
    ///
    /// - Parameters:
    ///   - id: the channel's id in its volume.
    ///   - volume: the volume's position in `volumes`.
    public func carriesMoments(channel id: UInt16, ofVolume volume: Int) -> Bool {
        guard let type = channel(id, ofVolume: volume)?.type else { return false }
        let name = type.split { $0 == "/" || $0 == "." }.last ?? ""
        return Self.momentNames.contains { name.hasSuffix($0) }
    }

    /// The strings that a field of one message holds; nil where its messages have no such field or cannot be taken apart.
    ///
    /// - Parameters:
    ///   - path: field names with dots between them.
    ///   - location: where the volume's index placed the message.
    ///   - volume: the volume's position in `volumes`.
    public func strings(path: String, at location: MessageLocation, ofVolume volume: Int) -> [String]? {
        guard let topic = topic(of: location, ofVolume: volume), let reader = try? TopicReader(self, topic) else { return nil }
        return try? withPayload(of: topic, at: PayloadLocation(message: location, volume: UInt16(volume))) { payload in
            try reader.strings(path: path, in: payload)
        }
    }

    func topic(of location: MessageLocation, ofVolume volume: Int) -> Topic? {
        channel(location.channel, ofVolume: volume).flatMap { topic(named: $0.topic) }
    }

    private func channel(_ id: UInt16, ofVolume volume: Int) -> RecordingChannel? {
        channels.first { $0.volume == volume && $0.id == id }
    }

    /// Topics whose last message counts from then on even where the recorder did not write down that they are latched.
    private static let latchedTopics = ["/tf_static", "/robot_description"]
    /// How the names of such types end, whoever's they are: `sensor_msgs/CompressedImage`, `foxglove.CompressedVideo`,
    /// `sensor_msgs/PointCloud2`, `theora_image_transport/Packet`, `ffmpeg_image_transport_msgs/FFMPEGPacket`.
    private static let momentNames = ["Image", "Video", "Packet", "PointCloud", "PointCloud2", "LaserScan"]
}
