import Compression
import Files
import Foundation
import MCAP
import Testing

/// Writes MCAP bytes for tests, whole or wrong in the way that a test wants.
///
/// "Compressed" chunks are true zstd and lz4 frames made of stored blocks, small ones, so that a cut within a chunk falls
/// between blocks that can and blocks that can't be had.
struct RecordingBuilder {
    /// A message as it was written.
    struct Message: Hashable {
        var channel: UInt16
        var logTime: UInt64
        var data: [UInt8]
        /// The number of bytes that a cut file must have for the message to be in it wholly.
        var neededBytes: Int
    }

    enum Packing: CaseIterable {
        case none
        case zstd
        case lz4

        var name: String {
            switch self {
            case .none: ""
            case .zstd: "zstd"
            case .lz4: "lz4"
            }
        }
    }

    /// What the summary holds; empty = no summary at all.
    struct Parts: OptionSet {
        let rawValue: Int
        static let schemas = Parts(rawValue: 1)
        static let channels = Parts(rawValue: 2)
        static let statistics = Parts(rawValue: 4)
        static let chunkIndexes = Parts(rawValue: 8)
        static let all: Parts = [.schemas, .channels, .statistics, .chunkIndexes]
    }

    /// A chunk while it is filled.
    struct ChunkContents {
        var bytes: [UInt8] = []
        var messages: [(message: Message, offset: Int)] = []

        mutating func message(_ channel: UInt16, at logTime: UInt64, _ data: [UInt8] = [], sequence: UInt32 = 0) {
            let offset = bytes.count
            bytes += record(5, messageContent(channel, logTime, data, sequence))
            messages.append((Message(channel: channel, logTime: logTime, data: data, neededBytes: bytes.count), offset))
        }

        mutating func raw(_ record: [UInt8]) { bytes += record }
    }

    /// What may be wrong with a chunk.
    struct ChunkOptions {
        var packing = Packing.none
        var hasIndex = true
        var crcDelta: UInt32 = 0
        var crcIsZero = false
        /// The compression's name in place of the packing's.
        var compressionName: String?
        var declaredSize: UInt64?
        var declaredTimes: (first: UInt64, last: UInt64)?
        /// Changes the entries of the message indexes: channel, log time, offset.
        var changeIndex: (inout [(channel: UInt16, logTime: UInt64, offset: UInt64)]) -> Void = { _ in }
        /// Changes the stored bytes.
        var damage: (inout [UInt8]) -> Void = { _ in }
    }

