import MCAP

/// The connections of a bag, as channels and schemas.
struct ConnectionTable {
    /// By the connection's number.
    private(set) var channels: [UInt16: Channel] = [:]
    /// By numbers of this table's own, which count from 1.
    private(set) var schemas: [UInt16: Schema] = [:]
    private var schemaIDs: [SchemaKey: UInt16] = [:]

    private struct SchemaKey: Hashable {
        let type: String
        let definition: [UInt8]
    }

    /// What became of a connection.
    enum Outcome {
        case added
        /// It was known, as it is.
        case repeated
        /// Its number stands for something else already.
        case conflict(with: Channel)
        /// It cannot be used, for a reason that ends a sentence.
        case refused(String)
    }

    /// Takes a connection record into account.
    ///
    /// Recorders repeat connections in the index at the end of the file.
    mutating func add(_ bytes: UnsafeRawBufferPointer, _ record: BagRecord) -> Outcome {
        let header = RecordFields(bytes, record.header)
        let data = RecordFields(bytes, record.data)
        guard let number = header.integer("conn", as: UInt32.self), let topic = header.text("topic") ?? data.text("topic") else {
            return .refused("lacks its number or topic")
        }
        guard let id = UInt16(exactly: number) else {
            return .refused("has the number \(number); numbers up to \(UInt16.max) are supported")
        }
        let type = data.text("type") ?? ""
        let definition = data["message_definition"].map { [UInt8]($0) } ?? []
        let isKnown = !definition.isEmpty || data.text("md5sum") == Self.emptyDigest
        var metadata: [String: String] = [:]
        metadata["callerid"] = data.text("callerid")
        metadata["md5sum"] = data.text("md5sum")
        // MCAP's convention for the ROS 1 profile spells it out.
        metadata["latching"] = data.text("latching").map { $0 == "1" ? "true" : $0 == "0" ? "false" : $0 }
        let known = channels[id]
        guard let schema = schemaID(SchemaKey(type: type, definition: definition), isKnown: isKnown, mayAdd: known == nil) else {
            if let known { return .conflict(with: known) }
            return .refused("has one message definition more than the \(UInt16.max) that are supported")
        }
        let channel = Channel(id: id, schemaID: schema, topic: topic, messageEncoding: "ros1", metadata: metadata)
        if let known { return known == channel ? .repeated : .conflict(with: known) }
        channels[id] = channel
        return .added
    }

    /// The number of a type's definition; 0 where there is no type, `nil` where it is new and can't be added.
    private mutating func schemaID(_ key: SchemaKey, isKnown: Bool, mayAdd: Bool) -> UInt16? {
        guard !key.type.isEmpty, key.type != "*" else { return 0 }
        if let id = schemaIDs[key] { return id }
        guard mayAdd, schemas.count < UInt16.max else { return nil }
        let id = UInt16(schemas.count + 1)
        schemas[id] = Schema(id: id, name: key.type, encoding: isKnown ? "ros1msg" : "", data: key.definition)
        schemaIDs[key] = id
        return id
    }

    /// The digest of a definition without fields, such as that of `std_msgs/Empty`.
    private static let emptyDigest = "d41d8cd98f00b204e9800998ecf8427e"
}
