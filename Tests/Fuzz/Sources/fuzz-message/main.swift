import FuzzMessages
import ROS

/// The first byte chooses the encodings; then come the message type's name, the schema, and a message.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let parts = InputParts(data, count, atMost: 3) else { return 0 }
    let kind = SchemaKind.all[parts.choice % SchemaKind.all.count]
    guard let schema = kind.schema(named: parts[0], parts[1]) else { return 0 }
    let value = try? MessageDecoder(schema).decode(parts[2])
    let paths = value.map { MessageReading.paths(in: $0, atMost: 8) } ?? []
    MessageReading(schema, paths: paths).read(parts[2])
    return 0
}
