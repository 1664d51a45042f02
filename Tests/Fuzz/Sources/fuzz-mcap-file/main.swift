import FuzzInput
import MCAP

// The fuzzer's own main function runs in place of this file's statements, so variables are made at their first use.
private enum Input {
    static let file = InputFile()
}

/// The input is a whole file: opened, indexed and read in every way that its user could.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    Input.file.fill(UnsafeRawBufferPointer(start: data, count: count))
    guard let reader = try? MCAPFile(path: Input.file.path, cacheLimit: 4_096) else { return 0 }
    let channels = Set(reader.channels.keys)
    if let entries = try? reader.index(ofChannels: channels) {
        for entry in entries.prefix(64) { _ = try? reader.withMessage(at: entry.location) { _, data in data.byteCount } }
    }
    try? reader.forEachMessage(ofChannels: channels) { _, _, _ in }
    try? reader.forEachInLogOrder(ofChannels: nil) { _, _, _ in }
    try? reader.forEachInLogOrder(ofChannels: channels, from: 985, to: 995) { _, _, _ in }
    try? reader.forEachEntryInLogOrder(ofChannels: channels) { _ in }
    try? reader.forEachRecord { _, _ in }
    for chunk in reader.storedChunks.prefix(64) {
        reader.withStoredChunk(chunk.number) { record, indexes in precondition(record.byteCount + indexes.byteCount > 0) }
        let isReadable = try? reader.check(chunk: chunk.number)
        let wasRead = try? reader.forEachMessage(inChunk: chunk.number) { _, _, _ in }
        precondition(chunk.isReadable == false || isReadable == wasRead, "A chunk that can be copied can't be read")
    }
    for attachment in reader.attachments { _ = try? reader.withAttachment(attachment) { $0.byteCount } }
    for metadata in reader.metadata { _ = try? reader.values(of: metadata) }
    try? reader.verify { _, _, _ in }
    for problem in reader.problems { precondition(!problem.message.isEmpty) }
    // Verification reads chunks in a way of its own as long as nobody has looked at them.
    if let unread = try? MCAPFile(path: Input.file.path, cacheLimit: 4_096) { try? unread.verify { _, _, _ in } }
    return 0
}
