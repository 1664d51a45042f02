import FuzzInput
import ROSBag

// The fuzzer's own main function runs in place of this file's statements, so variables are made at their first use.
private enum Input {
    static let file = InputFile()
}

/// The input is a whole ROS 1 bag: opened, indexed and read.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Input.file.fill(UnsafeRawBufferPointer(start: data, count: count))
    guard let bag = try? BagFile(path: Input.file.path, cacheLimit: 4_096) else { return 0 }
    guard let entries = try? bag.index(ofChannels: Set(bag.channels.keys)) else { return 0 }
    for entry in entries.prefix(64) { _ = try? bag.withMessage(at: entry.location) { _, data in data.byteCount } }
    return 0
}