    static let magic: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]

    private(set) var bytes = magic
    private(set) var messages: [Message] = []
    /// Overrides what the statistics say of the messages, by channel.
    var declaredCounts: [UInt16: UInt64]?
    private var definitions: (schemas: [[UInt8]], channels: [[UInt8]]) = ([], [])
    private var chunkIndexes: [[UInt8]] = []

    init(profile: String = "ros2") {
        bytes += record(1, text(profile) + text("tests"))
    }

    static func schemaRecord(_ id: UInt16, _ name: String, data: String = "int32 x") -> [UInt8] {
        record(3, number(id) + text(name) + text("ros2msg") + text(data))
    }

    static func channelRecord(_ id: UInt16, _ topic: String, schema: UInt16) -> [UInt8] {
        record(4, number(id) + number(schema) + text(topic) + text("cdr") + counted(text("key") + text("value")))
    }

    /// Remembers a schema for the summary; `inFile` writes it here too.
    mutating func schema(_ id: UInt16, _ name: String, inFile: Bool = true) {
        let bytes = Self.schemaRecord(id, name)
        definitions.schemas.append(bytes)
        if inFile { self.bytes += bytes }
    }

    mutating func channel(_ id: UInt16, _ topic: String, schema: UInt16, inFile: Bool = true) {
        let bytes = Self.channelRecord(id, topic, schema: schema)
        definitions.channels.append(bytes)
        if inFile { self.bytes += bytes }
    }

    mutating func raw(_ bytes: [UInt8]) { self.bytes += bytes }

    mutating func message(_ channel: UInt16, at logTime: UInt64, _ data: [UInt8] = [], sequence: UInt32 = 0) {
        bytes += record(5, messageContent(channel, logTime, data, sequence))
        messages.append(Message(channel: channel, logTime: logTime, data: data, neededBytes: bytes.count))
    }

    mutating func chunk(_ options: ChunkOptions = ChunkOptions(), _ fill: (inout ChunkContents) -> Void) {
        var contents = ChunkContents()
        fill(&contents)
        let logTimes = contents.messages.map(\.message.logTime)
        let times = options.declaredTimes ?? (logTimes.min() ?? 0, logTimes.max() ?? 0)
        let crc = options.crcIsZero ? 0 : CRC32.of(contents.bytes) &+ options.crcDelta
        var (stored, blocks) = pack(contents.bytes, options.packing)
        options.damage(&stored)
        let head =
            number(times.first) + number(times.last) + number(options.declaredSize ?? UInt64(contents.bytes.count)) + number(crc)
            + text(options.compressionName ?? options.packing.name) + number(UInt64(stored.count))
        let start = bytes.count
        let storedStart = start + 9 + head.count
        bytes += record(6, head + stored)
        for (message, _) in contents.messages {
            var message = message
            // The message can be had once the block that holds its last byte is there.
            message.neededBytes = storedStart + (blocks.first { $0.plainEnd >= message.neededBytes }?.storedEnd ?? stored.count)
            messages.append(message)
        }
        let end = bytes.count
        var offsets: [UInt8] = []
        if options.hasIndex {
            var entries = contents.messages.map { (channel: $0.message.channel, logTime: $0.message.logTime, offset: UInt64($0.offset)) }
            options.changeIndex(&entries)
            for channel in Set(entries.map(\.channel)).sorted() {
                offsets += number(channel) + number(UInt64(bytes.count))
                let list = entries.filter { $0.channel == channel }.flatMap { number($0.logTime) + number($0.offset) }
                bytes += record(7, number(channel) + counted(list))
            }
        }
        chunkIndexes.append(
            record(
                8,
                number(times.first) + number(times.last) + number(UInt64(start)) + number(UInt64(end - start)) + counted(offsets)
                    + number(UInt64(bytes.count - end)) + text(options.compressionName ?? options.packing.name)
                    + number(UInt64(stored.count))
                    + number(UInt64(contents.bytes.count))
            )
        )
    }

    /// The file so far, closed by a summary of these parts.
    func finished(_ parts: Parts = .all, summaryCRCDelta: UInt32? = 0, withDataEnd: Bool = true) -> [UInt8] {
        var file = bytes
        if withDataEnd { file += record(0x0F, number(UInt32(0))) }
        let start = file.count
        if parts.contains(.schemas) { file += definitions.schemas.flatMap(\.self) }
        if parts.contains(.channels) { file += definitions.channels.flatMap(\.self) }
        if parts.contains(.statistics) { file += statistics() }
        if parts.contains(.chunkIndexes) { file += chunkIndexes.flatMap(\.self) }
        let summaryStart = file.count == start ? 0 : start
        let footer = [2] + number(UInt64(20)) + number(UInt64(summaryStart)) + number(UInt64(0))
        let crc = CRC32.of(Array(file[start...]) + footer)
        return file + footer + number(summaryCRCDelta.map { crc &+ $0 } ?? 0) + Self.magic
    }

    private func statistics() -> [UInt8] {
        let counts = declaredCounts ?? messages.reduce(into: [:]) { $0[$1.channel, default: 0] += 1 }
        let times = messages.map(\.logTime)
        let map = counts.sorted { $0.key < $1.key }.flatMap { number($0.key) + number($0.value) }
        return record(
            0x0B,
            number(counts.values.reduce(0, +)) + number(UInt16(definitions.schemas.count)) + number(UInt32(definitions.channels.count))
                + number(UInt32(0)) + number(UInt32(0)) + number(UInt32(chunkIndexes.count)) + number(times.min() ?? 0)
                + number(times.max() ?? 0) + counted(map)
        )
    }
}

// MARK: - Bytes

func number<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) } }
func text(_ value: String) -> [UInt8] { counted(Array(value.utf8)) }
func counted(_ bytes: [UInt8]) -> [UInt8] { number(UInt32(bytes.count)) + bytes }
func record(_ opcode: UInt8, _ content: [UInt8]) -> [UInt8] { [opcode] + number(UInt64(content.count)) + content }
/// The publish time is one more than the log time.
func messageContent(_ channel: UInt16, _ logTime: UInt64, _ data: [UInt8], _ sequence: UInt32) -> [UInt8] {
    number(channel) + number(sequence) + number(logTime) + number(logTime &+ 1) + data
}

/// Stores bytes as a frame of small blocks.
///
/// - Returns: the frame, and for each block where it ends in the plain bytes and in the frame.
private func pack(_ bytes: [UInt8], _ packing: RecordingBuilder.Packing) -> ([UInt8], blocks: [(plainEnd: Int, storedEnd: Int)]) {
    let blockSize = 24
    var blocks: [(plainEnd: Int, storedEnd: Int)] = []
    var frame: [UInt8]
    switch packing {
    case .none:
        return (bytes, (0...bytes.count).map { ($0, $0) })
    case .zstd:
        // No content size, a window of 1 KiB; each block has 3 bytes: last (1 bit), raw (2 bits), size.
        frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x00]
    case .lz4:
        // Independent blocks of at most 64 KiB, no checksums but the header's own.
        frame = [0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82]
    }
    for start in stride(from: 0, to: max(bytes.count, 1), by: blockSize) {
        let block = bytes[start..<min(start + blockSize, bytes.count)]
        let isLast = start + blockSize >= bytes.count
        switch packing {
        case .none: break
        case .zstd: frame += number(UInt32(block.count) << 3 | (isLast ? 1 : 0)).prefix(3)
        case .lz4 where block.isEmpty: break
        case .lz4: frame += number(UInt32(block.count) | 1 << 31)
        }
        frame += block
        blocks.append((start + block.count, frame.count))
    }
    if packing == .lz4 { frame += number(UInt32(0)) }
    return (frame, blocks)
}

