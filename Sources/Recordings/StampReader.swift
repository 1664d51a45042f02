internal import MCAP
internal import ROS

/// Reads the time stamp that a message carries, where its type says that it has one.
///
/// An object rather than a value, so that reading a message copies none of it.
final class StampReader {
    /// By the channel's position in the recording.
    private let readers: [[FieldReader]]
    private let topic: String
    /// By the channel's position: whether the first bytes of a message that hold the stamp are enough to read it.
    private let readsFromFront: [Bool]
    /// By the channel's position: where its messages have their stamp, if all have it in one place.
    private let places: [TimePlace?]

    init(_ recording: Recording, _ topic: Topic) {
        self.topic = topic.name
        var readers = [[FieldReader]](repeating: [], count: recording.channels.count)
        for channel in topic.channels {
            guard case .success(let schema) = recording.channels[channel].schema else { continue }
            for path in Self.paths {
                if let reader = Self.reader(schema, path) { readers[channel].append(reader) }
                // Without a schema, each message has to be looked at; else the first that there is counts.
                if let first = readers[channel].first, first.content != .any { break }
            }
        }
        self.readers = readers
        readsFromFront = readers.map { $0.allSatisfy(\.readsFromFront) }
        places = readers.map { $0.first?.timePlace }
    }

    /// Where messages have their stamp: ROS in the header, Foxglove's types beside the rest.
    private static let paths = ["header.stamp", "timestamp"]

    private static func reader(_ schema: MessageSchema, _ path: String) -> FieldReader? {
        guard let reader = try? FieldReader(schema, path: path), !reader.isCollection else { return nil }
        return reader.content == .time(.instant) || reader.content == .any ? reader : nil
    }

    /// What the beginning of a message tells.
    private struct Found {
        /// Nil where the message has none.
        var stamp: Int64?
    }

    /// The stamp of a message of which no more than the beginning may have been read.
    ///
    /// - Parameters:
    ///   - front: the first bytes of the message as it is stored.
    ///   - isWhole: whether these are all.
    ///   - whole: reads the stamp of the whole message, as `stamp(in:)` does; called where the front doesn't tell.
    func stamp(
        in front: RawSpan,
        _ head: MessageHead,
        isWhole: Bool,
        channel: Int,
        of recording: Recording,
        whole: () throws -> Int64?
    ) throws -> Int64? {
        // A message that is compressed for itself doesn't begin as others do, and has no place.
        if let stamp = stamp(inPlace: front, channel: channel) { return stamp }
        if isWhole { return try recording.read(front, head, channel: channel) { try stamp(in: $0) } }
        guard readsFromFront[channel] else { return try whole() }
        let found: Found? = front.withUnsafeBytes { bytes in
            // Each message may be compressed for itself.
            guard !recording.isCompressed(bytes, channel: channel) else { return nil }
            // What has too few bytes here is read whole, and refused there if it is at fault.
            do { return Found(stamp: try stamp(in: Payload(bytes: bytes, head: head, channel: channel))) } catch { return nil }
        }
        guard let found else { return try whole() }
        return found.stamp
    }

    /// The stamp where messages of a channel usually have it; nil where it has to be looked for.
    @inline(__always)
    private func stamp(inPlace bytes: RawSpan, channel: Int) -> Int64? {
        guard let place = places[channel] else { return nil }
        let stamp = bytes.withUnsafeBytes { place.read($0) }
        return stamp == 0 ? nil : stamp
    }

    /// Nanoseconds since the Unix epoch; nil where there is no header or its stamp is zero.
    func stamp(in payload: Payload) throws(RecordingError) -> Int64? {
        if let stamp = places[payload.channel]?.read(payload.bytes), stamp != 0 { return stamp }
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
