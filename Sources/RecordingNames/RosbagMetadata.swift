public import ExportCore
import YAML

/// What the `metadata.yaml` of a rosbag2 folder says about the recording's volumes.
///
/// Its other keys (topics, times, quality of service) are not read: the volumes say it themselves, and say it as it is.
public struct RosbagMetadata: Hashable, Sendable {
    /// The volumes' paths below the folder, in order; recordings all of them, none leading out of the folder.
    public var volumes: [String]
    /// How many messages the recorder counted; nil where it doesn't say.
    public var messages: UInt64?

    /// The key under which rosbag2 writes everything.
    public static let mark = "rosbag2_bagfile_information"
    /// The most bytes of a `metadata.yaml`.
    public static let sizeLimit = 4 << 20
    private static let mostVolumes = 10_000

    /// Reads a `metadata.yaml`.
    ///
    /// - Parameter file: The file's path as it stands in messages.
    /// - Throws: `dataset_unreadable` where it is not rosbag2's, names no volume, or names one that exportd must not read.
    public static func read(_ bytes: [UInt8], file: String) throws(ExportError) -> RosbagMetadata {
        var limits = YAMLLimits()
        limits.bytes = sizeLimit
        limits.nodes = 500_000
        let document = YAMLReader.read(bytes, limits: limits)
        guard let root = document.root else {
            let problem = document.problems.first
            throw error(problem?.message ?? "It is empty.", file, problem?.position, hint: problem?.hint)
        }
        guard let information = value(of: mark, in: root) else {
            throw error("It has no key \(mark), so it is not the metadata of a rosbag2 folder.", file, root.position)
        }
        if let storage = value(of: "storage_identifier", in: information), let name = text(storage), name != "mcap", name != "sqlite3" {
            throw error(
                "It says that the recording is stored as \(quoted(name)); only mcap and sqlite3 can be read.",
                file,
                storage.position,
                hint: "Convert it with: ros2 bag convert."
            )
        }
        guard let list = value(of: "relative_file_paths", in: information), case .sequence(let items) = list.content, !items.isEmpty else {
            throw error("It names no volumes under relative_file_paths.", file, information.position)
        }
        guard items.count <= mostVolumes else {
            throw error("It names \(items.count) volumes; at most \(mostVolumes) are allowed.", file, list.position)
        }
        var volumes: [String] = []
        for item in items {
            guard let path = text(item) else {
                throw error("An item of relative_file_paths is not a path.", file, item.position)
            }
            if let reason = fault(of: path) { throw error("The volume \(quoted(path)) \(reason).", file, item.position) }
            guard !volumes.contains(path) else { throw error("The volume \(quoted(path)) is named twice.", file, item.position) }
            volumes.append(path)
        }
        let messages = value(of: "message_count", in: information).flatMap(text).flatMap { UInt64($0) }
        return RosbagMetadata(volumes: volumes, messages: messages)
    }

    /// Why a volume may not be read, as the end of a sentence; nil where it may.
    private static func fault(of path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if path.utf8.contains(0) { return "has a NUL in its path" }
        if path.hasPrefix("/") { return "has an absolute path; volumes must lie inside the folder" }
        if parts.contains("..") { return "leads out of the folder; volumes must lie inside it" }
        if parts.contains(where: { $0.isEmpty || $0 == "." }) { return "has a path with empty parts or single dots" }
        if parts.contains(where: { $0.hasPrefix(".") }) { return "is hidden" }
        guard RecordingFileName.isVolume(path) else { return "is neither an .mcap nor a .db3 file, nor one of these compressed with zstd" }
        return nil
    }

    private static func value(of key: String, in node: Node) -> Node? {
        guard case .mapping(let entries) = node.content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    private static func text(_ node: Node) -> String? {
        guard case .scalar(let scalar) = node.content, scalar.meaning != .null else { return nil }
        return scalar.text
    }

    private static func error(_ reason: String, _ file: String, _ position: Position?, hint: String? = nil) -> ExportError {
        ExportError(
            .datasetUnreadable,
            "The file \(file) can't be used. \(reason)",
            hint: hint,
            location: .init(file: file, line: position?.line, column: position?.column)
        )
    }
}