// MARK: - Reading back

/// A folder for one test's files, which goes when it does.
final class Scratch {
    let folder: URL

    /// - Parameter inMemory: whether the folder is kept in memory where the system has a place for that, since thousands of
    ///   files that are flushed to a disk take long.
    init(inMemory: Bool = false) throws {
        let memory = URL(filePath: "/dev/shm")
        let isUsable = inMemory && FileManager.default.isWritableFile(atPath: memory.path())
        folder = (isUsable ? memory : FileManager.default.temporaryDirectory).appending(path: "MCAPTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func open(_ bytes: some Collection<UInt8>, cacheLimit: Int = 64 << 20) throws -> MCAPFile {
        let path = folder.appending(path: "file.mcap").path()
        // A new file each time: one that is mapped must not be cut.
        _ = unlink(path)
        let file = try OpenFile.creating(path)
        try file.write(Array(bytes))
        return try MCAPFile(path: path, cacheLimit: cacheLimit)
    }
}

/// What can be compared of a message.
struct Reading: Hashable, CustomStringConvertible {
    var channel: UInt16
    var logTime: UInt64
    var data: [UInt8]

    var description: String { "\(channel)@\(logTime):\(data.count)" }
}

extension RecordingBuilder.Message {
    var reading: Reading { Reading(channel: channel, logTime: logTime, data: data) }
}

extension RecordingBuilder {
    /// What a reader must give: by log time, and in the file's order where times are equal.
    var expected: [Reading] { Self.ordered(messages) }

    static func ordered(_ messages: [Message]) -> [Reading] {
        messages.enumerated().sorted { ($0.element.logTime, $0.offset) < ($1.element.logTime, $1.offset) }.map(\.element.reading)
    }
}

extension MCAPFile {
    var allChannels: Set<UInt16> { Set(channels.keys).union(messageCounts.keys) }

    func read(_ entry: MessageEntry) throws -> Reading {
        try withMessage(at: entry.location) { head, data in
            Reading(channel: head.channelID, logTime: head.logTime, data: data.withUnsafeBytes { [UInt8]($0) })
        }
    }

    /// All messages by log time, through the index.
    func readAll() throws -> [Reading] { try index(ofChannels: allChannels).map(read) }

    /// All messages in the order of the file.
    func readInFileOrder() throws -> [Reading] {
        var result: [Reading] = []
        try forEachMessage(ofChannels: allChannels) { _, head, data in
            result.append(Reading(channel: head.channelID, logTime: head.logTime, data: data.withUnsafeBytes { [UInt8]($0) }))
        }
        return result
    }

    /// All messages in the order of the file by their heads; what wasn't read with a head is read then, by its place.
    func readHeads() throws -> [Reading] {
        isReadForHeads = true
        defer { isReadForHeads = false }
        var result: [Reading] = []
        try forEachHead(ofChannels: allChannels) { location, head, front, isWhole in
            var data = front.withUnsafeBytes { [UInt8]($0) }
            try withHead(at: location) { sameHead, sameFront, isSameWhole in
                // What was mapped is there as a whole, of what is read through a window no more than the beginning.
                let same = sameFront.withUnsafeBytes { [UInt8]($0) }
                let agree = isWhole == isSameWhole ? data == same : data.starts(with: same) && isWhole && !isSameWhole
                #expect(head == sameHead && agree, "the message at \(location)")
            }
            if !isWhole {
                try withMessage(at: location) { _, whole in
                    #expect(whole.byteCount > data.count)
                    whole.withUnsafeBytes {
                        #expect($0.starts(with: data))
                        data = [UInt8]($0)
                    }
                }
            }
            result.append(Reading(channel: head.channelID, logTime: head.logTime, data: data))
        }
        return result
    }

    /// The entries of all messages in the order of the file.
    func listInFileOrder() throws -> [MessageEntry] {
        var result: [MessageEntry] = []
        try forEachEntryInFileOrder(ofChannels: allChannels) {
            result = []
        } _: { entry in
            result.append(entry)
        }
        return result
    }

    var problemKinds: Set<MCAPProblem.Kind> { Set(problems.map(\.kind)) }
}
