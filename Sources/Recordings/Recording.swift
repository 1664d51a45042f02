internal import Compression
public import ExportCore
public import Files
internal import MCAP

/// One recording, whatever layout it came in: its volumes read as one.
///
/// ```swift
/// let recording = try Recording(volumes: ["data.mcap"])
/// let index = try recording.index(of: topic, clock: .logTime)
/// let reader = try TopicReader(recording, topic)
/// let positions = try recording.withPayload(of: topic, at: index.locations[0]) { try reader.numbers(path: nil, in: $0) }
/// ```
///
/// Used by one thread at a time. Payloads are never held; an index that is long lies in files of the scratch directory.
public final class Recording {
    /// The topics by name; channels of one topic count together, whichever volume they are in.
    public let topics: [Topic]
    /// The first and the last log time; nil where there are no messages.
    public let range: TimeRange?
    /// The files that it lies in, in their order.
    public let volumes: [any RecordingVolume]
    /// What a user should know: a cut-off file, a failed checksum, a topic that cannot be taken apart, and what reading
    /// showed since.
    public var warnings: [Warning] { Self.problems(of: volumes) + ownWarnings }

    /// Where files are made for lists that are too long for memory.
    public let scratch: String
    let channels: [RecordingChannel]
    private let cancellation: Cancellation
    private var decompressor: ZstdDecompressor?
    /// What this layer found, each once.
    private var ownWarnings: [Warning]

    /// No message of a recording decompresses to more than this.
    private static let maximumMessageSize = 1 << 30

    /// Opens the volumes of a recording.
    ///
    /// - Parameters:
    ///   - volumes: paths of MCAP files, ROS 1 bags or rosbag2 databases in the order of the recording, each maybe compressed as a whole with zstd.
    ///   - scratch: a directory for files without names, in which long lists lie.
    ///   - cancellation: looked at while volumes without an index are scanned, and while topics are indexed.
    /// - Throws: `RecordingError` where a volume is no recording or cannot be read at all. What is merely cut off or damaged is read as far as it goes and reported in `warnings`.
    public init(
        volumes paths: [String],
        scratch: String = TemporaryFile.directory,
        cancellation: Cancellation = Cancellation()
    ) throws(RecordingError) {
        self.scratch = scratch
        self.cancellation = cancellation
        guard !paths.isEmpty else { throw RecordingError(.datasetUnreadable, "The recording has no volumes.") }
        guard paths.count <= Int(UInt16.max) else {
            throw RecordingError(.datasetUnreadable, "The recording has \(paths.count) volumes; at most \(UInt16.max) are supported.")
        }
        var volumes: [any RecordingVolume] = []
        var channels: [RecordingChannel] = []
        var range: TimeRange?
        var opener = VolumeOpener(cancellation: cancellation)
        var schemas = KnownSchemas()
        for (position, path) in paths.enumerated() {
            let file: any RecordingVolume
            do { file = try opener.open(path) } catch { throw RecordingError(error) }
            volumes.append(file)
            for channel in file.channels.values.sorted(by: { $0.id < $1.id }) {
                channels.append(
                    RecordingChannel(
                        volume: position,
                        channel: channel,
                        schema: file.schemas[channel.schemaID],
                        messages: file.messageCounts[channel.id] ?? 0,
                        &schemas
                    )
                )
            }
            if let own = file.timeRange {
                let (first, last) = (Self.nanoseconds(own.first), Self.nanoseconds(own.last))
                let (start, end) = (min(first, range?.start.nanoseconds ?? first), max(last, range?.end.nanoseconds ?? last))
                range = TimeRange(start: Timestamp(nanoseconds: start), end: Timestamp(nanoseconds: end))
            }
        }
        let grouped = TopicGrouping(channels)
        self.volumes = volumes
        self.channels = channels
        self.range = range
        topics = grouped.topics
        ownWarnings = opener.warnings + grouped.warnings
    }

    /// Says that no more than the heads of messages are going to be read, so that nothing needs to be read for a checksum only.
    public func expectHeadsOnly() {
        for case let file as MCAPFile in volumes { file.isReadForHeads = true }
    }

    /// The topic of a name, with or without its leading slash.
    public func topic(named name: String) -> Topic? {
        let name = Topic.normalised(name)
        return topics.first { $0.name == name }
    }

    /// Hands out one message's bytes for the length of a call.
    ///
    /// - Parameters:
    ///   - topic: the topic that the location was found for.
    ///   - location: a place from the topic's index.
    ///   - body: gets the payload, which is valid until it returns.
    /// - Throws: `RecordingError` where the message cannot be read; whatever `body` throws.
    public func withPayload<R>(of topic: Topic, at location: PayloadLocation, _ body: (Payload) throws -> R) throws -> R {
        let volume = Int(location.volume)
        do {
            return try volumes[volume].withMessage(at: location.message) { head, data in
                guard let channel = topic.channels.first(where: { channels[$0].volume == volume && channels[$0].id == head.channelID })
                else {
                    throw RecordingError(.internal, "A message of another topic was asked for as one of \(topic.name).")
                }
                return try read(data, head, channel: channel, body)
            }
        } catch let error as any VolumeError {
            throw RecordingError(error)
        }
    }

