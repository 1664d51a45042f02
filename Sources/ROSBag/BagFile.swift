import Bytes
import Compression
public import ExportCore
public import MCAP

/// A ROS 1 bag of version 2.0 that is read in whatever state it is: with or without an index, cut off, or damaged.
///
/// The file is mapped, and its chunks are decompressed one at a time, so memory depends on the number of messages asked for
/// and never on the file's size. What is wrong with the file is listed in `warnings`; what can be read is read.
///
/// Connections are channels with the connection's number, whose metadata hold `callerid`, `md5sum` and `latching`. Bags know
/// one time for each message, which is its log time and its publish time.
///
/// Used from one thread at a time. The format's rules are at http://wiki.ros.org/Bags/Format/2.0.
public final class BagFile {
    /// The file, as the caller named it.
    public let path: String
    /// The message definitions by number.
    public var schemas: [UInt16: Schema] { connections.schemas }
    /// The connections by number.
    public var channels: [UInt16: Channel] { connections.channels }
    /// How many messages each connection has: as the index says where there is one, counted otherwise.
    public internal(set) var messageCounts: [UInt16: UInt64] = [:]
    /// The first and last time of all messages, the first never behind the last; `nil` where there are none.
    public internal(set) var timeRange: (first: UInt64, last: UInt64)?
    /// What is wrong with the file as far as it was read; grows while messages are read.
    public var warnings: [Warning] { warningList.all }

    let mapped: MappedFile
    let cancellation: Cancellation
    var warningList = WarningList()
    var connections = ConnectionTable()
    /// In the order of the file.
    var chunks: [BagChunk] = []
    /// Whether `messageCounts` are the writer's word, which the chunks must then fit.
    var countsAreDeclared = false
    var cache: ChunkCache
    var touched = TouchedPages()
    let lz4: LZ4Decompressor
    let bz2 = BZip2Decompressor()

    /// The first bytes of every bag; the version follows.
    static let magic = Array("#ROSBAG V".utf8)
    static let version = Array("2.0\n".utf8)

    /// Whether a file that begins like this is a ROS bag, of any version.
    public static func isBag(_ start: some Collection<UInt8>) -> Bool { start.starts(with: magic) }

    /// Opens a bag: reads its index, and scans the file where the index is missing or doesn't say enough.
    ///
    /// - Parameters:
    ///   - path: the file, as messages name it.
    ///   - content: where its bytes lie, if elsewhere.
    ///   - cancellation: looked at in every loop, here and later.
    ///   - cacheLimit: how many bytes of decompressed chunks are kept for `withMessage`; one chunk is kept always.
    /// - Throws: `FileError` where the file can't be opened, `BagError` where it is no bag that can be read, `CancellationError`.
    public init(path: String, content: String? = nil, cancellation: Cancellation = Cancellation(), cacheLimit: Int = 64 << 20) throws {
        self.path = path
        self.cancellation = cancellation
        mapped = try MappedFile(path: content ?? path)
        cache = ChunkCache(limit: cacheLimit)
        lz4 = try LZ4Decompressor()
        try mapped.withBytes { try open($0) }
    }
}
