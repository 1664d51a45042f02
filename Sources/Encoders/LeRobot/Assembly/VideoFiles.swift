import ExportCore
import Files
import Formats
import Media

/// The shared video files of one camera in a v3.0 dataset: episodes are joined until a file is full.
struct VideoFiles {
    /// Where an episode's frames are.
    struct Place {
        var file: FilePosition
        /// In seconds from the file's start; `to` is where the next episode begins.
        var from: Double
        var to: Double
    }

    private let feature: String
    private let folder: String
    private let rate: Double
    private var position = FilePosition()
    private var joiner: MP4Joiner?

    /// The 200 MB of the library's rule.
    private static let mostBytes = Int64(DatasetInfo.videoFileMegabytes) << 20
    /// Beyond this, readers that compute with 32-bit times take some frames for missing.
    private static let mostSeconds = 1_024.0

    init(feature: String, folder: String, rate: Double) {
        self.feature = feature
        self.folder = folder
        self.rate = rate
    }

    /// Appends an episode's video.
    mutating func append(_ path: String, bytes: Int64, frames: Int) throws -> Place {
        if let joiner, Int64(joiner.byteCount) + bytes >= Self.mostBytes || Double(joiner.frameCount + frames) / rate > Self.mostSeconds {
            try finish()
            position = position.next
        }
        let range = try joined(path)
        return Place(file: position, from: Double(range.lowerBound) / rate, to: Double(range.upperBound) / rate)
    }

    /// Videos of other parameters, such as copied beside encoded ones, go into a file of their own.
    private mutating func joined(_ path: String) throws -> Range<Int> {
        if let joiner, joiner.frameCount > 0 {
            do {
                return try joiner.append(path)
            } catch VideoError.unsuitable {
                try finish()
                position = position.next
            }
        }
        let fresh = try joiner ?? open()
        joiner = fresh
        return try fresh.append(path)
    }

    /// Closes the file that is open.
    mutating func finish() throws {
        try joiner?.finish()
        joiner = nil
    }

    private func open() throws -> MP4Joiner {
        let path = "\(folder)/\(DatasetPaths.video(feature, position))"
        try FileSystem.makeDirectories(FileSystem.parent(of: path))
        return MP4Joiner(path)
    }
}
