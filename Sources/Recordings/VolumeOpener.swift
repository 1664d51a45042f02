internal import ExportCore
internal import Files
internal import MCAP
public import ROSBag
public import Rosbag2

extension BagFile: RecordingVolume {
    /// A bag.
    public var format: RecordingFormat { .bag }

    /// Bags are ROS 1's.
    public var profile: String { "ros1" }
}

extension Rosbag2Database: RecordingVolume {
    /// A database.
    public var format: RecordingFormat { .database }

    /// rosbag2 is ROS 2's.
    public var profile: String { "ros2" }
}

/// Opens the files of recordings, told apart by their first bytes and never by their names.
struct VolumeOpener {
    let cancellation: Cancellation
    /// What was found wrong before a volume's own reader saw it.
    private(set) var warnings: [Warning] = []

    init(cancellation: Cancellation) {
        self.cancellation = cancellation
    }

    /// Opens one file.
    mutating func open(_ path: String) throws -> any RecordingVolume {
        let start = try Self.start(of: path)
        guard start.starts(with: DecompressedCopy.magic) else { return try volume(path, content: nil, start) }
        let copy = try DecompressedCopy(of: path, cancellation: cancellation)
        let first = try Self.start(of: copy.file.path)
        if let failure = copy.failure, first.isEmpty {
            throw RecordingError(.datasetUnreadable, "\(path) is compressed as a whole, and nothing of it can be decompressed. \(failure)")
        }
        if let failure = copy.failure {
            warnings.append(
                Warning(
                    "recording_truncated",
                    "\(FileSystem.name(of: path)) is compressed as a whole and damaged. \(failure) What came before was used."
                )
            )
        }
        return try volume(path, content: copy.file.path, first)
    }

    private func volume(_ path: String, content: String?, _ start: [UInt8]) throws -> any RecordingVolume {
        if BagFile.isBag(start) { return try BagFile(path: path, content: content, cancellation: cancellation) }
        if Rosbag2Database.isDatabase(start) { return try Rosbag2Database(path: path, content: content, cancellation: cancellation) }
        return try MCAPFile(path: path, content: content, cancellation: cancellation)
    }

    private static func start(of path: String) throws -> [UInt8] {
        // A pipe has no first bytes to look at; the reader of recordings refuses it in words.
        guard try FileSystem.status(of: path).kind != .special else { return [] }
        return try OpenFile.reading(path).read(upTo: 16)
    }
}
