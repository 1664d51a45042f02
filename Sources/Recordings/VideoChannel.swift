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
            Self.codec(of: try reader.image(in: payload).encoding)
        }
        guard let codec = found ?? nil else { return nil }
        self.recording = recording
        self.topic = topic
        self.reader = reader
        self.volume = volume
        self.codec = codec
    }

    /// Whether decoding can begin with a message.
    ///
    /// - Throws: a failure to read the message; one that holds no picture is simply no key frame.
    public func isKeyFrame(at location: MessageLocation) throws -> Bool {
        try recording.withPayload(of: topic, at: PayloadLocation(message: location, volume: UInt16(volume))) { payload in
            guard let picture = try? reader.image(in: payload) else { return false }
            return VideoAccessUnit.isKeyFrame(UnsafeRawBufferPointer(rebasing: payload.bytes[picture.data]), codec)
        }
    }

    private static func codec(of encoding: ImagePayload.Encoding) -> VideoCodec? {
        switch encoding {
        case .h264: .h264
        case .h265: .h265
        case .jpeg, .png, .webp, .raw, .unknown: nil
        }
    }
}
