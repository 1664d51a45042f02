/// The schemas and channels of a file that is being written.
struct WrittenDefinitions {
    private(set) var schemas: [UInt16: Schema] = [:]
    private(set) var channels: [UInt16: Channel] = [:]
    /// The records of those that aren't in the file yet.
    private(set) var pending = RecordEncoder()
    private var members: [Bool] = []

    @inline(__always)
    func hasChannel(_ id: UInt16) -> Bool { Int(id) < members.count && members[Int(id)] }

    /// Takes a new schema into account; `isWritten` where the file holds it already.
    mutating func add(_ schema: Schema, isWritten: Bool = false) throws(OversizedField) {
        schemas[schema.id] = schema
        if !isWritten { try pending.put(schema) }
    }

    /// Takes a new channel into account; `isWritten` where the file holds it already.
    mutating func add(_ channel: Channel, isWritten: Bool = false) throws(OversizedField) {
        channels[channel.id] = channel
        let missing = Int(channel.id) - members.count + 1
        if missing > 0 { members.append(contentsOf: repeatElement(false, count: missing)) }
        members[Int(channel.id)] = true
        if !isWritten { try pending.put(channel) }
    }

    /// Notes that the pending records were written.
    mutating func removePending() { pending = RecordEncoder() }
}
