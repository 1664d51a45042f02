public import ExportCore

/// What a job would do, as the status sidecar of a `preview` tells it.
///
/// Every key is always written; what is not known is null.
public struct PreviewReport: Codable, Hashable, Sendable {
    /// One selected dataset.
    public struct Dataset: Codable, Hashable, Sendable {
        /// Its name in the catalogue.
        public var id: DatasetID
        /// Its annotated segments.
        public var segments: Int
        /// The size of its files.
        public var bytes: Int64

        /// One selected dataset.
        public init(id: DatasetID, segments: Int, bytes: Int64) {
            self.id = id
            self.segments = segments
            self.bytes = bytes
        }
    }

    /// What one export would come to.
    public struct Export: Codable, Hashable, Sendable {
        /// The format's name.
        public var format: String
        /// Episodes (or whatever the format counts).
        public var episodes: Int
        /// Frames (ticks) over all episodes.
        public var frames: Int
        /// Bytes that would be read from the store.
        public var bytesRead: Int64
        /// Bytes of the package before compression.
        public var bytesWritten: Int64

        enum CodingKeys: String, CodingKey {
            case format
            case episodes
            case frames
            case bytesRead = "bytes_read"
            case bytesWritten = "bytes_written"
        }

        /// What one export would come to.
        public init(format: String, episodes: Int, frames: Int, bytesRead: Int64, bytesWritten: Int64) {
            self.format = format
            self.episodes = episodes
            self.frames = frames
            self.bytesRead = bytesRead
            self.bytesWritten = bytesWritten
        }
    }

    /// A dataset that would be left out, and why.
    public struct Skipped: Codable, Hashable, Sendable {
        /// Its name in the catalogue.
        public var id: DatasetID
        /// The kind of fault.
        public var code: ExportError.Code
        /// A sentence: why it could not be used.
        public var message: String

        /// A dataset that would be left out.
        public init(id: DatasetID, error: ExportError) {
            self.id = id
            code = error.code
            message = error.message
        }
    }

    /// The selected datasets, sorted by id.
    public var datasets: [Dataset]
    /// The exports in the request's order.
    public var exports: [Export]
    /// Datasets that would be left out.
    public var skipped: [Skipped]
    /// Seconds that the job would take at the speed of earlier ones; null where none is known.
    public var etaSeconds: Int?
    /// Whether permission and quota allow the job.
    public var allowed: Bool

    enum CodingKeys: String, CodingKey {
        case datasets
        case exports
        case skipped
        case etaSeconds = "eta_seconds"
        case allowed
    }

    /// What a job would do.
    public init(datasets: [Dataset], exports: [Export], skipped: [Skipped], etaSeconds: Int?, allowed: Bool) {
        self.datasets = datasets
        self.exports = exports
        self.skipped = skipped
        self.etaSeconds = etaSeconds
        self.allowed = allowed
    }

    /// Writes every key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(datasets, forKey: .datasets)
        try container.encode(exports, forKey: .exports)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(etaSeconds, forKey: .etaSeconds)
        try container.encode(allowed, forKey: .allowed)
    }
}
