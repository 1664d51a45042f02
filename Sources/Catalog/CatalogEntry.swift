public import ExportCore

/// One dataset as the catalogue knows it: what it holds by the last scan, without opening it.
public struct CatalogEntry: Hashable, Sendable {
    /// Its name: its path below its store, without `.mcap`, `.bag` or `.db3`; see the README for what happens where two stores clash.
    public var id: DatasetID
    /// How it lies in the store.
    public var layout: DatasetLayout
    /// The absolute path of the store's root, below which the files lie.
    public var store: String
    /// The files that make it up: the recording's volumes first, in order, then the others by path.
    public var files: [SourceFile]
    /// How many of `files`, from the first, are volumes of the recording.
    public var volumes: Int
    /// SHA-256 over the files' paths, sizes and times, as 64 hexadecimal digits: changes when any of them does.
    public var fingerprint: String
    /// What the recording itself does not say.
    public var metadata: DatasetMetadata
    /// The annotated segments, in order of start, then end, then number.
    public var segments: [Segment]
    /// The time from the first to the last message, where known.
    public var range: TimeRange?
    /// The topics, sorted.
    public var topics: [TopicSummary]
    /// Why it can't be used, where it can't.
    public var problem: ExportError?
    /// What a person should know of it.
    public var warnings: [Warning]
    /// What it holds, where it is an image set.
    public var imageSet: ImageSetCounts?

    /// The size of all its files in bytes.
    public var bytes: Int64 {
        files.reduce(imageSet?.pictureBytes ?? 0) { $0.addingReportingOverflow($1.bytes).partialValue }
    }
}

/// What a scan learnt of one dataset, without its name, which depends on the datasets around it.
struct ScannedDataset: Codable, Hashable, Sendable {
    var layout: DatasetLayout
    var files: [SourceFile] = []
    var volumes = 0
    var fingerprint = ""
    var metadata = DatasetMetadata()
    var segments: [Segment] = []
    var range: TimeRange?
    var topics: [TopicSummary] = []
    var problem: ExportError?
    var warnings: [Warning] = []
    var imageSet: ImageSetFacts?

    /// A dataset of which nothing is known yet.
    init(layout: DatasetLayout) {
        self.layout = layout
    }

    /// The dataset under its name.
    func entry(id: DatasetID, store: String) -> CatalogEntry {
        let warnings = warnings.map { warning in
            var copy = warning
            copy.dataset = id
            return copy
        }
        return CatalogEntry(
            id: id,
            layout: layout,
            store: store,
            files: files,
            volumes: volumes,
            fingerprint: fingerprint,
            metadata: metadata,
            segments: segments,
            range: range,
            topics: topics,
            problem: problem?.at(dataset: id),
            warnings: warnings,
            imageSet: imageSet?.counts
        )
    }
}
