internal import ROS

/// Reads the time stamp in a message's header, where its type has one.
struct StampReader {
    /// By the channel's position in the recording.
    private var readers: [Int: FieldReader] = [:]
    private let topic: String

    init(_ recording: Recording, _ topic: Topic) {
        self.topic = topic.name
        for channel in topic.channels {
            guard case .success(let definition) = recording.channels[channel].definition,
                let reader = try? FieldReader(definition, path: "header.stamp"), reader.content == .time(.instant), !reader.isCollection
            else { continue }
            readers[channel] = reader
        }
    }

    /// Nanoseconds since the Unix epoch; nil where there is no header or its stamp is zero.
    func stamp(in payload: Payload) throws(RecordingError) -> Int64? {
        guard let reader = readers[payload.channel] else { return nil }
        do {
            let stamp = try reader.readTime(payload.bytes)
            return stamp == 0 ? nil : stamp
        } catch {
            throw RecordingError(error, topic: topic)
        }
    }
}
