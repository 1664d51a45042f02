public import ExportCore
import Files
public import Formats
import MCAP
import Plans
import Recordings

/// Cuts a recording, or the part of it that is asked for, into MCAP files each of which plays alone.
///
/// At the head of each part stands again what a player needs to know from earlier parts: the last message of every latched
/// channel, inter-coded video from its key frame on, and the instruction that holds. A metadata record `exportd.repeats`
/// lists these messages; without them the parts are exactly the recording's messages, once each and in order.
public final class PlaybackParts {
    /// One part.
    public struct Part: Hashable, Codable, Sendable {
        /// Its file in the work's folder.
        public var file: String
        /// The log time of its first message that is not repeated, in nanoseconds; nil where it has none.
        public var first: UInt64?
        /// The log time of its last message.
        public var last: UInt64?
        /// The recording's messages in it that are not repeated.
        public var messages: UInt64
        /// The size of its file.
        public var bytes: Int
        /// How many messages in it are repeated from earlier ones.
        public var repeated: Int
        /// The messages of the annotation in it that are not repeated.
        public var annotations: Int
    }

    /// More parts than this are a mistake in the request.
    static let maximumParts = 100_000

    let work: PlaybackWork
    let content: PlaybackContent
    let copier: MessageCopier
    let cut: MCAPChunksOptions.Cut
    /// What is taken, as far as anything was recorded.
    let windows: TimeWindows
    private let latched: LatchedState
    private let videos: VideoStarts
    private let attachments: [(file: MCAPFile, entry: AttachmentEntry)]
    /// Messages that should be repeated and cannot be read.
    private var unreadable = WarningList()

    /// The parts that are written.
    private(set) var parts: [Part] = []
    /// The part that is being written.
    private(set) var open: PartFile?
    private var begin = Begin.nothing
    /// The end of what was entered last, up to which the open part has everything that is taken.
    private var entered: ClosedRange<UInt64>?
    var tail: TailBudget
    /// Bytes of schemas and channels, which stand in a file twice.
    let definitionBytes: Int
    let recordBytes: Int

    /// What is to be done before the next message is written.
    private enum Begin {
        case nothing
        /// A new part begins.
        case part(ClosedRange<UInt64>)
        /// The part goes on after a hole in what is taken.
        case stretch(ClosedRange<UInt64>, known: UInt64?)
    }

    /// Opens the recording.
    ///
    /// - Throws: `topic_missing` where topics are asked for that it lacks; a failure to read it.
    ///
    /// - Parameter transform: what changes messages; nil where nothing does.
    public init(_ work: PlaybackWork, _ options: MCAPChunksOptions, transform: (any MessageTransform)? = nil) throws {
        self.work = work
        cut = options.cut
        content = try PlaybackContent(work, options.messages, transform: transform)
        let source = content.source
        windows = source.recorded.map(source.windows.clipped) ?? TimeWindows([])
        copier = MessageCopier(source, cancellation: work.cancellation)
        latched = try LatchedState(source, cancellation: work.cancellation)
        videos = try VideoStarts(source, cancellation: work.cancellation)
        let files = source.volumes.compactMap { $0.volume as? MCAPFile }
        attachments = files.flatMap { file in file.attachments.map { (file, $0) } }
        tail = TailBudget(track: content.annotation?.track, attachments: attachments.map(\.entry))
        let schemas = source.takenSchemas.reduce(0) { $0 + $1.data.count + $1.name.utf8.count + 64 }
        let channels = source.takenChannels.reduce(0) { sum, channel in
            sum + channel.topic.utf8.count + channel.metadata.reduce(64) { $0 + $1.key.utf8.count + $1.value.utf8.count + 8 }
        }
        definitionBytes = schemas + channels + (content.annotation == nil ? 0 : AnnotationTrack.definition.count + 256)
        recordBytes = 64 * (content.metadata.count + files.reduce(0) { $0 + $1.metadata.count }) + 1_024
    }

    /// What the user should know; complete once the parts are written.
    public var warnings: [Warning] {
        content.warnings(with: videos.warnings.all + unreadable.all, of: work.dataset.id)
    }

