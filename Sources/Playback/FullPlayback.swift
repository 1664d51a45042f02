public import ExportCore
import Files
public import Formats
import MCAP
import Plans
import Recordings

/// Writes one recording, or the part of it that is asked for, as one MCAP file with its annotation.
public final class FullPlayback {
    /// What was written.
    public struct Summary: Hashable, Sendable {
        /// The recording's messages in the file; those of the annotation are not counted.
        public var messages: UInt64
        /// The file's size.
        public var bytes: Int
        /// What the user should know.
        public var warnings: [Warning]
    }

    private let work: PlaybackWork
    private let content: PlaybackContent
    private let selection: MessageSelection

    /// Opens the recording.
    ///
    /// - Throws: `topic_missing` where topics are asked for that it lacks; a failure to read it.
    ///
    /// - Parameter transform: what changes messages; nil where nothing does.
    public init(_ work: PlaybackWork, _ options: MCAPOptions, transform: (any MessageTransform)? = nil) throws {
        self.work = work
        selection = options.messages
        content = try PlaybackContent(work, options.messages, transform: transform)
    }

    /// Writes the file.
    ///
    /// - Parameter name: its name in the work's folder.
    /// - Throws: a failure to read or write, `CancellationError`.
    public func write(name: String) throws -> Summary {
        let source = content.source
        let path = "\(work.folder)/\(name)"
        var warnings: [Warning] = []
        let written: MCAPWriter.Written
        if takesAll, let whole = try copyWhole(path) {
            written = whole
        } else {
            let writer = try content.makeWriter(path: path, cancellation: work.cancellation)
            try copyRecords(to: writer, skipping: nil)
            let (preRolls, listed) = try preRolls(&warnings)
            let copier = MessageCopier(source, cancellation: work.cancellation)
            try copier.copy(.init(source.windows, extended: preRolls), into: FileSink(writer), progress: work.progress)
            if !listed.isEmpty { try writer.addMetadata(name: "exportd.preroll", try ListedMessage.values(listed)) }
            written = try finish(writer)
        }
        let annotations = content.annotation.flatMap { written.messageCounts[$0.channel.id] } ?? 0
        let messages = written.messageCount - annotations
        if messages == 0, source.recorded != nil {
            warnings.append(
                Warning("no_messages", "No message of \(work.dataset.id) lies within the time and topics that are asked for.")
            )
        }
        return Summary(
            messages: messages,
            bytes: written.bytes,
            warnings: content.warnings(with: warnings, of: work.dataset.id)
        )
    }

    /// Writes the file with the first volume's data as it lies there.
    ///
    /// - Returns: nil where that can't be done, or where a chunk of it turned out to be one that can't be read; nothing is left then.
    private func copyWhole(_ path: String) throws -> MCAPWriter.Written? {
        let source = content.source
        guard let first = source.volumes.first, let file = copyableFile else { return nil }
        let writer: MCAPWriter
        do {
            writer = try content.makeWriter(path: path, copying: file, cancellation: work.cancellation)
        } catch let error as MCAPError where error.kind == .unreadableChunk {
            try FileSystem.removeFile(path)
            return nil
        }
        let copier = MessageCopier(source, cancellation: work.cancellation)
        try copier.copy(.init(.everything), into: FileSink(writer), skipping: first.position, progress: work.progress)
        try copyRecords(to: writer, skipping: first.position)
        return try finish(writer)
    }

    /// Whether no message is left out.
    private var takesAll: Bool {
        let everyChannel = content.source.volumes.allSatisfy { $0.taken.count == $0.volume.channels.count }
        return everyChannel && (content.source.recorded.map(content.source.windows.covers) ?? true)
    }

    /// The first volume, where its data can be copied as it is.
    private var copyableFile: MCAPFile? {
        guard content.source.volumes.allSatisfy({ $0.transform == nil }) else { return nil }
        guard let first = content.source.volumes.first, let file = first.chunked, first.ids.areKept, file.isCopyable,
            content.source.volumes.allSatisfy({ $0.volume.profile == first.volume.profile })
        else { return nil }
        guard selection.compression != .keep else { return file }
        return file.storedChunks.allSatisfy { content.source.fits(compression: $0.compression) } ? file : nil
    }

    private func copyRecords(to writer: MCAPWriter, skipping skipped: Int?) throws {
        for volume in content.source.volumes where volume.position != skipped {
            guard let file = volume.volume as? MCAPFile else { continue }
            try content.copyMetadata(of: file, to: writer)
            for entry in file.attachments { try content.copy(entry, of: file, to: writer) }
        }
    }

    private func preRolls(_ warnings: inout [Warning]) throws -> (windows: [UInt16: TimeWindows], listed: [ListedMessage]) {
        let source = content.source
        guard let recorded = source.recorded, !source.windows.covers(recorded) else { return ([:], []) }
        let starts = try VideoStarts(source, cancellation: work.cancellation)
        var windows: [UInt16: TimeWindows] = [:]
        var listed: [ListedMessage] = []
        var known: UInt64?
        for range in source.windows.ranges {
            for lead in try starts.leads(into: range, known: known) {
                guard let first = lead.entries.first, let channel = source.definitions.channels[lead.channel] else { continue }
                var added = lead.parameterSets.map { $0.logTime...$0.logTime }
                if let picture = lead.pictures.first { added.append(picture.logTime...range.lowerBound) }
                windows[lead.channel] = (windows[lead.channel] ?? source.windows).union(TimeWindows(added))
                for entry in lead.entries {
                    try work.cancellation.check()
                    // What cannot be read is not copied either, and is a warning there.
                    _ = try source.withMessage(entry) { head, _ in
                        listed.append(ListedMessage(head, channel: channel, at: nil))
                    }
                }
                warnings.append(
                    Warning(
                        "video_starts_earlier",
                        "\(channel.topic) starts at its key frame at \(first.logTime) ns, before \(range.lowerBound) ns, "
                            + "so that it can be decoded from there on: \(lead.entries.count) messages more."
                    )
                )
            }
            known = range.upperBound
        }
        warnings += starts.warnings.all
        return (windows, listed)
    }

    private func finish(_ writer: MCAPWriter) throws -> MCAPWriter.Written {
        try content.addMetadata(to: writer)
        try content.attachAnnotation(to: writer)
        if let track = content.annotation?.track, let recorded = content.source.recorded {
            for range in content.source.windows.clipped(to: recorded).ranges {
                // A stretch that begins within a segment says so at once.
                if let state = track.state(at: range.lowerBound), state.logTime < range.lowerBound {
                    try content.write(state, at: range.lowerBound, to: writer)
                }
                for state in track.states(in: range) { try content.write(state, at: state.logTime, to: writer) }
            }
        }
        return try writer.finish()
    }
}

/// A file that takes messages as they come.
private final class FileSink: MessageSink {
    private let writer: MCAPWriter

    init(_ writer: MCAPWriter) {
        self.writer = writer
    }

    func write(_ head: MessageHead, _ data: RawSpan) throws {
        try writer.write(head, data)
    }

    func copy(_ chunk: StoredChunk, of file: MCAPFile) throws {
        try writer.copy(chunk, of: file)
    }
}
