public import ExportCore
public import Formats

/// How one site runs exportd: what `/etc/exportd/exportd.yaml` says, with defaults for what it leaves out and every path
/// absolute.
public struct SiteConfiguration: Hashable, Sendable {
    /// The finished parts that are kept for later jobs.
    public struct Cache: Hashable, Sendable {
        /// Where they are kept.
        public var path: String
        /// The most bytes that they may take; the least recently used go first.
        public var maximumBytes: Int64
    }

    /// What keeps one job or one worker from taking the whole machine.
    public struct Limits: Hashable, Sendable {
        /// The most bytes that a request file may have.
        public var maximumRequestBytes: Int64 = 1 << 20
        /// The most datasets that one job may select.
        public var maximumDatasets = 100_000
        /// The most hours that one job may run.
        public var maximumJobHours = 72.0
        /// So long a job may run, or is expected to, before shorter ones no longer wait for it.
        public var longJob: Duration = .seconds(120)
        /// The bytes that must stay free on the file systems of work and outbox; jobs wait until they are.
        public var minimumFreeBytes: Int64 = 1 << 30
        /// The most bytes of memory of its own that one worker process may use (RLIMIT_DATA; mapped recordings don't count).
        public var workerMemory: Int64 = 4 << 30

        /// The defaults.
        public init() {}
    }

    /// How long finished things are kept.
    public struct Retention: Hashable, Sendable {
        /// How long packages stay in the outbox after their job's end; nil keeps them for ever.
        public var packages: Duration?
        /// How long sidecars stay in the inbox after their job's end; nil keeps them for ever.
        public var sidecars: Duration?
        /// The most bytes that all packages together may take, of which the oldest go first; nil sets no limit.
        public var maximumBytes: Int64?

        /// Everything is kept for ever.
        public init() {}
    }

    /// How people are told of jobs that have ended.
    public struct Notify: Hashable, Sendable {
        /// The host's mail program, which takes a message as sendmail does.
        public var sendmail = "/usr/sbin/sendmail"
        /// The sender's address.
        public var from = "exportd@localhost"
        /// A program with its arguments that gets the status of every completed or failed export; empty for none.
        public var command: [String] = []
        /// The longest that either may take.
        public var timeout: Duration = .seconds(30)

        /// The host's mail program and no command.
        public init() {}
    }

    /// The folder with `inbox/`, `outbox/` and company.
    public var spool: String
    /// The folders that hold datasets.
    public var stores: [String]
    /// The SQLite database of jobs and history.
    public var ledger: String
    /// The folder of work in progress.
    public var work: String
    /// The finished parts that are kept for later jobs.
    public var cache: Cache
    /// Jobs that run at a time.
    public var workers: Int
    /// How often the inbox is looked through without any event; nil lets the spool decide by its file system: 10 s where
    /// it is local, 2 s on a network.
    public var rescan: Duration?
    /// How long a file that was written in place must stay unchanged before it is taken.
    public var settle: Duration
    /// How often a job is tried again after a transient error.
    public var retries: Int
    /// How many exports and bytes users may have.
    public var quota: QuotaPolicy
    /// Who may do what; nil where every local user may export and root is an administrator.
    public var roles: Roles?
    /// Who may export which project's data; a project that is not listed is open to every role.
    public var projects: [String: Project]
    /// Topic mappings by robot name.
    public var robots: [String: FeatureMapping]
    /// The ONNX model that looks for faces; Debian's own detectors do where nil.
    public var faceModel: String?
    /// How long finished things are kept.
    public var retention: Retention
    /// How people are told of jobs that have ended.
    public var notify: Notify
    /// What keeps one job or one worker from taking the whole machine.
    public var limits: Limits
    /// Whether the ledger may lie on a network file system, where SQLite's locks may fail and a crash may lose jobs.
    public var allowNetworkLedger: Bool

    /// The catalogue's index: a cache that may be deleted at any time.
    public var catalog: String { "\(cache.path)/catalog.sqlite" }
}
