import ExportCore
import Files
import Formats
import Media

/// A video for each episode.
struct VideoStore: FrameStore {
    let path: String
    let options: LeRobotOptions
    private let room: EncoderRoom
    private var writer: VideoWriter?
    private var share: EncoderRoom.Share?

    init(path: String, options: LeRobotOptions, room: EncoderRoom) {
        self.path = path
        self.options = options
        self.room = room
    }

    mutating func append(_ frame: Frame) throws {
        let picture = try frame.decoded()
        try writer(for: picture).append(picture)
    }

    private mutating func writer(for picture: Picture) throws -> VideoWriter {
        if let writer { return writer }
        let settings = options.videoSettings
        share = room.share(for: settings.codec, width: picture.width, height: picture.height)
        let fresh = try VideoWriter(path, settings, width: picture.width, height: picture.height, rate: options.sampling.rate)
        writer = fresh
        return fresh
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
