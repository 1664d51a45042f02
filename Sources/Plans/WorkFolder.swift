public import ExportCore
public import Files
import FoundationEssentials

/// The folder of one job, through which the daemon and any number of workers work together: what is in it, and the
/// operations on it.
///
/// Every operation may be repeated after a crash at any instant.
///
/// ```
/// plan.json               what is to be done; never changed once written
/// skipped.json            datasets whose parts could not be encoded and that are left out ([SkippedDataset])
/// parts/<key>/            what one part left behind, and part.json; the folder appears whole or not at all
/// parts/.<key>.tmp-…/     a part being encoded
/// out/<export>/           an export being assembled
/// out/<export>.bundle     its small files
/// ```
///
/// A part that has a dataset of `skipped.json` among its own is left out of every export.
public struct WorkFolder: Hashable, Sendable {
    /// The name of the record inside a finished part's folder.
    public static let partRecordName = "part.json"
    /// The name of the list of files inside a finished part's folder.
    public static let contentsName = "contents.json"

    /// The folder's path.
    public let path: String

    /// The work folder at a path.
    public init(path: String) {
        self.path = path
    }

    /// Where the plan lies.
    public var planPath: String { "\(path)/plan.json" }
    /// Where the list of datasets lies that were left out while encoding.
    public var skippedPath: String { "\(path)/skipped.json" }
    /// The folder of all parts.
    public var partsPath: String { "\(path)/parts" }

    /// The folder of a finished part.
    public func partPath(_ key: PartKey) -> String { "\(partsPath)/\(key.text)" }

    /// The folder in which an export is assembled.
    public func outputPath(export: Int) -> String { "\(path)/out/\(export)" }

    /// The file in which the small files of an export being assembled lie one behind the other.
    public func bundlePath(export: Int) -> String { "\(outputPath(export: export)).bundle" }

    /// Makes the folder and its inner folders; those that are there already are fine.
    public func create() throws(FileError) {
        try FileSystem.makeDirectories(partsPath, mode: 0o750)
        try FileSystem.makeDirectories("\(path)/out", mode: 0o750)
    }

    /// Removes the folder with all that it holds.
    public func remove() throws(FileError) {
        try FileSystem.removeTree(path)
    }

    /// Writes the plan, whole or not at all.
    public func writePlan(_ plan: Plan) throws(ExportError) {
        try WorkFile.write(plan, to: planPath)
    }

    /// The plan, or nil where there is none yet.
    /// - Throws: `internal` where the plan is damaged or of another version.
    public func readPlan() throws(ExportError) -> Plan? {
        guard let plan = try WorkFile.read(Plan.self, from: planPath) else { return nil }
        guard plan.version == Plan.currentVersion else {
            throw ExportError(
                .internal,
                "\(planPath) is a plan of version \(plan.version); this exportd understands version \(Plan.currentVersion).",
                hint: "Remove the job's work folder; the job is then planned afresh."
            )
        }
        return plan
    }

    /// Writes the list of datasets that are left out because they could not be encoded.
    public func writeSkipped(_ datasets: [SkippedDataset]) throws(ExportError) {
        try WorkFile.write(datasets, to: skippedPath)
    }

    /// The datasets that are left out because they could not be encoded; most often none.
    public func readSkipped() throws(ExportError) -> [SkippedDataset] {
        try WorkFile.read([SkippedDataset].self, from: skippedPath) ?? []
    }

    /// Whether a part is finished.
    public func hasPart(_ key: PartKey) -> Bool {
        FileSystem.exists("\(partPath(key))/\(Self.partRecordName)")
    }

    /// What a finished part says of itself, or nil where it is not finished.
    /// - Throws: `internal` where the record is damaged or belongs to another part.
    public func readPart(_ key: PartKey) throws(ExportError) -> PartRecord? {
        let place = "\(partPath(key))/\(Self.partRecordName)"
        guard let record = try WorkFile.read(PartRecord.self, from: place) else { return nil }
        guard record.key == key else {
            throw ExportError(
                .internal,
                "\(place) belongs to another part, \(record.key.text).",
                hint: "Remove that folder; the part is then encoded again."
            )
        }
        return record
    }

