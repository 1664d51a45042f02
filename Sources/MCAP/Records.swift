import Bytes

/// The opcodes of the records that this reader looks into; all others are passed over by their length.
enum Opcode {
    static let header: UInt8 = 0x01
    static let footer: UInt8 = 0x02
    static let schema: UInt8 = 0x03
    static let channel: UInt8 = 0x04
    static let message: UInt8 = 0x05
    static let chunk: UInt8 = 0x06
    static let messageIndex: UInt8 = 0x07
    static let chunkIndex: UInt8 = 0x08
    static let attachment: UInt8 = 0x09
    static let attachmentIndex: UInt8 = 0x0A
    static let statistics: UInt8 = 0x0B
    static let metadata: UInt8 = 0x0C
    static let metadataIndex: UInt8 = 0x0D
    static let summaryOffset: UInt8 = 0x0E
    static let dataEnd: UInt8 = 0x0F
    /// From here on records are somebody's own.
    static let firstPrivate: UInt8 = 0x80
}

/// The fixed sizes of the format, in bytes.
enum Size {
    static let magic = 8
    /// Opcode and length.
    static let prefix = 9
    /// What precedes a message's data: channel, sequence, two times.
    static let messageHead = 22
    static let message = prefix + messageHead
    /// Footer record with its prefix.
    static let footer = prefix + 20
    /// A chunk's fields without the compression's name and the records.
    static let chunkHead = 40
    static let indexEntry = 16
}

/// The eight bytes at both ends of a file.
let magic: [UInt8] = [0x89, 0x4D, 0x43, 0x41, 0x50, 0x30, 0x0D, 0x0A]

/// The first record of a file.
public struct Header: Hashable, Sendable {
    /// The conventions that the writer followed: `ros1`, `ros2`, or empty.
    public var profile: String
    /// The program that wrote the file, in its own words.
    public var library: String

    /// A header of these texts.
    public init(profile: String = "", library: String = "") {
        self.profile = profile
        self.library = library
    }

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        profile = try cursor.readText()
        library = try cursor.readText()
    }
}

/// How the messages of some channels are to be decoded.
public struct Schema: Hashable, Sendable {
    /// The id within its file; never 0.
    public var id: UInt16
    /// The message type's name, such as `sensor_msgs/msg/Image`.
    public var name: String
    /// The definition's language, such as `ros2msg`; may be empty.
    public var encoding: String
    /// The definition.
    public var data: [UInt8]

    /// A schema; one whose definition isn't known has an empty encoding and no data.
    public init(id: UInt16, name: String, encoding: String, data: [UInt8]) {
        self.id = id
        self.name = name
        self.encoding = encoding
        self.data = data
    }

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        id = try cursor.read(UInt16.self)
        name = try cursor.readText()
        encoding = try cursor.readText()
        data = [UInt8](try cursor.readCounted32())
    }
}

/// A stream of messages of one kind from one source; several channels may share a topic.
public struct Channel: Hashable, Sendable {
    /// The id within its file; any number, 0 included.
    public var id: UInt16
    /// The schema's id; 0 = no schema.
    public var schemaID: UInt16
    /// The topic.
    public var topic: String
    /// The encoding of the messages, such as `cdr` or `ros1`.
    public var messageEncoding: String
    /// What else the recorder wrote about it, such as `offered_qos_profiles`.
    public var metadata: [String: String]

    /// A channel of these parts.
    public init(id: UInt16, schemaID: UInt16, topic: String, messageEncoding: String, metadata: [String: String] = [:]) {
        self.id = id
        self.schemaID = schemaID
        self.topic = topic
        self.messageEncoding = messageEncoding
        self.metadata = metadata
    }

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        id = try cursor.read(UInt16.self)
        schemaID = try cursor.read(UInt16.self)
        topic = try cursor.readText()
        messageEncoding = try cursor.readText()
        metadata = try readTextMap(&cursor)
    }
}

/// What a message says about itself before its data; times are nanoseconds.
public struct MessageHead: Hashable, Sendable {
    /// The channel that it belongs to.
    public var channelID: UInt16
    /// A number that the publisher or recorder counts; often 0 throughout.
    public var sequence: UInt32
    /// When the recorder wrote it down.
    public var logTime: UInt64
    /// When it was published; recorders that don't know repeat the log time or write 0.
    public var publishTime: UInt64

    /// A message's head.
    @inlinable
    public init(channelID: UInt16, sequence: UInt32, logTime: UInt64, publishTime: UInt64) {
        self.channelID = channelID
        self.sequence = sequence
        self.logTime = logTime
        self.publishTime = publishTime
    }

    /// Reads a message's head without checks: `bytes` must hold `Size.messageHead` bytes from `offset` on.
    @inline(__always)
    init(unchecked bytes: UnsafeRawBufferPointer, at offset: Int) {
        channelID = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        sequence = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 2, as: UInt32.self))
        logTime = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 6, as: UInt64.self))
        publishTime = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 14, as: UInt64.self))
    }
}

