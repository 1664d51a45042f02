import ExportCore
import Files
import Formats
import Media

/// A video for each episode.
struct VideoStore: FrameStore {
    let path: String
    let options: LeRobotOptions
    private var writer: VideoWriter?

    init(path: String, options: LeRobotOptions) {
        self.path = path
        self.options = options
    }

    mutating func append(_ frame: Frame) throws {
        let picture = try frame.decoded()
        let writer =
            try self.writer
            ?? VideoWriter(path, options.videoSettings, width: picture.width, height: picture.height, rate: options.sampling.rate)
        self.writer = writer
        try writer.append(picture)
    }

    func finish() throws { try writer?.finish() }

    func videoBytes() throws -> Int64 { try FileSystem.status(of: path).bytes }
}

extension LeRobotOptions {
    /// What the codec is asked for.
    fileprivate var videoSettings: VideoSettings {
        var settings: VideoSettings =
            switch codec {
            case .av1: .lerobotAV1
            case .h264: .lerobotH264
            }
        settings.rateFactor = effectiveCRF
        return settings
    }
}
