public import ExportCore
public import Formats
public import Requests

/// One line on a worker's standard input.
///
/// A worker stays alive between commands, carries out one at a time, and ends at the end of its input.
public struct WorkerCommand: Codable, Sendable {
    /// Echoed in every reply to this command.
    public var id: Int
    /// What to do.
    public var order: WorkerOrder

    /// A command.
    public init(id: Int, order: WorkerOrder) {
        self.id = id
        self.order = order
    }
}

/// What a worker can be told to do.
public enum WorkerOrder: Codable, Sendable {
    /// Bring the catalogue up to date with the stores. Answered by `scanned`.
    case scan(ScanOrder)
    /// Answer what the catalogue holds. Answered by `datasets`.
    case list(ListOrder)
    /// Open what looks for faces. Answered by `faces`.
    case checkFaces(FaceCheckOrder)
    /// Select, check and write `plan.json`. Answered by `planned`.
    case plan(PlanOrder)
    /// Encode one part of a plan. Answered by `encoded`.
    case encode(EncodeOrder)
    /// Assemble one export of a plan and package it. Answered by `assembled`.
    case assemble(AssembleOrder)
}

/// What a worker must know of the site to look at its stores.
public struct SiteSettings: Codable, Hashable, Sendable {
    /// Absolute paths of the store roots.
    public var stores: [String]
    /// The catalogue's index, a cache that may be deleted at any time.
    public var catalog: String
    /// Topic mappings by robot name.
    public var robots: [String: FeatureMapping]
    /// The ONNX model that looks for faces; Debian's own detectors do where nil.
    public var faceModel: String?
    /// The most datasets that one job may select.
    public var maximumDatasets: Int

    /// The site as far as workers care.
    public init(
        stores: [String],
        catalog: String,
        robots: [String: FeatureMapping] = [:],
        faceModel: String? = nil,
        maximumDatasets: Int = 100_000
    ) {
        self.stores = stores
        self.catalog = catalog
        self.robots = robots
        self.faceModel = faceModel
        self.maximumDatasets = maximumDatasets
    }
}

/// Bring the catalogue up to date.
public struct ScanOrder: Codable, Sendable {
    /// The site.
    public var site: SiteSettings

    /// A scan of the site's stores.
    public init(site: SiteSettings) {
        self.site = site
    }
}

/// Answer what the catalogue holds after a scan.
public struct ListOrder: Codable, Sendable {
    /// The site.
    public var site: SiteSettings
    /// Which datasets.
    public var select: Selection
    /// The instant that relative times in the selection count from.
    public var now: Timestamp

    /// A listing of the datasets that a selection takes.
    public init(site: SiteSettings, select: Selection, now: Timestamp) {
        self.site = site
        self.select = select
        self.now = now
    }
}

/// Open what looks for faces, to see whether it can be.
public struct FaceCheckOrder: Codable, Sendable {
    /// The site.
    public var site: SiteSettings

    /// A check of the site's detectors.
    public init(site: SiteSettings) {
        self.site = site
    }
}

/// Resolve a request into a plan.
public struct PlanOrder: Codable, Sendable {
    /// The site.
    public var site: SiteSettings
    /// The job.
    public var job: JobID
    /// The request's name, from which package names are made.
    public var name: String
    /// The request.
    public var request: ExportRequest
    /// The instant that relative times in the selection count from: when the job was accepted.
    public var now: Timestamp
    /// Fingerprints of the datasets of this title's last completed job, for `changed_since: last-success`.
    public var previous: [String: String]
    /// Where `plan.json` goes; nil for a preview, which writes nothing.
    public var work: String?

    /// A request to be planned.
    public init(
        site: SiteSettings,
        job: JobID,
        name: String,
        request: ExportRequest,
        now: Timestamp,
        previous: [String: String],
        work: String?
    ) {
        self.site = site
        self.job = job
        self.name = name
        self.request = request
        self.now = now
        self.previous = previous
        self.work = work
    }
}

/// Encode one part.
public struct EncodeOrder: Codable, Sendable {
    /// The job's work folder, with `plan.json` in it.
    public var work: String
    /// The part's position in the plan.
    public var part: Int
    /// The cache of finished parts, where there is one.
    public var cache: String?
    /// How many threads may encode; what is written does not depend on it.
    public var threads: Int

    /// A part to be encoded.
    public init(work: String, part: Int, cache: String?, threads: Int) {
        self.work = work
        self.part = part
        self.cache = cache
        self.threads = threads
    }
}

/// Assemble and package one export.
public struct AssembleOrder: Codable, Sendable {
    /// The job's work folder, with `plan.json` and all the export's parts in it.
    public var work: String
    /// The position of the export in the request, from 0.
    public var export: Int
    /// The folder that the package is written to; private until the daemon publishes it.
    public var destination: String
    /// How many threads may compress.
    public var threads: Int

    /// An export to be assembled.
    public init(work: String, export: Int, destination: String, threads: Int) {
        self.work = work
        self.export = export
        self.destination = destination
        self.threads = threads
    }
}

/// One line on a worker's standard output.
public struct WorkerReply: Codable, Sendable {
    /// The command that this answers.
    public var id: Int
    /// How it goes.
    public var event: WorkerEvent

    /// A reply.
    public init(id: Int, event: WorkerEvent) {
        self.id = id
        self.event = event
    }
}

/// How a command goes.
///
/// `progress` may come any number of times, then exactly one of the others.
public enum WorkerEvent: Codable, Sendable {
    case progress(WorkerProgress)
    case scanned(ScanSummary)
    case datasets([DatasetSummary])
    /// The detectors and their versions.
    case faces(String)
    case planned(PlanSummary)
    case encoded(PartSummary)
    case assembled(AssemblySummary)
    case failed(ExportError)
}

