import Bytes

/// What the ids of a damaged file mean at the place that is being read, and by which ids they go in the file that is written.
///
/// Files in which one id stands for several things exist: they were put together without care. The messages behind the second
/// definition are then given an id of their own.
struct RecoveredDefinitions {
    private let writer: MCAPWriter
    private var schemas: [UInt16: Schema]
    private var channels: [UInt16: Channel]
    /// The ids in the new file, by the old ones.
    private var newIDs: [UInt16: UInt16] = [:]
    private var usedSchemas: Set<UInt16>
    private var usedChannels: Set<UInt16>
    /// What was changed, as sentences.
    var repairs: [String] = []
    /// What is missing, as sentences.
    var losses: [String] = []

    /// - Parameter file: gives what ids mean that are not defined before they are used.
    init(_ file: MCAPFile, writer: MCAPWriter) {
        self.writer = writer
        schemas = file.schemas
        channels = file.channels
        usedSchemas = Set(file.schemas.keys)
        usedChannels = Set(file.channels.keys)
    }

    /// Writes all definitions that were found, so that channels without messages are kept.
    mutating func defineAll() throws {
        for id in channels.keys.sorted() { _ = try newID(of: id) }
        for schema in schemas.values.sorted(by: { $0.id < $1.id }) where writer.definitions.schemas[schema.id] == nil {
            try writer.add(schema)
        }
    }

    /// The id of a channel in the new file; `nil` where nothing describes the channel.
    mutating func newID(of id: UInt16) throws -> UInt16? {
        if let known = newIDs[id] { return known }
        guard var channel = channels[id] else { return nil }
        if channel.schemaID != 0 {
            if let schema = schemas[channel.schemaID] {
                channel.schemaID = try newID(of: schema)
            } else {
                losses.append(
                    "The schema \(channel.schemaID) of channel \(id), “\(channel.topic)”, is lost; the channel was kept without a schema."
                )
                channel.schemaID = 0
            }
        }
        if let known = writer.definitions.channels[id], known != channel {
            // The same meaning may have come before under an id of its own.
            let same = writer.definitions.channels.values.filter { other in
                var copy = channel
                copy.id = other.id
                return copy == other
            }
            if let other = same.map(\.id).min() {
                newIDs[id] = other
                return other
            }
            guard let free = Self.free(&usedChannels, from: 0) else { return nil }
            repairs.append("Channel \(id) stands for “\(known.topic)” and “\(channel.topic)”; the second was given the id \(free).")
            channel.id = free
        }
        try writer.add(channel)
        newIDs[id] = channel.id
        return channel.id
    }

    private mutating func newID(of schema: Schema) throws -> UInt16 {
        guard let known = writer.definitions.schemas[schema.id], known != schema else {
            try writer.add(schema)
            return schema.id
        }
        var copy = schema
        let same = writer.definitions.schemas.values.filter { other in
            copy.id = other.id
            return copy == other
        }
        if let other = same.map(\.id).min() { return other }
        guard let free = Self.free(&usedSchemas, from: 1) else { return 0 }
        repairs.append("Schema \(schema.id) stands for “\(known.name)” and “\(schema.name)”; the second was given the id \(free).")
        copy.id = free
        try writer.add(copy)
        return free
    }

    /// Takes a definition record into account.
    ///
    /// - Returns: whether it says what was known already, so that a chunk that holds it may be copied.
    mutating func define(_ record: Record, _ bytes: UnsafeRawBufferPointer) throws -> Bool {
        let content = UnsafeRawBufferPointer(rebasing: bytes[record.content..<record.end])
        if record.opcode == Opcode.schema {
            guard let schema = try? Schema(content), schema.id != 0 else { return false }
            if schemas[schema.id] == schema { return try newID(of: schema) == schema.id }
            schemas[schema.id] = schema
            usedSchemas.insert(schema.id)
            // Channels that name it mean something else from here on.
            for (id, channel) in channels where channel.schemaID == schema.id { newIDs[id] = nil }
            return false
        }
        guard let channel = try? Channel(content) else { return false }
        if channels[channel.id] != channel {
            channels[channel.id] = channel
            usedChannels.insert(channel.id)
            newIDs[channel.id] = nil
        }
        // Its schema may be lost, or go by another id.
        guard try newID(of: channel.id) == channel.id else { return false }
        return writer.definitions.channels[channel.id] == channel
    }

    /// Makes ids mean what they meant before, and keeps what is to be said.
    mutating func goBack(to before: RecoveredDefinitions) {
        let (repairs, losses) = (repairs, losses)
        let used = (usedSchemas, usedChannels)
        self = before
        (self.repairs, self.losses) = (repairs, losses)
        (usedSchemas, usedChannels) = used
    }

    private static func free(_ used: inout Set<UInt16>, from first: UInt16) -> UInt16? {
        guard let id = (first...UInt16.max).first(where: { !used.contains($0) }) else { return nil }
        used.insert(id)
        return id
    }
}
