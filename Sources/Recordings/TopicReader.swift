public import ROS

/// Takes the messages of one topic apart.
///
/// Used by one thread at a time. Paths are worked out at their first use and kept.
public final class TopicReader {
    /// The topic whose messages it reads.
    public let topic: Topic
    private let schemas: [Int: MessageSchema]
    private let stamps: StampReader
    private var readers: [FieldKey: FieldReader] = [:]
    private var decoders: [Int: MessageDecoder] = [:]
    /// The one that the last message needed: most topics have one channel.
    private var lastDecoder: (channel: Int, decoder: MessageDecoder)?
    /// The joint names of the last message, as they were on the wire and as text: they hardly ever change.
    private var lastNames: (channel: Int, wire: [UInt8], names: [String])?

    private struct FieldKey: Hashable {
        let channel: Int
        let path: String
    }

    /// A reader for a topic of a recording.
    ///
    /// - Throws: `RecordingError` where the topic's messages cannot be taken apart.
    public init(_ recording: Recording, _ topic: Topic) throws(RecordingError) {
        var schemas: [Int: MessageSchema] = [:]
        for channel in topic.channels {
            switch recording.channels[channel].schema {
            case .success(let schema): schemas[channel] = schema
            case .failure(let error): throw RecordingError(error, topic: topic.name)
            }
        }
        self.topic = topic
        self.schemas = schemas
        stamps = StampReader(recording, topic)
    }

    /// Refuses a path that leads to no numbers, before any message is read.
    ///
    /// - Throws: `RecordingError` of code `request_invalid`, naming the fields that there are.
    public func checkNumbers(path: String) throws(RecordingError) {
        for schema in schemas.values {
            do throws(ROSError) {
                switch try FieldReader(schema, path: path).content {
                case .numbers, .any: break
                case .strings, .bytes, .time, .message:
                    throw ROSError(.field, "The field \(path) of \(topic.type) does not hold numbers.")
                }
            } catch {
                throw RecordingError(error, topic: topic.name)
            }
        }
    }

    /// The numbers that a field holds, arrays flattened in order; truth values count as 0 and 1.
    ///
    /// - Parameters:
    ///   - path: field names with dots between them, such as `pose.position.x`; where absent, `position` of joint states and `data` of other types.
    ///   - payload: a message of this reader's topic.
    /// - Throws: `RecordingError`: `request_invalid` where the type has no such field or it holds no numbers, `dataset_unreadable` where the message is malformed.
    public func numbers(path: String?, in payload: Payload) throws(RecordingError) -> [Double] {
        var values: [Double] = []
        try readNumbers(path: path, in: payload, into: &values)
        return values
    }

    /// Appends the numbers that a field holds, as `numbers(path:in:)` returns them.
    public func readNumbers(path: String?, in payload: Payload, into values: inout [Double]) throws(RecordingError) {
        let path = path ?? (topic.content == .jointState ? "position" : "data")
        try read(path, payload) { (reader) throws(ROSError) in try reader.readNumbers(payload.bytes, into: &values) }
    }

    /// The strings that a field holds.
    public func strings(path: String, in payload: Payload) throws(RecordingError) -> [String] {
        try read(path, payload) { (reader) throws(ROSError) in try reader.readStrings(payload.bytes) }
    }

    /// The names of a joint state's values, in their order.
    public func names(in payload: Payload) throws(RecordingError) -> [String] {
        let range = try read("name", payload) { (reader) throws(ROSError) in try reader.readWireRange(payload.bytes) }
        if let lastNames, lastNames.channel == payload.channel, payload.bytes[range].elementsEqual(lastNames.wire) {
            return lastNames.names
        }
        let names = try strings(path: "name", in: payload)
        lastNames = (payload.channel, [UInt8](payload.bytes[range]), names)
        return names
    }

    /// The time stamp in the message's header in nanoseconds since the Unix epoch; nil where there is none or it is zero.
    public func stamp(in payload: Payload) throws(RecordingError) -> Int64? {
        try stamps.stamp(in: payload)
    }

    /// The time stamp in the header of a message at a place from the topic's index, and when it was logged, both in nanoseconds since the
    /// Unix epoch; nil where there is no stamp or it is zero.
    ///
    /// Of the message no more than the beginning is read where that is enough, and the recording was told to expect it.
    ///
    /// - Throws: as `Recording.withPayload`.
    public func stamp(at location: PayloadLocation, in recording: Recording) throws -> (stamp: Int64, logTime: Int64)? {
        try recording.stamp(of: topic, at: location, by: stamps)
    }

    /// The whole message as a tree of values.
    public func value(in payload: Payload) throws(RecordingError) -> FieldValue {
        do {
            return try decoder(payload).decode(payload.bytes)
        } catch {
            throw RecordingError(error, topic: topic.name)
        }
    }

    /// The whole message as values one after another; strings and bytes are places in the payload.
    ///
    /// - Parameters:
    ///   - values: replaced by the message's values.
    ///   - maximumMessages: the most messages of a list that are read so.
    /// - Returns: which fields the values belong to; nil where the message has to be taken apart with `value(in:)`.
    public func readFlat(_ payload: Payload, into values: inout FlatValues, maximumMessages: Int) -> MessageOutline? {
        (try? decoder(payload))?.readFlat(payload.bytes, into: &values, maximumMessages: maximumMessages)
    }

    /// A field's bytes: an image's data, whichever way the message holds it.
    func blob(_ path: String, _ payload: Payload) throws(RecordingError) -> Blob {
        try read(path, payload) { (reader) throws(ROSError) in try reader.readBlob(payload.bytes) }
    }

    /// Where a field's bytes lie in the payload.
    ///
    /// - Throws: `RecordingError` where the message holds them as text; `blob` reads those too.
    func range(_ path: String, _ payload: Payload) throws(RecordingError) -> Range<Int> {
        try read(path, payload) { (reader) throws(ROSError) in try reader.readRange(payload.bytes) }
    }

    /// A field's whole number; 0 where there is none.
    func integer(_ path: String, _ payload: Payload) throws(RecordingError) -> Int {
        try read(path, payload) { (reader) throws(ROSError) in try reader.readInteger(payload.bytes) } ?? 0
    }

    /// Whether the payload's type has a field.
    func hasField(_ path: String, _ payload: Payload) -> Bool {
        guard let schema = schemas[payload.channel] else { return false }
        return (try? FieldReader(schema, path: path)) != nil
    }

    private func read<R>(
        _ path: String,
        _ payload: Payload,
        _ body: (FieldReader) throws(ROSError) -> R
    ) throws(RecordingError) -> R {
        do {
            let key = FieldKey(channel: payload.channel, path: path)
            if let reader = readers[key] { return try body(reader) }
            let reader = try FieldReader(schema(payload), path: path)
            readers[key] = reader
            return try body(reader)
        } catch {
            throw RecordingError(error, topic: topic.name)
        }
    }

    private func decoder(_ payload: Payload) throws(ROSError) -> MessageDecoder {
        if let lastDecoder, lastDecoder.channel == payload.channel { return lastDecoder.decoder }
        if let known = decoders[payload.channel] {
            lastDecoder = (payload.channel, known)
            return known
        }
        let made = MessageDecoder(try schema(payload))
        decoders[payload.channel] = made
        lastDecoder = (payload.channel, made)
        return made
    }

    private func schema(_ payload: Payload) throws(ROSError) -> MessageSchema {
        guard let schema = schemas[payload.channel] else {
            throw ROSError(.payload, "A message of another topic was given to the reader of this one.")
        }
        return schema
    }
}
