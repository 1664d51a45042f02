/// A text, map or list that is longer than the format can say.
struct OversizedField: Error {}

/// Bytes of records as they are put together: little-endian integers, counted blobs, texts, maps.
struct RecordEncoder {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }
    var isEmpty: Bool { bytes.isEmpty }

    /// Forgets the records, but keeps their memory.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Makes room for `count` bytes in all.
    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    @inline(__always)
    mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    @inline(__always)
    mutating func put(_ blob: UnsafeRawBufferPointer) { bytes.append(contentsOf: blob) }

    mutating func put(_ blob: [UInt8]) { bytes.append(contentsOf: blob) }

    mutating func putText(_ text: String) throws(OversizedField) {
        var text = text
        try putCounted32 { encoder in text.withUTF8 { encoder.put(UnsafeRawBufferPointer($0)) } }
    }

    mutating func putCounted32(_ blob: [UInt8]) throws(OversizedField) {
        try putCounted32 { $0.put(blob) }
    }

    /// A map of texts, by key, so that the same map gives the same bytes.
    mutating func putTextMap(_ map: [String: String]) throws(OversizedField) {
        let start = beginCounted32()
        // By bytes: String's own order depends on Unicode's tables.
        for (key, value) in map.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            try putText(key)
            try putText(value)
        }
        try endCounted32(start)
    }

    /// A 32-bit length in bytes and what `body` puts.
    mutating func putCounted32(_ body: (inout RecordEncoder) -> Void) throws(OversizedField) {
        let start = beginCounted32()
        body(&self)
        try endCounted32(start)
    }

    /// A record: opcode, length, and what `body` puts.
    mutating func putRecord(_ opcode: UInt8, _ body: (inout RecordEncoder) throws(OversizedField) -> Void) throws(OversizedField) {
        let start = bytes.count
        bytes.append(opcode)
        put(UInt64(0))
        try body(&self)
        overwrite(UInt64(bytes.count - start - Size.prefix), at: start + 1)
    }

    private mutating func beginCounted32() -> Int {
        put(UInt32(0))
        return bytes.count
    }

    private mutating func endCounted32(_ start: Int) throws(OversizedField) {
        guard let length = UInt32(exactly: bytes.count - start) else { throw OversizedField() }
        overwrite(length, at: start - 4)
    }

    private mutating func overwrite<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self) }
    }
}

// MARK: - Records

extension RecordEncoder {
    mutating func put(_ header: Header) throws(OversizedField) {
        try putRecord(Opcode.header) { encoder throws(OversizedField) in
            try encoder.putText(header.profile)
            try encoder.putText(header.library)
        }
    }

    mutating func put(_ schema: Schema) throws(OversizedField) {
        try putRecord(Opcode.schema) { encoder throws(OversizedField) in
            encoder.put(schema.id)
            try encoder.putText(schema.name)
            try encoder.putText(schema.encoding)
            try encoder.putCounted32(schema.data)
        }
    }

    mutating func put(_ channel: Channel) throws(OversizedField) {
        try putRecord(Opcode.channel) { encoder throws(OversizedField) in
            encoder.put(channel.id)
            encoder.put(channel.schemaID)
            try encoder.putText(channel.topic)
            try encoder.putText(channel.messageEncoding)
            try encoder.putTextMap(channel.metadata)
        }
    }

    @inline(__always)
    mutating func put(_ head: MessageHead, _ data: UnsafeRawBufferPointer) {
        put(Opcode.message)
        put(UInt64(Size.messageHead + data.count))
        put(head.channelID)
        put(head.sequence)
        put(head.logTime)
        put(head.publishTime)
        put(data)
    }
}
