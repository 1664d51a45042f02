import ExportCore
import Files
import Media
import Samples

/// The video of an episode that is the recording's own H.264, packet by packet.
struct CopiedVideo: FrameStore {
    private let path: String

    /// Copies an episode's access units into a file.
    ///
    /// - Throws: `VideoError.unsuitable` where they cannot be kept as they are; there is no file then.
    init(_ path: String, camera: Int, of episode: Episode, in samples: SampledRecording, rate: Hertz) throws {
        self.path = path
        if let hindrance = try samples.hindranceToCopying(videoOf: camera, in: episode) {
            throw VideoError.unsuitable("The H.264 pictures cannot be kept as they are: \(hindrance).")
        }
        do {
            let remuxer = try H264Remuxer(path, rate: rate)
            try samples.forEachAccessUnit(of: camera, in: episode) { try remuxer.append($0) }
            try remuxer.finish()
        } catch {
            try FileSystem.removeFile(path)
            throw error
        }
    }

    /// The picture is in the file already.
    func append(_ frame: Frame) {}

    func finish() {}

    func videoBytes() throws -> Int64 { try FileSystem.status(of: path).bytes }
}

/// How the videos of one camera's episodes came to be.
struct VideoOrigin: Codable, Hashable, Sendable {
    /// Episodes whose video is the recording's own, without a picture changed.
    var copied = 0
    /// Episodes whose video was encoded.
    var encoded = 0
    /// Why the first of those was not copied, where the recording has the codec that was asked for.
    var reason: String?
}
