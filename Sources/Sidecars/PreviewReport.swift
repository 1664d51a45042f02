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

    /// Why permission or quota would refuse the job.
    public struct Refusal: Codable, Hashable, Sendable {
        /// `not_permitted` or `quota_exceeded`.
        public var code: ExportError.Code
        /// A sentence: what is not allowed.
        public var message: String
        /// A sentence: what to do, and who can help.
        public var hint: String?

        /// A refusal as an error says it.
        public init(_ error: ExportError) {
            code = error.code
            message = error.message
            hint = error.hint
        }

        /// Writes every key.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(code, forKey: .code)
            try container.encode(message, forKey: .message)
            try container.encode(hint, forKey: .hint)
        }
    }

    /// The selected datasets, sorted by id; those of projects that the user may not export are left out.
    public var datasets: [Dataset]
    /// The exports in the request's order.
    public var exports: [Export]
    /// Datasets that would be left out.
    public var skipped: [Skipped]
    /// Seconds that the job would take at the speed of earlier ones; null where none is known.
    public var etaSeconds: Int?
    /// Whether permission and quota allow the job.
    public var allowed: Bool { refusals.isEmpty }
    /// Why they do not.
    public var refusals: [Refusal]

    enum CodingKeys: String, CodingKey {
        case datasets
        case exports
        case skipped
        case etaSeconds = "eta_seconds"
        case allowed
        case refusals
    }

    /// What a job would do.
    public init(datasets: [Dataset], exports: [Export], skipped: [Skipped], etaSeconds: Int?, refusals: [Refusal] = []) {
        self.datasets = datasets
        self.exports = exports
        self.skipped = skipped
        self.etaSeconds = etaSeconds
        self.refusals = refusals
    }

    /// Reads a report, also one of an exportd that knew no refusals.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        datasets = try container.decode([Dataset].self, forKey: .datasets)
        exports = try container.decode([Export].self, forKey: .exports)
        skipped = try container.decode([Skipped].self, forKey: .skipped)
        etaSeconds = try container.decodeIfPresent(Int.self, forKey: .etaSeconds)
        refusals = try container.decodeIfPresent([Refusal].self, forKey: .refusals) ?? []
    }

    /// Writes every key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(datasets, forKey: .datasets)
        try container.encode(exports, forKey: .exports)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(etaSeconds, forKey: .etaSeconds)
        try container.encode(allowed, forKey: .allowed)
        try container.encode(refusals, forKey: .refusals)
    }
}