    /// Writes the parts.
    ///
    /// - Returns: them in order; where there are no messages, one part without any.
    /// - Throws: a failure to read or write, `CancellationError`.
    public func write() throws -> [Part] {
        switch cut {
        case .duration(let nanoseconds): try write(partsOf: UInt64(clamping: max(nanoseconds, 1)))
        case .size(let bytes): try write(upTo: Int(clamping: bytes))
        }
        if parts.isEmpty, open == nil {
            let start = content.source.recorded?.lowerBound ?? 0
            try openPart(start...start)
        }
        try closePart(before: nil)
        return parts
    }

    /// The parts that are written and the one that is open.
    var begunParts: Int { parts.count + (open == nil ? 0 : 1) }

    /// The recorded part of what is taken, first to last.
    var extent: ClosedRange<UInt64>? {
        guard let first = windows.ranges.first, let last = windows.ranges.last else { return nil }
        return first.lowerBound...last.upperBound
    }
}

// MARK: - Beginning and ending parts

extension PlaybackParts: MessageSink {
    func write(_ head: MessageHead, _ data: RawSpan) throws {
        try prepare()
        try open?.write(head, data)
    }

    func copy(_ chunk: StoredChunk, of file: MCAPFile) throws {
        try prepare()
        reportProgress(file.timeSpan(ofChunk: chunk.number).lowerBound)
        try open?.copy(chunk, of: file)
    }

    /// Notes that a stretch is read from now on.
    func enter(_ range: ClosedRange<UInt64>, newPart: Bool) {
        if newPart {
            begin = .part(range)
        } else {
            begin = .stretch(range, known: entered?.upperBound)
        }
        entered = range
    }

    /// Brings the open part to where the next message can be written.
    func prepare() throws {
        let next = begin
        begin = .nothing
        switch next {
        case .nothing: break
        case .part(let range):
            try closePart(before: range.lowerBound)
            try openPart(range)
        case .stretch(let range, let known):
            try repeatState(in: range, known: known, since: open?.lastResume)
            open?.lastResume = range.lowerBound
        }
    }

    private func openPart(_ range: ClosedRange<UInt64>) throws {
        guard parts.count < Self.maximumParts else { throw tooManyParts(UInt64(parts.count) + 1) }
        try work.cancellation.check()
        reportProgress(range.lowerBound)
        let digits = String(parts.count + 1)
        let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        var chunkSize = 4 << 20
        if case .size(let bytes) = cut { chunkSize = min(chunkSize, max(Int(clamping: bytes) / 4, 4 << 10)) }
        let part = try PartFile(
            name: "part_\(number).mcap",
            folder: work.folder,
            start: range.lowerBound,
            isFirst: parts.isEmpty,
            content: content,
            chunkSize: chunkSize,
            cancellation: work.cancellation
        )
        open = part
        for volume in content.source.volumes {
            if let file = volume.volume as? MCAPFile { try content.copyMetadata(of: file, to: part.writer) }
        }
        try content.addMetadata(to: part.writer)
        let strays = attachments.reduce(0) { sum, attachment in
            isStray(attachment.entry.logTime, in: part) ? sum + attachment.entry.size + 512 : sum
        }
        tail.begin(at: range.lowerBound, extra: strays + (part.isFirst ? (content.annotationFile?.count ?? 0) + 512 : 0))
        try repeatState(in: range, known: nil, since: nil)
    }

