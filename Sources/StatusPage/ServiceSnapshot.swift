public import ExportCore

/// What the service is doing at one instant, in plain values: what `status/queue.json` holds and the page shows.
///
/// Instants are RFC 3339 in UTC; what is not known is null.
public struct ServiceSnapshot: Codable, Sendable {
    /// How the daemon and what it needs are.
    public struct Health: Codable, Sendable {
        /// The daemon's version.
        public var version: String
        /// When it was started.
        public var since: String
        /// `serving`, `paused`, `draining` or `stopped`.
        public var state: String
        /// Who has paused the queue; null while it runs.
        public var pause: Pause?
        /// What keeps it from its work, as sentences.
        public var problems: [String]
        /// Jobs that may run at a time.
        public var workers: Int
        /// Parts that are being worked on, by all jobs.
        public var busy: Int
        /// Free bytes of the spool's file system; null where it does not answer.
        public var freeBytes: Int64?
        /// What of them must stay free.
        public var minimumFreeBytes: Int64
        /// Bytes of finished parts that are kept for later jobs.
        public var cacheBytes: Int64?

        enum CodingKeys: String, CodingKey {
            case version, since, state, pause, problems, workers, busy
            case freeBytes = "free_bytes"
            case minimumFreeBytes = "minimum_free_bytes"
            case cacheBytes = "cache_bytes"
        }

        /// How the daemon is.
        public init(
            version: String,
            since: String,
            state: String,
            problems: [String] = [],
            workers: Int,
            busy: Int,
            freeBytes: Int64? = nil,
            minimumFreeBytes: Int64 = 0,
            cacheBytes: Int64? = nil
        ) {
            self.version = version
            self.since = since
            self.state = state
            self.problems = problems
            self.workers = workers
            self.busy = busy
            self.freeBytes = freeBytes
            self.minimumFreeBytes = minimumFreeBytes
            self.cacheBytes = cacheBytes
        }
    }

    /// A pause of the queue.
    public struct Pause: Codable, Sendable {
        /// When it began.
        public var since: String
        /// Who asked for it.
        public var actor: String

        /// A pause of the queue.
        public init(since: String, actor: String) {
            self.since = since
            self.actor = actor
        }
    }

    /// One job.
    public struct Entry: Codable, Sendable {
        /// Its name.
        public var job: JobID
        /// Its request's path below the inbox.
        public var request: String
        /// The title that the request gives.
        public var title: String?
        /// Whose it is.
        public var user: String
        /// The kind of its request.
        public var kind: String?
        /// The formats of its exports, in order.
        public var formats: [String]
        /// `pending`, `processing`, `completed`, `failed` or `cancelled`.
        public var state: String
        /// `low` or `high`; null where it is neither.
        public var priority: String?
        /// When it was accepted.
        public var createdAt: String
        /// When it first began to run.
        public var startedAt: String?
        /// When it ended.
        public var finishedAt: String?
        /// How many jobs go before it, while it waits.
        public var queuePosition: Int?
        /// From 0 to 100.
        public var percent: Double
        /// Seconds that the rest will take.
        public var etaSeconds: Int?
        /// What is being worked on.
        public var current: String?
        /// Datasets that are done.
        public var datasetsDone: Int
        /// Datasets of the job.
        public var datasetsTotal: Int
        /// Bytes of its packages, once they are published.
        public var bytes: Int64?
        /// Whether its packages lie in the outbox.
        public var isPublished: Bool
        /// How many warnings it has.
        public var warnings: Int
        /// The code of what it failed with.
        public var error: String?
        /// What it failed with, in words.
        public var message: String?

        enum CodingKeys: String, CodingKey {
            case job, request, title, user, kind, formats, state, priority, percent, current, bytes, warnings, error, message
            case createdAt = "created_at"
            case startedAt = "started_at"
            case finishedAt = "finished_at"
            case queuePosition = "queue_position"
            case etaSeconds = "eta_seconds"
            case datasetsDone = "datasets_done"
            case datasetsTotal = "datasets_total"
            case isPublished = "published"
        }

        /// One job that has done nothing yet.
        public init(job: JobID, request: String, user: String, state: String, createdAt: String) {
            self.job = job
            self.request = request
            self.user = user
            self.state = state
            self.createdAt = createdAt
            formats = []
            percent = 0
            datasetsDone = 0
            datasetsTotal = 0
            isPublished = false
            warnings = 0
        }
    }

    /// How much of an allowance is used.
    public struct Quota: Codable, Sendable {
        /// A user's name, or `system` for all users together.
        public var scope: String
        /// `none`, `daily`, `weekly` or `monthly`.
        public var window: String
        /// Exports of completed jobs.
        public var usedExports: Int
        /// Exports of jobs that have not ended.
        public var reservedExports: Int
        /// The most exports of a window; null without a limit.
        public var limitExports: Int?
        /// Bytes of published packages.
        public var usedBytes: Int64
        /// Bytes that running jobs are expected to publish.
        public var reservedBytes: Int64
        /// The most bytes of a window; null without a limit.
        public var limitBytes: Int64?
        /// When the next window begins.
        public var resetsAt: String?

        enum CodingKeys: String, CodingKey {
            case scope, window
            case usedExports = "used_exports"
            case reservedExports = "reserved_exports"
            case limitExports = "limit_exports"
            case usedBytes = "used_bytes"
            case reservedBytes = "reserved_bytes"
            case limitBytes = "limit_bytes"
            case resetsAt = "resets_at"
        }

        /// Nothing used, nothing limited.
        public init(scope: String, window: String) {
            self.scope = scope
            self.window = window
            usedExports = 0
            reservedExports = 0
            usedBytes = 0
            reservedBytes = 0
        }
    }

    /// The schema's name and version.
    public var schema = "exportd-queue/1"
    /// When this was written.
    public var writtenAt: String
    /// How the daemon is.
    public var health: Health
    /// Jobs that run, oldest first.
    public var running: [Entry]
    /// Jobs that wait, in the order in which they will run; the first of them where there are very many.
    public var queue: [Entry]
    /// How many jobs wait.
    public var queueLength: Int
    /// Jobs that ended, newest first, as many as the page shows.
    public var recent: [Entry]
    /// Allowances of all users who have used any, that of the whole system first.
    public var quota: [Quota]

    enum CodingKeys: String, CodingKey {
        case schema, health, running, queue, recent, quota
        case writtenAt = "written_at"
        case queueLength = "queue_length"
    }

    /// What the service is doing.
    public init(
        writtenAt: String,
        health: Health,
        running: [Entry] = [],
        queue: [Entry] = [],
        queueLength: Int = 0,
        recent: [Entry] = [],
        quota: [Quota] = []
    ) {
        self.writtenAt = writtenAt
        self.health = health
        self.running = running
        self.queue = queue
        self.queueLength = queueLength
        self.recent = recent
        self.quota = quota
    }
}
