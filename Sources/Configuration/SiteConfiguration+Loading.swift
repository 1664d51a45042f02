public import ExportCore
public import Fields
import Files
import Formats
import YAML

extension SiteConfiguration {
    /// Where the daemon and the commands look where no file is named.
    public static let standardPath = "/etc/exportd/exportd.yaml"

    /// Reads a configuration file.
    ///
    /// Relative paths in it count from its folder.
    ///
    /// - Parameter path: The file; without one everything has its default, below the working directory.
    /// - Throws: `request_invalid` with every problem in `details`, or what kept the file from being read.
    public static func load(_ path: String?) throws(ExportError) -> SiteConfiguration {
        guard let path else { return SiteConfiguration(ConfigurationFile(), folder: FileSystem.absolute(".")) }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileSystem.read(path, limit: YAMLLimits().bytes)
        } catch {
            throw ExportError(error)
        }
        return try parse(bytes, fileName: path, folder: FileSystem.parent(of: FileSystem.absolute(path)))
    }

    /// Reads a configuration's bytes.
    ///
    /// - Parameters:
    ///   - fileName: The file's name as its writer knows it, for the places of problems.
    ///   - folder: The absolute path of the folder that relative paths count from.
    public static func parse(_ bytes: [UInt8], fileName: String, folder: String) throws(ExportError) -> SiteConfiguration {
        let document = YAMLReader.read(bytes)
        var problems = ProblemList(document.problems)
        var file: ConfigurationFile? = ConfigurationFile()
        if let root = document.root { file = Shape.set(ConfigurationFile.fields).read(root, into: &problems) }
        if let error = problems.error(file: fileName, subject: "configuration") { throw error }
        guard let file else { throw ExportError(.internal, "The configuration \(fileName) could not be read, and nothing says why.") }
        return SiteConfiguration(file, folder: folder)
    }

    private init(_ file: ConfigurationFile, folder: String) {
        func absolute(_ path: String) -> String { normalized(path.hasPrefix("/") ? path : "\(folder)/\(path)") }
        let spool = absolute(file.spool)
        self.init(
            spool: spool,
            stores: file.stores.map(absolute),
            ledger: file.ledger.map(absolute) ?? "\(spool)/.state/ledger.sqlite",
            work: file.work.map(absolute) ?? "\(spool)/.state/work",
            cache: Cache(path: file.cache.path.map(absolute) ?? "\(spool)/.state/cache", maximumBytes: file.cache.maximumBytes),
            workers: file.workers,
            rescan: file.rescan,
            settle: file.settle,
            retries: file.retries,
            quota: file.quota.addressing(file.roles),
            roles: file.roles,
            projects: file.projects,
            robots: file.robots.mapValues(\.mapping),
            faceModel: file.faces.model.map(absolute),
            retention: file.retention,
            notify: file.notify,
            limits: file.limits,
            allowNetworkLedger: file.allowNetworkLedger
        )
    }

    /// The configuration with every default filled in, as a file would hold it: what `exportd --check` prints, as YAML or
    /// JSON.
    public var resolved: FieldValue {
        let file = ConfigurationFile(
            spool: spool,
            stores: stores,
            ledger: ledger,
            work: work,
            cache: ConfigurationFile.Cache(path: cache.path, maximumBytes: cache.maximumBytes),
            workers: workers,
            rescan: rescan,
            settle: settle,
            retries: retries,
            quota: quota,
            roles: roles,
            projects: projects,
            faces: ConfigurationFile.Faces(model: faceModel),
            robots: robots.mapValues { ConfigurationFile.Robot(mapping: $0) },
            retention: retention,
            notify: notify,
            limits: limits,
            allowNetworkLedger: allowNetworkLedger
        )
        return Shape.set(ConfigurationFile.fields).written(file) ?? .object([])
    }

    /// One line of help for each key of a configuration.
    public static var rows: [FieldRow] { ConfigurationFile.fields.rows }
}

extension QuotaPolicy {
    /// The policy that knows who can raise a limit.
    fileprivate func addressing(_ roles: Roles?) -> QuotaPolicy {
        var copy = self
        if let phrase = roles?.administrators.phrase { copy.administrators = "An administrator (\(phrase))" }
        return copy
    }
}

/// A path without empty components and `.`; `..` stays, because what it means hangs on symbolic links.
private func normalized(_ path: String) -> String {
    "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
}
