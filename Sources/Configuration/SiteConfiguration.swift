public import Formats

/// How one site runs exportd: what `/etc/exportd/exportd.yaml` says, with defaults for what it leaves out and every path
/// absolute.
///
/// Root and the daemon's own account are administrators; every other local user may export.
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
        /// The bytes that must stay free on the file systems of work and outbox; jobs wait until they are.
        public var minimumFreeBytes: Int64 = 1 << 30
        /// The most bytes of memory of its own that one worker process may use (RLIMIT_DATA; mapped recordings don't count).
        public var workerMemory: Int64 = 4 << 30

        /// The defaults.
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
    /// Topic mappings by robot name.
    public var robots: [String: FeatureMapping]
    /// The ONNX model that looks for faces; Debian's own detectors do where nil.
    public var faceModel: String?
    /// What keeps one job or one worker from taking the whole machine.
    public var limits: Limits
    /// Whether the ledger may lie on a network file system, where SQLite's locks may fail and a crash may lose jobs.
    public var allowNetworkLedger: Bool

    /// The catalogue's index: a cache that may be deleted at any time.
    public var catalog: String { "\(cache.path)/catalog.sqlite" }
}