/// How far the current command is.
public struct WorkerProgress: Codable, Sendable {
    /// From 0 to 1; never smaller than before.
    public var fraction: Double
    /// The dataset being worked on.
    public var dataset: DatasetID?
    /// Bytes read from the store for this command so far.
    public var bytesRead: Int64
    /// Bytes written for this command so far.
    public var bytesWritten: Int64

    /// How far the current command is.
    public init(fraction: Double, dataset: DatasetID? = nil, bytesRead: Int64 = 0, bytesWritten: Int64 = 0) {
        self.fraction = fraction
        self.dataset = dataset
        self.bytesRead = bytesRead
        self.bytesWritten = bytesWritten
    }
}

/// What a scan of the stores found.
public struct ScanSummary: Codable, Sendable {
    /// Datasets in the catalogue now.
    public var datasets: Int
    /// Datasets that were opened because they are new or changed.
    public var opened: Int
    /// Datasets that vanished since the last scan.
    public var removed: Int
    /// Datasets that are there and cannot be used, and why.
    public var problems: [SkippedDataset]

    /// What a scan found.
    public init(datasets: Int, opened: Int, removed: Int, problems: [SkippedDataset]) {
        self.datasets = datasets
        self.opened = opened
        self.removed = removed
        self.problems = problems
    }
}

/// One line of a listing of datasets.
public struct DatasetSummary: Codable, Sendable {
    /// The dataset as the catalogue knows it.
    public var dataset: PlannedDataset
    /// Why it cannot be used, where it cannot.
    public var problem: ExportError?
    /// What the user should know of it.
    public var warnings: [Warning]

    /// A dataset in a listing.
    public init(dataset: PlannedDataset, problem: ExportError?, warnings: [Warning]) {
        self.dataset = dataset
        self.problem = problem
        self.warnings = warnings
    }
}

/// What a plan comes to: the answer to a preview, and the frame of a job's progress.
public struct PlanSummary: Codable, Sendable {
    /// One export of the plan.
    public struct Export: Codable, Sendable {
        /// Its format.
        public var format: FormatName
        /// How many parts it has.
        public var parts: Int
        /// What they will take together.
        public var estimate: PartEstimate

        /// One export of the plan.
        public init(format: FormatName, parts: Int, estimate: PartEstimate) {
            self.format = format
            self.parts = parts
            self.estimate = estimate
        }
    }

    /// One selected dataset.
    public struct Dataset: Codable, Sendable {
        /// Its name in the catalogue.
        public var id: DatasetID
        /// The size of its files.
        public var bytes: Int64
        /// Its annotated segments.
        public var segments: Int
        /// Its fingerprint.
        public var fingerprint: String
        /// Its project, where it has one.
        public var project: String?

        /// One selected dataset.
        public init(id: DatasetID, bytes: Int64, segments: Int, fingerprint: String, project: String?) {
            self.id = id
            self.bytes = bytes
            self.segments = segments
            self.fingerprint = fingerprint
            self.project = project
        }
    }

    /// The selected datasets.
    public var datasets: [Dataset]
    /// The exports, in the request's order.
    public var exports: [Export]
    /// Datasets left out because `on_dataset_error` is `skip`.
    public var skipped: [SkippedDataset]
    /// What the user should know.
    public var warnings: [Warning]

    /// What a plan comes to.
    public init(datasets: [Dataset], exports: [Export], skipped: [SkippedDataset], warnings: [Warning]) {
        self.datasets = datasets
        self.exports = exports
        self.skipped = skipped
        self.warnings = warnings
    }
}

/// What encoding one part came to.
public struct PartSummary: Codable, Sendable {
    /// Whether the part was found finished, in the work folder or the cache.
    public var reused: Bool
    /// Episodes that it holds.
    public var episodes: Int
    /// Ticks that it holds.
    public var frames: Int
    /// Bytes read from the store.
    public var bytesRead: Int64
    /// Bytes that it holds.
    public var bytesWritten: Int64
    /// What the user should know.
    public var warnings: [Warning]

    /// What encoding one part came to.
    public init(reused: Bool, episodes: Int, frames: Int, bytesRead: Int64, bytesWritten: Int64, warnings: [Warning]) {
        self.reused = reused
        self.episodes = episodes
        self.frames = frames
        self.bytesRead = bytesRead
        self.bytesWritten = bytesWritten
        self.warnings = warnings
    }
}

/// What assembling one export came to.
public struct AssemblySummary: Codable, Sendable {
    /// The package's name in the destination: `<name>_<format>.tar.gz`, or the folder's name.
    public var file: String
    /// Its size: of the archive, or of all files of the folder.
    public var bytes: Int64
    /// SHA-256 of the archive, or of the folder's manifest; 64 lower-case hexadecimal digits.
    public var sha256: String
    /// Episodes that it holds.
    public var episodes: Int
    /// Ticks that it holds.
    public var frames: Int
    /// How many warnings its manifest lists.
    public var warnings: [Warning]
    /// Why the job fails although the package is made and published; nil where it does not.
    public var refusal: ExportError?

    /// What assembling one export came to.
    public init(file: String, bytes: Int64, sha256: String, episodes: Int, frames: Int, warnings: [Warning]) {
        self.file = file
        self.bytes = bytes
        self.sha256 = sha256
        self.episodes = episodes
        self.frames = frames
        self.warnings = warnings
    }
}
