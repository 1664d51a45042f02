internal import ROS

/// Reads the time stamp that a message carries, where its type says that it has one.
struct StampReader {
    /// By the channel's position in the recording.
    private var readers: [[FieldReader]]
    private let topic: String

    init(_ recording: Recording, _ topic: Topic) {
        self.topic = topic.name
        readers = Array(repeating: [], count: recording.channels.count)
        for channel in topic.channels {
            guard case .success(let schema) = recording.channels[channel].schema else { continue }
            let found = Self.paths.compactMap { Self.reader(schema, $0) }
            // Without a schema, each message has to be looked at.
            readers[channel] = found.first?.content == .any ? found : Array(found.prefix(1))
        }
    }

    /// Where messages have their stamp: ROS in the header, Foxglove's types beside the rest.
    private static let paths = ["header.stamp", "timestamp"]

    private static func reader(_ schema: MessageSchema, _ path: String) -> FieldReader? {
        guard let reader = try? FieldReader(schema, path: path), !reader.isCollection else { return nil }
        return reader.content == .time(.instant) || reader.content == .any ? reader : nil
    }

    /// Nanoseconds since the Unix epoch; nil where there is no header or its stamp is zero.
    func stamp(in payload: Payload) throws(RecordingError) -> Int64? {
        for reader in readers[payload.channel] {
            do throws(ROSError) {
                let stamp = try reader.readTime(payload.bytes)
                if stamp != 0 { return stamp }
            } catch {
                // What has no schema may well have something else there.
                if reader.content == .any, error.kind == .field { continue }
                throw RecordingError(error, topic: topic)
            }
        }
        return nil
    }
}
