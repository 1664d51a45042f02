public import ExportCore
public import Formats

/// A request that has been read and checked: everything below works on this, never on YAML.
public enum Request: Hashable, Codable, Sendable {
    /// Run the exports and publish packages.
    case export(ExportRequest)
    /// Run the selection and every check, and write no package.
    case preview(ExportRequest)
    /// Stop jobs that have not ended.
    case cancel(JobsRequest)
    /// Run failed or cancelled jobs again.
    case retry(JobsRequest)
    /// List earlier jobs.
    case history(HistoryRequest)
    /// Show or change usage and its limits.
    case quota(QuotaRequest)
    /// Pause, resume or empty the queue, or run again what failed.
    case queue(QueueRequest)
}

/// The names of the request kinds, as in `kind:`.
public enum RequestKind: String, Codable, CaseIterable, Sendable {
    case export
    case preview
    case cancel
    case retry
    case history
    case quota
    case queue
}

extension Request {
    /// The request's kind, as in `kind:`.
    public var kind: RequestKind {
        switch self {
        case .export: .export
        case .preview: .preview
        case .cancel: .cancel
        case .retry: .retry
        case .history: .history
        case .quota: .quota
        case .queue: .queue
        }
    }

    /// The title that the user gave, for lists and history.
    public var title: String? {
        switch self {
        case .export(let request), .preview(let request): request.title
        case .cancel(let request), .retry(let request): request.title
        case .history(let request): request.title
        case .quota(let request): request.title
        case .queue(let request): request.title
        }
    }
}

/// Which datasets, in which formats.
public struct ExportRequest: Hashable, Codable, Sendable {
    /// How a package reaches the outbox.
    public enum PackageKind: String, Codable, CaseIterable, Sendable {
        /// One reproducible archive for each export.
        case tarGzip = "tar.gz"
        /// The tree itself, in a folder.
        case directory
    }

    /// Whose jobs go first.
    public enum Priority: String, Codable, CaseIterable, Sendable {
        case low
        case normal
        case high
    }

    /// What one unusable dataset means for the rest.
    public enum DatasetErrorPolicy: String, Codable, CaseIterable, Sendable {
        /// The job fails and lists every bad dataset.
        case fail
        /// The dataset is left out and recorded in manifest and status.
        case skip
    }

    /// A name for people, and for "since this title's last completed job".
    public var title: String?
    /// Which datasets.
    public var select = Selection()
    /// In which formats, in order; never empty.
    public var exports: [ExportOptions]
    /// How the packages reach the outbox.
    public var package: PackageKind = .tarGzip
    /// Whose jobs go first.
    public var priority: Priority = .normal
    /// What one unusable dataset means for the rest.
    public var onDatasetError: DatasetErrorPolicy = .fail
    /// Who is told when the job ends; nil where nobody is.
    public var notify: NotifyWish?
    /// The user whose job it is, where that is another than the owner of the request's file.
    public var onBehalfOf: String?

    /// A request for exports of the whole store.
    public init(exports: [ExportOptions]) {
        self.exports = exports
    }
}

/// Conditions on datasets.
///
/// All that are given must hold; a list is a choice of alternatives; an empty list is no condition. Texts are globs where
/// the contract says so.
public struct Selection: Hashable, Codable, Sendable {
    /// When a dataset was recorded.
    public enum Recorded: Hashable, Codable, Sendable {
        /// Between two instants; an absent one is open, `to` is exclusive.
        case between(from: Timestamp?, to: Timestamp?)
        /// In the last so many nanoseconds before the job was accepted.
        case last(nanoseconds: Int64)
    }

    /// Project names or globs.
    public var projects: [String] = []
    /// Dataset ids or globs; an id without a glob must exist.
    public var datasets: [String] = []
    /// When it was recorded.
    public var recorded: Recorded?
    /// Annotator names or globs.
    public var annotators: [String] = []
    /// Quality levels.
    public var qualityLevels: [QualityLevel] = []
    /// The least quality score, 0 to 100.
    public var minimumScore: Double?
    /// Review states.
    public var review: [ReviewState] = []
    /// Robot names or globs.
    public var robots: [String] = []
    /// Tags or globs, of which a dataset must carry at least one.
    public var tags: [String] = []
    /// Text that the task or an instruction contains, without regard to case.
    public var text: String?
    /// Whether only datasets are wanted that are new or modified since the last completed job of the same user and title.
    public var changedSinceLastSuccess = false

    /// No condition: the whole store.
    public init() {}
}

/// A request about other jobs.
public struct JobsRequest: Hashable, Codable, Sendable {
    /// A name for people.
    public var title: String?
    /// Job ids or request names; a name stands for its newest job.
    ///
    /// Never empty.
    public var jobs: [String]

    /// A request about the given jobs.
    public init(title: String? = nil, jobs: [String]) {
        self.title = title
        self.jobs = jobs
    }
}
