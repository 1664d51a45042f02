import ROS

/// An input that is a message type's name and its schema.
public enum DefinitionInput {
    /// Reads the schema, and messages by it; only errors may come of it.
    public static func read(_ data: UnsafePointer<UInt8>?, _ count: Int, as kind: SchemaKind) {
        let parts = InputParts(data, count, atMost: 2)
        guard let schema = kind.schema(named: parts[0], parts[1]) else { return }
        // No message, and one of zeros: each must give an error or a value, whatever the definition says.
        let decoder = MessageDecoder(schema)
        _ = try? decoder.decode(UnsafeRawBufferPointer(start: nil, count: 0))
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { zeros in
            zeros.initializeMemory(as: UInt8.self, repeating: 0)
            _ = try? decoder.decode(UnsafeRawBufferPointer(zeros))
        }
    }
}
