import Bytes

extension MCAPFile {
    /// Takes a schema or channel record into account.
    ///
    /// Recorders repeat both in each chunk and in the summary, so an id that is known is normal as long as it stands for the
    /// same thing; where it doesn't, the first one counts.
    ///
    /// - Parameter place: where in the file the record is, or the chunk that holds it.
    func define(_ record: Record, _ bytes: UnsafeRawBufferPointer, at place: Int) {
        let content = UnsafeRawBufferPointer(rebasing: bytes[record.content..<record.end])
        do throws(MalformedBytes) {
            if record.opcode == Opcode.schema { try defineSchema(content, at: place) } else { try defineChannel(content, at: place) }
        } catch {
            report(.damagedRecord, at: place, "A \(record.opcode == Opcode.schema ? "schema" : "channel") record is damaged: \(error).")
        }
    }

    private func defineSchema(_ content: UnsafeRawBufferPointer, at place: Int) throws(MalformedBytes) {
        var cursor = Cursor(content)
        let id = try cursor.read(UInt16.self)
        guard id != 0 else {
            report(.damagedRecord, at: place, "A schema has the id 0, which stands for no schema, and was left out.")
            return
        }
        guard let known = schemas[id] else {
            schemas[id] = try Schema(content)
            return
        }
        // Compared in place: the same definitions may come again with each of a hundred thousand chunks.
        let name = try cursor.readCounted32()
        let encoding = try cursor.readCounted32()
        let data = try cursor.readCounted32()
        guard !name.elementsEqual(known.name.utf8) || !encoding.elementsEqual(known.encoding.utf8) || !data.elementsEqual(known.data) else {
            return
        }
        let other = String(decoding: name, as: UTF8.self)
        let difference = other == known.name ? "two definitions of “\(known.name)”" : "“\(known.name)” and “\(other)”"
        report(.conflictingSchema, at: place, "Schema \(id) stands for \(difference). The first was used.")
    }

    private func defineChannel(_ content: UnsafeRawBufferPointer, at place: Int) throws(MalformedBytes) {
        let channel = try Channel(content)
        guard let known = channels[channel.id] else {
            channels[channel.id] = channel
            return
        }
        guard known != channel else { return }
        let difference = channel.topic == known.topic ? "two descriptions of “\(known.topic)”" : "“\(known.topic)” and “\(channel.topic)”"
        report(.conflictingChannel, at: place, "Channel \(channel.id) stands for \(difference). The first was used.")
    }

    /// Says which messages can't be decoded because nothing in the file says how.
    func reportMissingDefinitions() {
        for channel in messageCounts.keys.sorted() where channels[channel] == nil {
            report(
                .damagedRecord,
                "The \(messageCounts[channel] ?? 0) messages of channel \(channel) can't be used: the file doesn't describe the channel."
            )
        }
        for channel in channels.values.sorted(by: { $0.id < $1.id }) where channel.schemaID != 0 && schemas[channel.schemaID] == nil {
            report(
                .damagedRecord,
                "Channel \(channel.id), “\(channel.topic)”, names the schema \(channel.schemaID), which isn't in the file."
            )
        }
    }
}