/// A chunk record's fields; `records` are the stored (maybe compressed) bytes.
struct ChunkHead {
    var start: UInt64
    var end: UInt64
    var uncompressedSize: UInt64
    var uncompressedCRC: UInt32
    var compression: ChunkCompression
    var records: UnsafeRawBufferPointer

    /// - Parameter isCut: whether the content ends before the records do, so that their length can't be held against it.
    init(_ content: UnsafeRawBufferPointer, isCut: Bool) throws(MalformedBytes) {
        var cursor = Cursor(content)
        start = try cursor.read(UInt64.self)
        end = try cursor.read(UInt64.self)
        uncompressedSize = try cursor.read(UInt64.self)
        uncompressedCRC = try cursor.read(UInt32.self)
        compression = ChunkCompression(try cursor.readCounted32())
        if isCut {
            try cursor.skip(8)
            records = try cursor.read(count: cursor.remaining)
        } else {
            records = try cursor.readCounted64()
        }
    }

    /// Where the records lie in the bytes of the file that the head was read from.
    func recordsPlace(in bytes: UnsafeRawBufferPointer) -> Range<Int> {
        guard let base = bytes.baseAddress, let first = records.baseAddress else { return 0..<0 }
        return (first - base)..<(first - base + records.count)
    }
}

/// The compression of a chunk's records.
enum ChunkCompression: Hashable {
    case none
    case zstd
    case lz4
    case unknown(String)

    init(_ name: UnsafeRawBufferPointer) {
        switch name.count {
        case 0: self = .none
        case 3 where name.elementsEqual("lz4".utf8): self = .lz4
        case 4 where name.elementsEqual("zstd".utf8): self = .zstd
        // A name is for a message to a person only, so a hostile one needs no more room than that.
        default: self = .unknown(String(decoding: name.prefix(64), as: UTF8.self))
        }
    }

    /// The name in the file.
    var name: String {
        switch self {
        case .none: ""
        case .zstd: "zstd"
        case .lz4: "lz4"
        case .unknown(let name): name
        }
    }

    var isKnown: Bool {
        if case .unknown = self { false } else { true }
    }
}

/// A chunk as the summary describes it.
struct ChunkIndex {
    var start: UInt64
    var end: UInt64
    var offset: UInt64
    var length: UInt64
    /// Where each channel's index lies in the file.
    var messageIndexOffsets: [UInt16: UInt64]
    var messageIndexLength: UInt64
    var compression: ChunkCompression
    var storedSize: UInt64
    var uncompressedSize: UInt64

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        start = try cursor.read(UInt64.self)
        end = try cursor.read(UInt64.self)
        offset = try cursor.read(UInt64.self)
        length = try cursor.read(UInt64.self)
        messageIndexOffsets = try readNumberMap(&cursor)
        messageIndexLength = try cursor.read(UInt64.self)
        compression = ChunkCompression(try cursor.readCounted32())
        storedSize = try cursor.read(UInt64.self)
        uncompressedSize = try cursor.read(UInt64.self)
    }
}

/// What the summary counts.
struct Statistics {
    var messageCount: UInt64
    var schemaCount: UInt16
    var channelCount: UInt32
    var attachmentCount: UInt32
    var metadataCount: UInt32
    var chunkCount: UInt32
    var start: UInt64
    var end: UInt64
    var messageCounts: [UInt16: UInt64]

    init(_ content: UnsafeRawBufferPointer) throws(MalformedBytes) {
        var cursor = Cursor(content)
        messageCount = try cursor.read(UInt64.self)
        schemaCount = try cursor.read(UInt16.self)
        channelCount = try cursor.read(UInt32.self)
        attachmentCount = try cursor.read(UInt32.self)
        metadataCount = try cursor.read(UInt32.self)
        chunkCount = try cursor.read(UInt32.self)
        start = try cursor.read(UInt64.self)
        end = try cursor.read(UInt64.self)
        messageCounts = try readNumberMap(&cursor)
    }
}

/// Reads a map of numbers by channel; of a key that occurs twice the last value counts.
func readNumberMap(_ cursor: inout Cursor) throws(MalformedBytes) -> [UInt16: UInt64] {
    var result: [UInt16: UInt64] = [:]
    var map = Cursor(try cursor.readCounted32())
    while !map.isAtEnd {
        let key = try map.read(UInt16.self)
        result[key] = try map.read(UInt64.self)
    }
    return result
}

/// Reads a map of texts; of a key that occurs twice the last value counts.
func readTextMap(_ cursor: inout Cursor) throws(MalformedBytes) -> [String: String] {
    var result: [String: String] = [:]
    var map = Cursor(try cursor.readCounted32())
    while !map.isAtEnd {
        let key = try map.readText()
        result[key] = try map.readText()
    }
    return result
}

/// Goes past a map of texts without keeping any.
func skipTextMap(_ cursor: inout Cursor) throws(MalformedBytes) {
    var map = Cursor(try cursor.readCounted32())
    while !map.isAtEnd {
        _ = try map.readCounted32()
        _ = try map.readCounted32()
    }
}
