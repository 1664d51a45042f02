import FuzzMessages
import ROS

/// The first byte chooses the encodings; then come the message type's name, the schema, and a message.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let data, count > 0 else { return 0 }
    let parts = InputParts(data + 1, count - 1, atMost: 3)
    let kind = SchemaKind.all[Int(data[0]) % SchemaKind.all.count]
    guard let schema = kind.schema(named: parts[0], parts[1]) else { return 0 }
    let value = try? MessageDecoder(schema).decode(parts[2])
    let paths = value.map { MessageReading.paths(in: $0, atMost: 8) } ?? []
    MessageReading(schema, paths: paths).read(parts[2])
    return 0
}
