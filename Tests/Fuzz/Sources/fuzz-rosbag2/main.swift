import FuzzInput
import Rosbag2

// The fuzzer's own main function runs in place of this file's statements, so variables are made at their first use.
private enum Input {
    // SQLite looks where a link leads to, and finds nothing behind the descriptor of a file without a name.
    static let file = NamedInputFile("fuzz-rosbag2.db3")
}

/// The input is a whole rosbag2 database: opened, indexed and read.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Input.file.fill(UnsafeRawBufferPointer(start: data, count: count))
    guard let database = try? Rosbag2Database(path: Input.file.path) else { return 0 }
    guard let entries = try? database.index(ofChannels: Set(database.channels.keys)) else { return 0 }
    for entry in entries.prefix(64) { _ = try? database.withMessage(at: entry.location) { _, data in data.byteCount } }
    return 0
}
