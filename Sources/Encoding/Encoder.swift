public import Bundles
public import ExportCore
import Files
public import Plans
import Synchronization

/// How one export format is made.
///
/// Everything that knows a format implements this and nothing else does.
///
/// The work is divided into parts that are encoded alone, in any process and in any order, each into a folder of its own;
/// then the finished parts are assembled in order. `encode` must give the same bytes for the same part whenever and
/// wherever it runs: parts are cached by their key and reused by later jobs.
public protocol Encoder: Sendable {
    /// What one part leaves behind for assembly, beside its files: relative paths, counts, statistics.
    associatedtype Detail: Codable & Sendable

    /// Goes up whenever the same input would be encoded to other bytes, so that cached parts of older builds are not used.
    static var version: Int { get }

    /// Says what encoding a dataset will take, as well as can be told without opening its recording. Each dataset becomes
    /// one part.
    ///
    /// - Throws: the reason why the dataset cannot be exported in this format.
    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate

    /// Checks that a dataset can be exported together with the first one of the selection, as well as can be told without
    /// opening their recordings.
    ///
    /// - Throws: in what they differ, where one export cannot hold both.
    func check(_ dataset: PlannedDataset, beside first: PlannedDataset) throws(ExportError)

    /// Checks that a finished part can be assembled together with another one, by what they left behind, as soon as both are there: a
    /// difference ends the job, and should not do so after hours.
    ///
    /// - Throws: in what they differ, where one export cannot hold both.
    func check(_ part: Detail, of dataset: DatasetID, beside other: Detail, of otherDataset: DatasetID) throws(ExportError)

    /// Encodes one dataset into the context's folder and touches nothing else.
    ///
    /// Returning means that the files are complete. Throwing means that the folder is thrown away.
    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail>

    /// Makes the export's tree from the finished parts, in order. Files may be linked into place rather than copied; a
    /// part's own files must not be changed, since later jobs share them.
    ///
    /// - Throws: `RefusedExport` where all files are written and the job is to fail nevertheless.
    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws
}

extension Encoder {
    /// Most formats hold whatever is selected.
    public func check(_ dataset: PlannedDataset, beside first: PlannedDataset) throws(ExportError) {}

    /// Most formats hold whatever was encoded.
    public func check(_ part: Detail, of dataset: DatasetID, beside other: Detail, of otherDataset: DatasetID) throws(ExportError) {}
}

/// An export that is made in full, is published, and makes its job fail: a report on data that do not pass.
public struct RefusedExport: Error {
    /// Why the job fails.
    public let error: ExportError

    /// An export that makes its job fail.
    public init(_ error: ExportError) {
        self.error = error
    }
}

/// What an encoder says of a part that it has encoded.
public struct EncodedPart<Detail: Codable & Sendable>: Sendable {
    /// Episodes in it.
    public var episodes: Int
    /// Ticks in it.
    public var frames: Int
    /// Bytes read from the store to make it.
    public var bytesRead: Int64
    /// What the user should know.
    public var warnings: [Warning]
    /// How the streams met the ticks.
    public var streams: [StreamReport]
    /// What was done to faces; nil where they were not looked for.
    public var faceBlur: [FaceBlurReport]?
    /// What assembly needs to know of it.
    public var detail: Detail

    /// What an encoder says of a part.
    public init(episodes: Int, frames: Int, bytesRead: Int64, warnings: [Warning], streams: [StreamReport], detail: Detail) {
        self.episodes = episodes
        self.frames = frames
        self.bytesRead = bytesRead
        self.warnings = warnings
        self.streams = streams
        self.detail = detail
    }
}

/// A part that is done, as assembly sees it.
public struct FinishedPart<Detail: Codable & Sendable>: Sendable {
    /// The folder with its files.
    public let folder: String
    /// The dataset that it was made from.
    public let dataset: PlannedDataset
    /// What was recorded of it.
    public let record: PartRecord
    /// What its encoder left for assembly.
    public let detail: Detail

    /// A part that is done.
    public init(folder: String, dataset: PlannedDataset, record: PartRecord, detail: Detail) {
        self.folder = folder
        self.dataset = dataset
        self.record = record
        self.detail = detail
    }
}

/// Where a part is encoded, and how its encoder speaks to the outside meanwhile.
public struct PartContext: Sendable {
    /// The folder that the part's files go to; empty at first and no one else's.
    public let folder: String
    /// How many threads may work on it, at least 1.
    ///
    /// The files must not depend on it.
    public let threads: Int
    /// To be looked at in every loop over messages or frames.
    public let cancellation: Cancellation
    /// To be told how far the work is; cheap enough to be called for every frame.
    public let progress: @Sendable (WorkerProgress) -> Void

    /// A directory for files without names, on the same storage.
    ///
    /// Not the part's own: on a network file system such a file is seen until it is closed.
    public var scratch: String { FileSystem.parent(of: folder) }

    /// A place to encode a part.
    public init(folder: String, threads: Int, cancellation: Cancellation, progress: @escaping @Sendable (WorkerProgress) -> Void) {
        self.folder = folder
        self.threads = threads
        self.cancellation = cancellation
        self.progress = progress
    }
}

/// Where an export is assembled.
public struct AssemblyContext: Sendable {
    /// The folder that becomes the package's content; empty at first.
    public let folder: String
    /// Takes files of the package that are small and many; they stand sorted among those of the folder.
    public let bundle: BundleWriter
    /// To be looked at in every loop over parts.
    public let cancellation: Cancellation
    /// Takes what a person should know that only shows when all parts are together.
    public let warnings = AssemblyWarnings()

    /// A place to assemble an export.
    public init(folder: String, bundle: BundleWriter, cancellation: Cancellation) {
        self.folder = folder
        self.bundle = bundle
        self.cancellation = cancellation
    }
}

/// Warnings that assembling an export comes to.
public final class AssemblyWarnings: Sendable {
    private let list = Mutex<WarningList>(WarningList())

    /// No warnings yet.
    public init() {}

    /// Adds a warning, unless it is there already.
    public func add(_ warning: Warning) {
        list.withLock { $0.add(warning.code, warning.message) }
    }

    /// The warnings in the order in which they were added.
    public var all: [Warning] { list.withLock { $0.all } }
}
