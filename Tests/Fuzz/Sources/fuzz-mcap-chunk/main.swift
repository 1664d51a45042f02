import FuzzInput
import MCAP

// The fuzzer's own main function runs in place of this file's statements, so variables are made at their first use.
private enum Input {
    static let file = InputFile()
}

private func little<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
}

/// The first byte of the input chooses the compression, the second the size that the file's only chunk declares, in units of
/// 16 bytes; the rest is what it stores.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let data, count > 2 else { return 0 }
    let stored = UnsafeRawBufferPointer(start: data + 2, count: count - 2)
    let name = ["", "lz4", "zstd"][Int(data[0]) % 3]
    let size = name.isEmpty ? UInt64(stored.count) : UInt64(data[1]) << 4
    var head: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]
    head += [0x01] + little(UInt64(8)) + little(UInt32(0)) + little(UInt32(0))
    head += [0x06] + little(UInt64(40 + name.utf8.count + stored.count))
    head += little(UInt64(0)) + little(UInt64(0)) + little(size) + little(UInt32(0))
    head += little(UInt32(name.utf8.count)) + Array(name.utf8) + little(UInt64(stored.count))
    head.withUnsafeBytes { Input.file.fill($0, stored) }
    guard let reader = try? MCAPFile(path: Input.file.path, cacheLimit: 0) else { return 0 }
    let channels = Set(reader.channels.keys)
    for entry in ((try? reader.index(ofChannels: channels)) ?? []).prefix(64) {
        _ = try? reader.withMessage(at: entry.location) { _, data in data.byteCount }
    }
    try? reader.forEachMessage(ofChannels: channels) { _, _, _ in }
    try? reader.forEachInLogOrder(ofChannels: nil) { _, _, _ in }
    try? reader.forEachRecord { _, _ in }
    try? reader.verify { _, _, _ in }
    return 0
}