    /// Writes again what a player needs to know at the start of a stretch.
    ///
    /// - Parameters:
    ///   - known: the last instant up to which the part has everything that is taken; nil at its head.
    ///   - since: the start of the stretch before; nil at the part's head.
    private func repeatState(in range: ClosedRange<UInt64>, known: UInt64?, since: UInt64?) throws {
        guard let part = open else { return }
        let source = content.source
        /// What lies in the part already, or was repeated in it before, is known.
        func isNew(_ time: UInt64) -> Bool {
            guard let since else { return true }
            return time >= since && !windows.contains(time)
        }
        for (id, entry) in try latched.messages(before: range.lowerBound) where isNew(entry.logTime) {
            guard let channel = source.definitions.channels[id] else { continue }
            if try part.repeat(entry, as: channel, at: range.lowerBound) { continue }
            unreadable.add(
                "latched_message_unreadable",
                "The message of \(channel.topic) at \(entry.logTime) ns cannot be read, so it is not repeated in later parts."
            )
        }
        for lead in try videos.leads(into: range, known: known) {
            guard let channel = source.definitions.channels[lead.channel] else { continue }
            for entry in lead.entries {
                try work.cancellation.check()
                if try part.repeat(entry, as: channel, at: range.lowerBound) { continue }
                unreadable.add("video_broken", "The message of \(channel.topic) at \(entry.logTime) ns cannot be read.")
            }
        }
        if let annotation = content.annotation, let state = annotation.track.state(at: range.lowerBound),
            state.logTime < range.lowerBound, isNew(state.logTime)
        {
            part.listRepeated(state, as: annotation.channel, at: range.lowerBound)
            try content.write(state, at: range.lowerBound, to: part.writer)
        }
    }

    /// - Parameter next: when the next part begins; nil where this is the last.
    private func closePart(before next: UInt64?) throws {
        guard let part = open else { return }
        open = nil
        var annotations = 0
        let end = next.map { $0 == 0 ? nil : $0 - 1 } ?? UInt64.max
        let range = end.flatMap { $0 < part.start ? nil : part.start...$0 }
        if let range, let track = content.annotation?.track {
            for state in track.states(in: range) where windows.contains(state.logTime) {
                try content.write(state, at: state.logTime, to: part.writer)
                annotations += 1
            }
        }
        if range == nil, let annotation = content.annotation, let state = annotation.track.state(at: part.start),
            state.logTime == part.start
        {
            // The next part begins at the same instant, so that the state that begins there is its own.
            part.listRepeated(state, as: annotation.channel, at: part.start)
            try content.write(state, at: part.start, to: part.writer)
        }
        try part.closeChunk()
        if !part.repeated.isEmpty { try part.writer.addMetadata(name: "exportd.repeats", try ListedMessage.values(part.repeated)) }
        if part.isFirst { try content.attachAnnotation(to: part.writer) }
        for (file, entry) in attachments where isStray(entry.logTime, in: part) || belongs(entry.logTime, to: range) {
            try content.copy(entry, of: file, to: part.writer)
        }
        let written = try part.writer.finish()
        // Each part's writer has chunks of its own.
        ProcessMemory.giveBackFree()
        parts.append(
            Part(
                file: part.name,
                first: part.times?.lowerBound,
                last: part.times?.upperBound,
                messages: part.messages,
                bytes: written.bytes,
                repeated: part.repeated.count,
                annotations: annotations
            )
        )
    }

    /// Whether an attachment lies in a part's stretch of time.
    private func belongs(_ time: UInt64, to range: ClosedRange<UInt64>?) -> Bool {
        guard let range, let extent else { return false }
        return range.contains(time) && time <= extent.upperBound
    }

    /// Whether an attachment lies in no part's stretch of time, so that the first part takes it.
    private func isStray(_ time: UInt64, in part: PartFile) -> Bool {
        guard part.isFirst else { return false }
        guard let extent else { return true }
        return time < part.start || time > extent.upperBound
    }

    private func reportProgress(_ time: UInt64) {
        guard let extent, time >= extent.lowerBound else { return }
        work.progress(min(1, Double(time - extent.lowerBound) / Double(max(1, extent.upperBound - extent.lowerBound))))
    }

    func tooManyParts(_ count: UInt64) -> ExportError {
        Self.tooManyParts(count, of: work.dataset.id)
    }

    static func tooManyParts(_ count: UInt64, of dataset: DatasetID) -> ExportError {
        ExportError(
            .optionUnsupported,
            "\(dataset) would be cut into up to \(count) parts; at most \(Self.maximumParts) are made.",
            hint: "Ask for a larger max_duration or max_size.",
            location: .init(dataset: dataset)
        )
    }
}
