public import ExportCore
import Formats
import MCAP
public import Plans

/// Where a recording is played back to, and how that speaks to the outside meanwhile.
public struct PlaybackWork: Sendable {
    /// The dataset.
    public let dataset: PlannedDataset
    /// The folder that files are written to.
    public let folder: String
    /// Looked at in every loop over messages.
    public let cancellation: Cancellation
    /// Told the share that is done, 0 to 1.
    public let progress: @Sendable (Double) -> Void

    /// A place to write to.
    public init(
        dataset: PlannedDataset,
        folder: String,
        cancellation: Cancellation,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) {
        self.dataset = dataset
        self.folder = folder
        self.cancellation = cancellation
        self.progress = progress
    }
}

/// What all files that are made of one recording have in common.
struct PlaybackContent {
    /// The recording.
    private(set) var source: PlaybackSource
    /// The annotation's messages and their channel; nil where there is nothing to say, or the recording has such a topic.
    let annotation: (track: AnnotationTrack, schema: Schema, channel: Channel)?
    /// The metadata records that are added.
    let metadata: [DatasetRecords.Metadata]
    /// The annotation as it lies beside the recording.
    let annotationFile: [UInt8]?
    /// What the user should know.
    private(set) var warnings: [Warning] = []

    init(_ work: PlaybackWork, _ selection: MessageSelection, transform: (any MessageTransform)?) throws {
        var source = try PlaybackSource(work.dataset, selection, transform: transform, cancellation: work.cancellation)
        let records = DatasetRecords(work.dataset)
        metadata = records.metadata
        annotationFile = try records.annotationFile()
        if source.definitions.channels.values.contains(where: { $0.topic == AnnotationTrack.topic }) {
            warnings.append(
                Warning(
                    "annotation_channel_kept",
                    "The recording has a topic \(AnnotationTrack.topic) already, which was kept; the annotation was not added as a channel."
                )
            )
            annotation = nil
        } else if let track = try AnnotationTrack(work.dataset, recorded: source.recorded) {
            let (schema, channel) = try source.addChannel(
                schema: AnnotationTrack.schemaName,
                definition: AnnotationTrack.definition,
                topic: AnnotationTrack.topic
            )
            annotation = (track, schema, channel)
        } else {
            annotation = nil
        }
        self.source = source
        let hidden = try source.volumes.compactMap { $0.volume as? MCAPFile }.reduce(0) { count, file in
            try count + file.attachments.count { try hides($0, of: file) }
        }
        if hidden > 0 {
            let what = hidden == 1 ? "attachment that is a picture or a video was" : "attachments that are pictures or videos were"
            warnings.append(Warning("attachments_left_out", "\(hidden) \(what) left out, since nobody looks for faces in them."))
        }
    }

    /// Opens a file and defines all taken channels in it, unless `copying` a recording's data brings them along.
    func makeWriter(
        path: String,
        chunkSize: Int = 4 << 20,
        copying file: MCAPFile? = nil,
        cancellation: Cancellation
    ) throws -> MCAPWriter {
        let settings = MCAPWriter.Settings(compression: source.writtenCompression, chunkSize: chunkSize)
        let writer = try MCAPWriter(path: path, profile: source.profile, settings: settings, cancellation: cancellation)
        if let file { try writer.copyDataSection(of: file) }
        for schema in source.takenSchemas { try writer.add(schema) }
        for channel in source.takenChannels { try writer.add(channel) }
        if let annotation {
            try writer.add(annotation.schema)
            try writer.add(annotation.channel)
        }
        return writer
    }

    /// Adds the annotation as metadata.
    func addMetadata(to writer: MCAPWriter) throws {
        for record in metadata { try writer.addMetadata(name: record.name, record.values) }
    }

    /// Adds the annotation as an attachment.
    func attachAnnotation(to writer: MCAPWriter) throws {
        guard let annotationFile else { return }
        try writer.attach(
            name: "annotation.json",
            mediaType: "application/json",
            logTime: source.recorded?.lowerBound ?? 0,
            createTime: 0,
            annotationFile.span.bytes
        )
    }

    /// Copies a volume's own metadata records.
    func copyMetadata(of file: MCAPFile, to writer: MCAPWriter) throws {
        for entry in file.metadata { try writer.addMetadata(name: entry.name, try file.values(of: entry)) }
    }

    /// Copies one of a volume's own attachments.
    func copy(_ entry: AttachmentEntry, of file: MCAPFile, to writer: MCAPWriter) throws {
        guard !(try hides(entry, of: file)) else { return }
        try file.withAttachment(entry) { data in
            try writer.attach(
                name: entry.name,
                mediaType: entry.mediaType,
                logTime: entry.logTime,
                createTime: entry.createTime,
                data
            )
        }
    }

    /// Writes a state of the annotation at a time.
    func write(_ state: AnnotationTrack.State, at time: UInt64, to writer: MCAPWriter) throws {
        guard let annotation else { return }
        let head = MessageHead(channelID: annotation.channel.id, sequence: 0, logTime: time, publishTime: state.logTime)
        try writer.write(head, state.json.span.bytes)
    }
}
