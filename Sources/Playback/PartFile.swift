import ExportCore
import MCAP
import Recordings

/// One part of a recording while it is written.
///
/// Its messages come as they are found; what stands at its head though it was recorded earlier, what belongs to it of the
/// annotation, and the attachments of its stretch of time, are added by its maker.
final class PartFile {
    /// The part's name.
    let name: String
    /// When it begins: no message of it is earlier, and repeated messages stand at that time.
    let start: UInt64
    /// Whether it is the first part.
    let isFirst: Bool
    /// The recording's own messages in it, those that are repeated not counted.
    private(set) var messages: UInt64 = 0
    /// The first and the last time of these.
    private(set) var times: ClosedRange<UInt64>?
    /// The messages that are repeated in it.
    private(set) var repeated: [ListedMessage] = []
    /// The last instant at which messages were repeated.
    var lastResume: UInt64

    let writer: MCAPWriter
    private let content: PlaybackContent
    private var chunks = 0
    private var openMessages = 0
    private var lastOpenBytes = 0

    init(name: String, folder: String, start: UInt64, isFirst: Bool, content: PlaybackContent, chunkSize: Int, cancellation: Cancellation)
        throws
    {
        self.name = name
        self.start = start
        self.isFirst = isFirst
        self.content = content
        lastResume = start
        writer = try content.makeWriter(path: "\(folder)/\(name)", chunkSize: chunkSize, cancellation: cancellation)
    }

    /// Writes one of the recording's own messages.
    func write(_ head: MessageHead, _ data: RawSpan) throws {
        try put(head, data)
        messages += 1
        include(head.logTime...head.logTime)
    }

    /// Copies a chunk of the recording.
    func copy(_ chunk: StoredChunk, of file: MCAPFile) throws {
        try writer.copy(chunk, of: file)
        chunks += 1 + (openMessages > 0 ? 1 : 0)
        openMessages = 0
        lastOpenBytes = 0
        messages += chunk.messageCounts?.values.reduce(0, +) ?? 0
        include(file.timeSpan(ofChunk: chunk.number))
    }

    /// Writes a message of the recording once more, at another time.
    ///
    /// - Returns: whether it could be read.
    func `repeat`(_ entry: Timeline.Entry, as channel: Channel, at time: UInt64) throws -> Bool {
        try content.source.withMessage(entry) { head, data in
            repeated.append(ListedMessage(head, channel: channel, at: time))
            var head = head
            head.channelID = channel.id
            head.logTime = time
            try put(head, data)
        }
    }

    /// Notes a state of the annotation that is repeated.
    func listRepeated(_ state: AnnotationTrack.State, as channel: Channel, at time: UInt64) {
        let head = MessageHead(channelID: channel.id, sequence: 0, logTime: state.logTime, publishTime: state.logTime)
        repeated.append(ListedMessage(head, channel: channel, at: time))
    }

    /// Writes the open chunk, so that its size is known.
    func closeChunk() throws {
        try writer.closeChunk()
        if openMessages > 0 { chunks += 1 }
        openMessages = 0
        lastOpenBytes = 0
    }

    /// Whether a chunk was written, and the definitions with it.
    var hasChunks: Bool { chunks > 0 }

    /// The uncompressed size of the open chunk.
    var openBytes: Int { writer.openBytes }

    /// At most so many bytes will the file have if it ends here, without what is added at its end.
    ///
    /// The open chunk counts as if it could not be compressed.
    var projectedBytes: Int {
        writer.bytesWritten + writer.openBytes + writer.openBytes / 128 + openMessages * 16
            + (chunks + 2) * Self.chunkOverhead(channels: content.source.taken.count + 1)
    }

    /// At most so many bytes a chunk takes beside its records and entries: its own fields, and what the indexes say of it.
    static func chunkOverhead(channels: Int) -> Int { 256 + 25 * channels }

    private func put(_ head: MessageHead, _ data: RawSpan) throws {
        try writer.write(head, data)
        openMessages += 1
        // Where fewer bytes are open than before, the writer has closed a chunk.
        if writer.openBytes < lastOpenBytes || writer.openBytes == 0 {
            chunks += 2
            openMessages = writer.openBytes == 0 ? 0 : 1
        }
        lastOpenBytes = writer.openBytes
    }

    private func include(_ range: ClosedRange<UInt64>) {
        times = min(range.lowerBound, times?.lowerBound ?? range.lowerBound)...max(range.upperBound, times?.upperBound ?? range.upperBound)
    }
}
