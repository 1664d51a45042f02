import ExportCore
import MCAP

/// The schemas and channels of a recording's volumes in one file: ids stay as they are wherever they do not conflict.
struct Definitions {
    /// The schemas by id.
    private(set) var schemas: [UInt16: Schema] = [:]
    /// The channels by id.
    private(set) var channels: [UInt16: Channel] = [:]

    /// How one volume's channels are called in the file.
    struct IDs {
        /// The file's id of each of the volume's channels.
        var channels: [UInt16: UInt16] = [:]
        /// Whether all of the volume's schemas and channels keep their ids, so that its chunks fit the file as they are.
        var areKept = true
    }

    /// Takes a volume's schemas and channels.
    ///
    /// - Throws: `ExportError` where there are more than a file can hold.
    mutating func add(schemas added: [UInt16: Schema], channels addedChannels: [UInt16: Channel]) throws(ExportError) -> IDs {
        var ids = IDs()
        let schemaIDs = try add(added, &ids)
        let wanted = addedChannels.values.sorted { $0.id < $1.id }.map { channel in
            var wanted = channel
            // A schema that the volume names but does not hold cannot be written either.
            wanted.schemaID = channel.schemaID == 0 ? 0 : schemaIDs[channel.schemaID] ?? 0
            if wanted != channel { ids.areKept = false }
            return wanted
        }
        var conflicting: [Channel] = []
        for channel in wanted {
            if let known = channels[channel.id], known != channel {
                conflicting.append(channel)
            } else {
                channels[channel.id] = channel
                ids.channels[channel.id] = channel.id
            }
        }
        for channel in conflicting {
            ids.areKept = false
            let taken = Set(ids.channels.values)
            var renamed = channel
            let same: UInt16? = channels.keys.sorted().first { id in
                renamed.id = id
                return channels[id] == renamed && !taken.contains(id)
            }
            let id = if let same { same } else { try Self.free(among: channels.keys, from: 0, "channels") }
            renamed.id = id
            channels[id] = renamed
            ids.channels[channel.id] = id
        }
        return ids
    }

    /// Adds a channel of exportd's own under ids that nothing else has.
    mutating func add(schema name: String, encoding: String, data: [UInt8], topic: String, messageEncoding: String) throws(ExportError)
        -> Channel
    {
        let schemaID = try Self.free(among: schemas.keys, from: 1, "schemas")
        schemas[schemaID] = Schema(id: schemaID, name: name, encoding: encoding, data: data)
        let id = try Self.free(among: channels.keys, from: 1, "channels")
        let channel = Channel(id: id, schemaID: schemaID, topic: topic, messageEncoding: messageEncoding, metadata: [:])
        channels[id] = channel
        return channel
    }

    private mutating func add(_ added: [UInt16: Schema], _ ids: inout IDs) throws(ExportError) -> [UInt16: UInt16] {
        var result: [UInt16: UInt16] = [:]
        var conflicting: [Schema] = []
        for schema in added.values.sorted(by: { $0.id < $1.id }) {
            if let known = schemas[schema.id], known != schema {
                conflicting.append(schema)
            } else {
                schemas[schema.id] = schema
                result[schema.id] = schema.id
            }
        }
        for schema in conflicting {
            ids.areKept = false
            var renamed = schema
            let same: UInt16? = schemas.keys.sorted().first { id in
                renamed.id = id
                return schemas[id] == renamed
            }
            let id = if let same { same } else { try Self.free(among: schemas.keys, from: 1, "schemas") }
            renamed.id = id
            schemas[id] = renamed
            result[schema.id] = id
        }
        return result
    }

    private static func free(among taken: some Collection<UInt16>, from first: UInt16, _ what: String) throws(ExportError) -> UInt16 {
        let taken = Set(taken)
        if let id = (first...UInt16.max).first(where: { !taken.contains($0) }) { return id }
        throw ExportError(.datasetUnreadable, "The recording's volumes have more \(what) together than one MCAP file can hold.")
    }
}