    /// Makes a fresh private folder for a part that is about to be encoded.
    public func beginPart(_ key: PartKey) throws(FileError) -> String {
        let folder = "\(partsPath)/\(UniqueName.make(".\(key.text).tmp"))"
        try FileSystem.makeDirectories(folder, mode: 0o750)
        return folder
    }

    /// Turns a private folder into the finished part: the list of its files and its record are written, all is flushed
    /// to storage, and the folder takes its final name.
    ///
    /// Where the part is finished already, that one stays.
    public func finishPart(_ record: PartRecord, from folder: String) throws(ExportError) {
        let contents = try convertingFileErrors { () throws(FileError) in try PartContents(flushing: folder) }
        try WorkFile.write(contents, to: "\(folder)/\(Self.contentsName)")
        try WorkFile.write(record, to: "\(folder)/\(Self.partRecordName)")
        try convertingFileErrors { () throws(FileError) in try place(record.key, from: folder) }
    }

    /// Gives a complete folder the name of a finished part.
    func place(_ key: PartKey, from folder: String) throws(FileError) {
        if hasPart(key) { return try FileSystem.removeTree(folder) }
        let target = partPath(key)
        // A folder without a record can only be a leftover: nothing else ever makes one under this name.
        try FileSystem.removeTree(target)
        do throws(FileError) {
            try FileSystem.rename(folder, to: target)
        } catch {
            guard error.isExisting, hasPart(key) else { throw error }
            try FileSystem.removeTree(folder)
        }
        try FileSystem.synchronizeDirectory(partsPath)
    }

    /// Removes what interrupted work left behind: private folders of parts.
    ///
    /// Only while no worker runs for the job.
    public func removeUnfinished() throws(FileError) {
        guard try FileSystem.statusIfPresent(of: partsPath) != nil else { return }
        for name in try FileSystem.list(partsPath) where name.hasPrefix(".") {
            try FileSystem.removeTree("\(partsPath)/\(name)")
        }
    }
}

/// The files that make up a finished part, so that a copy of it can be checked without reading it.
struct PartContents: Codable, Sendable {
    struct Entry: Codable, Sendable {
        /// The path inside the part's folder.
        var path: String
        var bytes: Int64
    }

    var files: [Entry]

    /// The size of all files.
    var bytes: Int64 { files.reduce(0) { $0 &+ $1.bytes } }

    /// Lists a folder and waits until each of its files is on storage.
    init(flushing folder: String) throws(FileError) {
        files = []
        try add(folder, prefix: "")
    }

    private mutating func add(_ folder: String, prefix: String) throws(FileError) {
        for name in try FileSystem.list(folder) {
            let path = "\(folder)/\(name)"
            let status = try FileSystem.status(of: path)
            switch status.kind {
            case .directory:
                try add(path, prefix: "\(prefix)\(name)/")
            case .regular:
                let file = try OpenFile.reading(path, nofollow: true)
                try file.synchronize()
                files.append(Entry(path: prefix + name, bytes: status.bytes))
            case .symbolicLink, .special:
                throw FileError("keep anything but files and folders in a part:", path, errno: 22)
            }
        }
        try FileSystem.synchronizeDirectory(folder)
    }
}

/// JSON files of the work folder: whole or absent, bounded in size, errors that name the file.
enum WorkFile {
    /// No file of a work folder is larger; a plan of 100,000 datasets takes about 100 MB.
    static let maximumBytes = 1 << 30

    static func write(_ value: some Encodable, to path: String) throws(ExportError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do {
            bytes = try [UInt8](encoder.encode(value))
        } catch {
            throw ExportError(.internal, "\(path) could not be written as JSON: \(error).")
        }
        try convertingFileErrors { () throws(FileError) in try FileSystem.writeAtomically(path, bytes, mode: 0o640) }
    }

    /// The file's value, or nil where there is no file.
    static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws(ExportError) -> Value? {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileSystem.read(path, limit: maximumBytes)
        } catch {
            if error.isMissing { return nil }
            throw error.exportError
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw ExportError(.internal, "\(path) is damaged: \(error).", hint: "Remove it; what it held is then made again.")
        }
    }
}

/// Runs an operation on files and says its error in the contract's words.
func convertingFileErrors<Value>(_ operation: () throws(FileError) -> Value) throws(ExportError) -> Value {
    do throws(FileError) {
        return try operation()
    } catch {
        throw error.exportError
    }
}
