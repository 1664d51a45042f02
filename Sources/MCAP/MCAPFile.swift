import Bytes
import Compression
public import ExportCore

/// An MCAP recording that is read in whatever state it is: with or without a summary, cut off, or damaged in the middle.
///
/// The file is mapped, and its chunks are decompressed one at a time, so memory depends on the number of messages asked for
/// and never on the file's size. What is wrong with the file is listed in `problems`; what can be read is read.
///
/// ```swift
/// let file = try MCAPFile(path: "data.mcap")
/// let images = file.channels.values.filter { $0.topic == "/camera" }
/// for entry in try file.index(ofChannels: Set(images.map(\.id))) {
///     try file.withMessage(at: entry.location) { head, data in … }
/// }
/// ```
///
/// Used from one thread at a time. All times are nanoseconds as the recorder counted them.
public final class MCAPFile {
    /// The file, as the caller named it.
    public let path: String
    /// The file's size in bytes when it was opened; what is appended later isn't seen.
    public var byteCount: Int { mapped.count }
    /// The first record; empty texts where the file lacks one.
    public internal(set) var header = Header()
    /// The schemas by id.
    public internal(set) var schemas: [UInt16: Schema] = [:]
    /// The channels by id.
    public internal(set) var channels: [UInt16: Channel] = [:]
    /// How many messages each channel has: as the statistics say where the summary is complete, counted otherwise.
    ///
    /// A channel without messages may be missing. Messages in chunks that can't be read may be counted.
    public internal(set) var messageCounts: [UInt16: UInt64] = [:]
    /// The first and last log time of all messages, the first never behind the last; `nil` where there are none.
    public internal(set) var timeRange: (first: UInt64, last: UInt64)?
    /// The attachments outside chunks, in the order of the file.
    public internal(set) var attachments: [AttachmentEntry] = []
    /// The metadata records outside chunks, in the order of the file.
    public internal(set) var metadata: [MetadataEntry] = []
    /// What is wrong with the file as far as it was read; grows while messages are read.
    public var problems: [MCAPProblem] { problemList.all }

    let mapped: MappedFile
    let cancellation: Cancellation
    var problemList = ProblemList()
    var chunks: [Chunk] = []
    var outside: [OutsideMessages] = []
    /// Whether `messageCounts` are the writer's word, which the indexes must then fit.
    var countsAreDeclared = false
    /// Where the data ends: at DataEnd, or behind the last whole record.
    var dataEnd = 0
    var hasDataEnd = false
    var summary: Summary?
    /// Whether the file ends with a footer.
    var isClosed = false
    /// Set while the file is verified: the indexes of each chunk that is read are then compared with its messages.
    var dataChecksum: DataChecksum?
    /// Set while the file is verified: what chunks are read through where that costs less than reading them where they are mapped.
    var window: FileWindow?
    /// Which of the two costs less.
    var mappingTrial: MappingTrial
    /// What small pieces are read through, here and there in the file; `nil` where its path names another file by now.
    lazy var headWindow = FileWindow(onto: mapped)
    /// The chunk of which single records were read last, and where they lie in the file.
    var lastHeadPlace: (chunk: Int, place: Range<Int>)?
    /// The place and the checksum of the records that were summed up last as they lie in the file.
    var checkedRecords: (chunk: Int, place: Range<Int>, checksum: UInt32)?
    var cache: ChunkCache
    /// Whether no more than the heads of messages are read from now on.
    ///
    /// The checksums of chunks that aren't compressed are not looked at then: for that, all of the file would have to be read.
    public var isReadForHeads = false
    let cacheLimit: Int
    var touched = TouchedPages()
    let zstd: ZstdDecompressor
    let lz4: LZ4Decompressor

    /// A stretch of the file with messages in no chunk.
    struct OutsideMessages {
        /// How many chunks lie before it.
        var chunksBefore: Int
        var start: Int
        var end: Int
        /// Between which log times its messages lie.
        var times: ClosedRange<UInt64>
        var count = 1

        /// So many messages are looked at together when they are read by time.
        static let maximumCount = 1 << 14
    }

    /// Opens a recording: reads its summary, and scans it where the summary is missing or doesn't say enough.
    ///
    /// A file with a complete summary is opened in a time that doesn't depend on its chunks' contents; any other is read, and
    /// its chunks decompressed, once.
    ///
    /// - Parameters:
    ///   - path: the file, as messages name it.
    ///   - content: where its bytes lie, if elsewhere.
    ///   - cancellation: looked at in every loop, here and later.
    ///   - cacheLimit: how many bytes of decompressed chunks are kept for `withMessage`; one chunk is kept always.
    /// - Throws: `FileError` where the file can't be opened, `MCAPError` where it is no MCAP file, `CancellationError`.
    public init(path: String, content: String? = nil, cancellation: Cancellation = Cancellation(), cacheLimit: Int = 64 << 20) throws {
        self.path = path
        self.cancellation = cancellation
        mapped = try MappedFile(path: content ?? path)
        mappingTrial = MappingTrial(mapped)
        self.cacheLimit = cacheLimit
        cache = ChunkCache(limit: cacheLimit)
        zstd = try ZstdDecompressor()
        lz4 = try LZ4Decompressor()
        try mapped.withBytes { try open($0) }
    }

    func report(_ kind: MCAPProblem.Kind, at offset: Int? = nil, _ message: String) {
        problemList.report(MCAPProblem(kind, at: offset, message))
    }
}
