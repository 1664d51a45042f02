import ROS

// The fuzzer's own main function runs in place of this file's statements, so variables are made at their first use.
private enum Dialects {
    static let all: [MessageDefinition.Dialect] = [.ros1, .ros2]
}

/// The first byte of the input chooses the language, the rest is a definition's text.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let data, count > 1 else { return 0 }
    let text = String(decoding: UnsafeBufferPointer(start: data + 1, count: count - 1), as: UTF8.self)
    guard let definition = try? MessageDefinition(text: text, name: "a/B", dialect: Dialects.all[Int(data[0]) % Dialects.all.count]) else {
        return 0
    }
    // No message: an empty one must give an error or a value, whatever the definition says.
    _ = try? MessageDecoder(definition).decode(UnsafeRawBufferPointer(start: nil, count: 0))
    return 0
}
