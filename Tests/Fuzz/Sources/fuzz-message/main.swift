import ROS

// The fuzzer's own main function runs in place of this file's statements, so variables are made at their first use.
private enum Dialects {
    static let all: [MessageDefinition.Dialect] = [.ros1, .ros2]
}

/// The first byte of the input chooses the dialect; then come a definition's text, a zero byte, and a message.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = UnsafeRawBufferPointer(start: data, count: count)
    guard count > 1, let end = input.dropFirst().firstIndex(of: 0) else { return 0 }
    let text = String(decoding: input[1..<end], as: UTF8.self)
    guard let definition = try? MessageDefinition(text: text, name: "a/B", dialect: Dialects.all[Int(input[0]) % Dialects.all.count]) else {
        return 0
    }
    let message = UnsafeRawBufferPointer(rebasing: input[(end + 1)...])
    _ = try? MessageDecoder(definition).decode(message)
    for field in definition.types[0].fields {
        guard let reader = try? FieldReader(definition, path: field.name) else { continue }
        var numbers: [Double] = []
        try? reader.readNumbers(message, into: &numbers)
        _ = try? reader.readStrings(message)
        _ = try? reader.readRange(message)
    }
    return 0
}
