import ExportCore
import Fields
import Formats

/// `meta/info.json`.
struct DatasetInfo {
    var options: LeRobotOptions
    var features: FeatureTable
    var robotType: String?
    var episodes: Int
    var frames: Int
    var tasks: Int

    /// Files in a folder (v3.0), or episodes (v2.1).
    static let chunkSize = 1_000
    /// Where a new table or video file begins, in MiB.
    static let dataFileMegabytes = 100
    static let videoFileMegabytes = 200

    var document: FieldValue {
        let fps = Int64(options.sampling.rate.value)
        let hasVideo = options.images == .video && !features.cameras.isEmpty
        var members = [
            FieldMember("codebase_version", .text(options.version.isV21 ? "v2.1" : "v3.0")),
            FieldMember("robot_type", robotType.map(FieldValue.text) ?? .null),
            FieldMember("total_episodes", .integer(Int64(episodes))),
            FieldMember("total_frames", .integer(Int64(frames))),
            FieldMember("total_tasks", .integer(Int64(tasks))),
        ]
        if options.version.isV21 {
            members += [
                FieldMember("total_videos", .integer(hasVideo ? Int64(features.cameras.count * episodes) : 0)),
                FieldMember("total_chunks", .integer(Int64((episodes + Self.chunkSize - 1) / Self.chunkSize))),
                FieldMember("chunks_size", .integer(Int64(Self.chunkSize))),
            ]
        } else {
            members += [
                FieldMember("chunks_size", .integer(Int64(Self.chunkSize))),
                FieldMember("data_files_size_in_mb", .integer(Int64(Self.dataFileMegabytes))),
                FieldMember("video_files_size_in_mb", .integer(Int64(Self.videoFileMegabytes))),
            ]
        }
        members += [
            FieldMember("fps", .integer(fps)),
            FieldMember("splits", ["train": .text("0:\(episodes)")]),
            FieldMember("data_path", .text(dataPath)),
            FieldMember("video_path", hasVideo ? .text(videoPath) : .null),
            FieldMember("features", features.description(options: options)),
        ]
        return .object(members)
    }

    private var dataPath: String {
        options.version.isV21
            ? "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
            : "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
    }

    private var videoPath: String {
        options.version.isV21
            ? "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
            : "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    }
}

/// Paths in a dataset's tree.
enum DatasetPaths {
    static func data(_ file: FilePosition) -> String { "data/\(file.path).parquet" }

    static func video(_ feature: String, _ file: FilePosition) -> String { "videos/\(feature)/\(file.path).mp4" }

    static func episodes(_ file: FilePosition) -> String { "meta/episodes/\(file.path).parquet" }

    static func dataV21(_ episode: Int) -> String {
        "data/chunk-\(padded(episode / DatasetInfo.chunkSize, 3))/episode_\(padded(episode, 6)).parquet"
    }

    static func videoV21(_ feature: String, _ episode: Int) -> String {
        "videos/chunk-\(padded(episode / DatasetInfo.chunkSize, 3))/\(feature)/episode_\(padded(episode, 6)).mp4"
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Which file of a kind: files are counted through in folders of a thousand.
struct FilePosition: Hashable {
    var chunk = 0
    var file = 0

    var path: String { "chunk-\(DatasetPaths.padded(chunk, 3))/file-\(DatasetPaths.padded(file, 3))" }

    var next: FilePosition {
        file + 1 < DatasetInfo.chunkSize ? FilePosition(chunk: chunk, file: file + 1) : FilePosition(chunk: chunk + 1, file: 0)
    }
}
