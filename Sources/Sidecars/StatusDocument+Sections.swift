public import ExportCore

// What stands in a status beside single values.
extension StatusDocument {
    /// How far a job is.
    public struct Progress: Codable, Hashable, Sendable {
        /// From 0 to 100; never goes down.
        public var percent: Double
        /// Datasets that are done.
        public var datasetsDone: Int
        /// Datasets of the job.
        public var datasetsTotal: Int
        /// What is being worked on, for people.
        public var current: String?
        /// Bytes read from the store.
        public var bytesRead: Int64
        /// Bytes written to work and packages.
        public var bytesWritten: Int64
        /// Seconds that the rest will take at the speed so far; null until that is known.
        public var etaSeconds: Int?
        /// When this was written, RFC 3339 UTC.
        public var updatedAt: String

        enum CodingKeys: String, CodingKey {
            case percent
            case current
            case datasetsDone = "datasets_done"
            case datasetsTotal = "datasets_total"
            case bytesRead = "bytes_read"
            case bytesWritten = "bytes_written"
            case etaSeconds = "eta_seconds"
            case updatedAt = "updated_at"
        }

        /// How far a job is.
        public init(
            percent: Double,
            datasetsDone: Int,
            datasetsTotal: Int,
            current: String?,
            bytesRead: Int64,
            bytesWritten: Int64,
            etaSeconds: Int?,
            updatedAt: String
        ) {
            self.percent = percent
            self.datasetsDone = datasetsDone
            self.datasetsTotal = datasetsTotal
            self.current = current
            self.bytesRead = bytesRead
            self.bytesWritten = bytesWritten
            self.etaSeconds = etaSeconds
            self.updatedAt = updatedAt
        }

        /// Writes every key, and a percentage that JSON can hold.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(percent.isFinite ? min(max(percent, 0), 100) : 0, forKey: .percent)
            try container.encode(datasetsDone, forKey: .datasetsDone)
            try container.encode(datasetsTotal, forKey: .datasetsTotal)
            try container.encode(current, forKey: .current)
            try container.encode(bytesRead, forKey: .bytesRead)
            try container.encode(bytesWritten, forKey: .bytesWritten)
            try container.encode(etaSeconds, forKey: .etaSeconds)
            try container.encode(updatedAt, forKey: .updatedAt)
        }
    }

    /// One export of the job.
    public struct Export: Codable, Hashable, Sendable {
        /// The format's name.
        public var format: String
        /// Where it stands.
        public var state: JobState
        /// The package, relative to the outbox folder of the job; null until it is published.
        public var file: String?
        /// The package's size.
        public var bytes: Int64?
        /// The package's SHA-256.
        public var sha256: String?
        /// Episodes in it.
        public var episodes: Int?
        /// Frames (ticks) in it.
        public var frames: Int?
        /// How many warnings concern it.
        public var warnings: Int

        /// One export of the job.
        public init(
            format: String,
            state: JobState,
            file: String? = nil,
            bytes: Int64? = nil,
            sha256: String? = nil,
            episodes: Int? = nil,
            frames: Int? = nil,
            warnings: Int = 0
        ) {
            self.format = format
            self.state = state
            self.file = file
            self.bytes = bytes
            self.sha256 = sha256
            self.episodes = episodes
            self.frames = frames
            self.warnings = warnings
        }

        /// Writes every key.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(format, forKey: .format)
            try container.encode(state, forKey: .state)
            try container.encode(file, forKey: .file)
            try container.encode(bytes, forKey: .bytes)
            try container.encode(sha256, forKey: .sha256)
            try container.encode(episodes, forKey: .episodes)
            try container.encode(frames, forKey: .frames)
            try container.encode(warnings, forKey: .warnings)
        }
    }

    /// What the request selected.
    public struct Selected: Codable, Hashable, Sendable {
        /// Datasets that it selected.
        public var datasets: Int
        /// Annotated segments of those.
        public var segments: Int
        /// The size of their files.
        public var bytes: Int64

        /// What the request selected.
        public init(datasets: Int, segments: Int, bytes: Int64) {
            self.datasets = datasets
            self.segments = segments
            self.bytes = bytes
        }
    }

    /// How much of an allowance is used: that of the user, or that of all users where less of it is left.
    public struct Quota: Codable, Hashable, Sendable {
        /// `user` or `system`.
        public var scope: String
        /// How long usage counts: `none`, `daily`, `weekly` or `monthly`.
        public var window: String
        /// Exports of completed jobs in the current window, with what administrators added.
        public var used: Int
        /// Exports of jobs that have not ended.
        public var reserved: Int
        /// The most exports of a window; null where there is no limit.
        public var limit: Int?
        /// Exports left in the current window; null where there is no limit.
        public var remaining: Int?
        /// The same for the bytes of packages.
        public var bytes: Bytes
        /// When the next window begins, RFC 3339 UTC; null where usage counts for ever.
        public var resetsAt: String?

        /// How many bytes of an allowance are used.
        public struct Bytes: Codable, Hashable, Sendable {
            /// Bytes of published packages in the current window, with what administrators added.
            public var used: Int64
            /// Bytes that jobs which have not ended are expected to publish.
            public var reserved: Int64
            /// The most bytes of a window; null where there is no limit.
            public var limit: Int64?
            /// Bytes left in the current window; null where there is no limit.
            public var remaining: Int64?

            /// How many bytes of an allowance are used.
            public init(used: Int64, reserved: Int64, limit: Int64?, remaining: Int64?) {
                self.used = used
                self.reserved = reserved
                self.limit = limit
                self.remaining = remaining
            }

            /// Writes every key.
            public func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(used, forKey: .used)
                try container.encode(reserved, forKey: .reserved)
                try container.encode(limit, forKey: .limit)
                try container.encode(remaining, forKey: .remaining)
            }
        }

        enum CodingKeys: String, CodingKey {
            case scope
            case window
            case used
            case reserved
            case limit
            case remaining
            case bytes
            case resetsAt = "resets_at"
        }

        /// How much of an allowance is used.
        public init(
            scope: String,
            window: String,
            used: Int,
            reserved: Int,
            limit: Int?,
            remaining: Int?,
            bytes: Bytes,
            resetsAt: String?
        ) {
            self.scope = scope
            self.window = window
            self.used = used
            self.reserved = reserved
            self.limit = limit
            self.remaining = remaining
            self.bytes = bytes
            self.resetsAt = resetsAt
        }

        /// Writes every key.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(scope, forKey: .scope)
            try container.encode(window, forKey: .window)
            try container.encode(used, forKey: .used)
            try container.encode(reserved, forKey: .reserved)
            try container.encode(limit, forKey: .limit)
            try container.encode(remaining, forKey: .remaining)
            try container.encode(bytes, forKey: .bytes)
            try container.encode(resetsAt, forKey: .resetsAt)
        }
    }
}