    /// The time stamp in a message's header, in nanoseconds since the Unix epoch, and the log time; of the message no more than its
    /// beginning is read where that is enough and `expectHeadsOnly` was called.
    ///
    /// - Returns: nil where there is no header, or its stamp is zero.
    /// - Throws: as `withPayload`.
    func stamp(of topic: Topic, at location: PayloadLocation, by reader: StampReader) throws -> (stamp: Int64, logTime: Int64)? {
        func whole() throws -> (stamp: Int64, logTime: Int64)? {
            try withPayload(of: topic, at: location) { payload in try reader.stamp(in: payload).map { ($0, payload.logTime) } }
        }
        let volume = Int(location.volume)
        guard let file = volumes[volume] as? MCAPFile else { return try whole() }
        do {
            return try file.withHead(at: location.message) { head, front, isWhole in
                guard let channel = topic.channels.first(where: { channels[$0].volume == volume && channels[$0].id == head.channelID })
                else { return try whole() }
                let stamp = try reader.stamp(in: front, head, isWhole: isWhole, channel: channel, of: self) { try whole()?.stamp }
                return stamp.map { ($0, Self.nanoseconds(head.logTime)) }
            }
        } catch let error as any VolumeError {
            throw RecordingError(error)
        }
    }

    /// Hands out a message's bytes, decompressed where each message was compressed for itself.
    func read<R>(
        _ data: RawSpan,
        _ head: MessageHead,
        channel: Int,
        _ body: (Payload) throws -> R
    ) throws -> R {
        try data.withUnsafeBytes { bytes in
            guard isCompressed(bytes, channel: channel) else {
                return try body(Payload(bytes: bytes, head: head, channel: channel))
            }
            return try decompress(bytes, topic: channels[channel].topic).withUnsafeBytes { message in
                try body(Payload(bytes: message, head: head, channel: channel))
            }
        }
    }

    /// Whether a message was compressed for itself.
    func isCompressed(_ bytes: UnsafeRawBufferPointer, channel: Int) -> Bool {
        channels[channel].mayHoldCompressedMessages && bytes.count >= 4
            && UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)) == Self.zstdMagic
    }

    private static func problems(of volumes: [any RecordingVolume]) -> [Warning] {
        volumes.flatMap { volume in
            let place = volumes.count > 1 ? (volume.path.split(separator: "/").last.map { "\($0): " } ?? "") : ""
            return volume.warnings.map { Warning($0.code, place + $0.message) }
        }
    }

    func warn(ofMissingStamps missing: Int, among count: Int, _ topic: Topic) {
        guard missing > 0 else { return }
        warn(
            Warning(
                "header_stamp_missing",
                "\(topic.name): \(missing) of \(count) messages have no time stamp in a header, so their log time is used."
            )
        )
    }

    private func decompress(_ bytes: UnsafeRawBufferPointer, topic: String) throws -> [UInt8] {
        do {
            let decompressor = try decompressor ?? ZstdDecompressor()
            self.decompressor = decompressor
            let limit = DecompressionLimit.bytes(heldBy: bytes.count, atMost: Self.maximumMessageSize)
            return try decompressor.decompress(bytes, atMost: limit)
        } catch {
            throw RecordingError(.datasetUnreadable, "\(topic): a compressed message cannot be read. \(error)")
        }
    }

    func check() throws(RecordingError) {
        do { try cancellation.check() } catch { throw RecordingError(error) }
    }

    func wrappingErrors<R>(_ body: () throws -> R) throws(RecordingError) -> R {
        do { return try body() } catch { throw RecordingError(error) }
    }

    func warn(_ warning: Warning) {
        if !ownWarnings.contains(warning) { ownWarnings.append(warning) }
    }

    /// MCAP's unsigned nanoseconds as a signed time: beyond the year 2262 there is only the last instant.
    static func nanoseconds(_ time: UInt64) -> Int64 { Int64(clamping: time) }

    private static let zstdMagic: UInt32 = 0xFD2F_B528
}

extension Payload {
    init(bytes: UnsafeRawBufferPointer, head: MessageHead, channel: Int) {
        self.init(
            bytes: bytes,
            logTime: Recording.nanoseconds(head.logTime),
            publishTime: Recording.nanoseconds(head.publishTime),
            sequence: head.sequence,
            channel: channel
        )
    }
}
