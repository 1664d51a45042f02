import FuzzMessages
import ROS

/// The first byte chooses the schema's encoding; then come the message type's name and the schema.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let parts = InputParts(data, count, atMost: 2) else { return 0 }
    let kind = SchemaKind.all[parts.choice % SchemaKind.all.count]
    guard let schema = kind.schema(named: parts[0], parts[1]) else { return 0 }
    // No message, and one of zeros: each must give an error or a value, whatever the definition says.
    let decoder = MessageDecoder(schema)
    _ = try? decoder.decode(UnsafeRawBufferPointer(start: nil, count: 0))
    withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { zeros in
        zeros.initializeMemory(as: UInt8.self, repeating: 0)
        _ = try? decoder.decode(UnsafeRawBufferPointer(zeros))
    }
    return 0
}
