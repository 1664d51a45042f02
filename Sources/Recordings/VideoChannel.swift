public import MCAP

/// One channel of a volume whose pictures only say what changed since the one before, so that a part of it can be
/// decoded from a key frame on only.
public final class VideoChannel {
    private let recording: Recording
    private let topic: Topic
    private let reader: TopicReader
    private let volume: Int
    private let codec: VideoCodec

    /// - Parameters:
    ///   - location: where one of the channel's messages lies, which tells what the channel carries.
    ///   - volume: the volume's position in the recording.
    /// - Returns: nil where the channel carries no such video.
    public init?(_ recording: Recording, volume: Int, message location: MessageLocation) {
        guard let topic = recording.topic(of: location, ofVolume: volume), case .image(.compressed) = topic.content,
            let reader = try? TopicReader(recording, topic)
        else { return nil }
        let found = try? recording.withPayload(of: topic, at: PayloadLocation(message: location, volume: UInt16(volume))) { payload in
            try reader.image(in: payload).encoding.videoCodec
        }
        guard let codec = found ?? nil else { return nil }
        self.recording = recording
        self.topic = topic
        self.reader = reader
        self.volume = volume
        self.codec = codec
    }

    /// What a message holds; nothing where it is no picture that can be told apart.
    ///
    /// - Throws: a failure to read the message.
    public func accessUnit(at location: MessageLocation) throws -> VideoAccessUnit {
        try recording.withPayload(of: topic, at: PayloadLocation(message: location, volume: UInt16(volume))) { payload in
            guard let picture = try? reader.image(in: payload) else { return VideoAccessUnit() }
            return picture.withBytes(in: payload) { VideoAccessUnit($0, codec: codec) }
        }
    }
}
