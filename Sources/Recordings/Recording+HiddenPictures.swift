internal import MCAP
internal import ROS

extension Recording {
    /// Whether messages of a topic may hold pictures that nobody takes out of them: of a type that is called so, such as
    /// `theora_image_transport/Packet`, of one whose definition holds a type of pictures, and of none at all unless they are JSON.
    ///
    /// Topics of pictures themselves are none of them. Pictures in fields that only say "bytes" cannot be known.
    public func mayHidePictures(_ topic: Topic) -> Bool {
        guard topic.content == .other else { return false }
        return topic.channels.contains { position in
            let volume = volumes[channels[position].volume]
            let channel = volume.channels[channels[position].id]
            guard let schema = channel.flatMap({ volume.schemas[$0.schemaID] }) else { return channel?.messageEncoding != "json" }
            return schema.mayHidePictures
        }
    }
}

extension Schema {
    /// Disparities are distances by another name.
    private static let distances = ["stereo_msgs/DisparityImage", "stereo_msgs/msg/DisparityImage"]
    private static let types: Set<Substring> = ["CompressedImage", "RawImage", "CompressedVideo", "FFMPEGPacket"]

    fileprivate var mayHidePictures: Bool {
        guard !Self.distances.contains(name) else { return false }
        if Self.isPicture(name) { return true }
        let text = String(decoding: data, as: UTF8.self)
        if encoding == "ros1msg" || encoding == "ros2msg" {
            // The definitions of the types inside follow that of the message, each behind its name.
            return text.split(whereSeparator: \.isNewline).contains { line in
                line.hasPrefix("MSG: ") && Self.isPicture(line.dropFirst(5).trimmingPrefix { $0 == " " })
            }
        }
        let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        guard encoding == "ros2idl" else { return words.contains { Self.types.contains($0) } }
        return zip(words, words.dropFirst()).contains { $0 == "struct" && (Self.types.contains($1) || $1 == "Image") }
    }

    private static func isPicture(_ name: some StringProtocol) -> Bool {
        let type = name.split { $0 == "/" || $0 == "." }
        guard let last = type.last else { return false }
        return ["Image", "Video", "FFMPEGPacket"].contains { last.hasSuffix($0) } || last == "Packet" && type[0] == "theora_image_transport"
    }
}
