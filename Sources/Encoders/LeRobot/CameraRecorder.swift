import ExportCore
import Files
import Formats
import Media
import Recordings
import Samples

/// Takes one camera's pictures, episode after episode: into a video each or into the cells of a table, and into the
/// statistics.
final class CameraRecorder {
    /// How many pictures of the first episode are kept for the dataset card.
    static let previews = 3

    /// What the pictures of all episodes come to.
    private(set) var statistics = PixelStatistics()
    /// How the videos came to be; all zero in image mode.
    private(set) var origin = VideoOrigin()
    /// The size of the pictures as they are stored, once one is there.
    private(set) var size: (width: Int, height: Int)?

    private let camera: FeaturePlan.Camera
    private let options: LeRobotOptions
    private let files: PartFiles
    private let room: EncoderRoom
    private let number: Int
    private let decoder: PictureDecoder
    private var episode: RunningEpisode?
    private var sourceSize: (width: Int, height: Int)?

    /// An episode that is being recorded.
    private struct RunningEpisode {
        let number: Int
        let length: Int
        var store: any FrameStore
        var statistics = PixelStatistics()
        /// Frames that statistics look at, the next one first.
        var sampled: ArraySlice<Int>
        /// Frames of which a picture is kept for the dataset card.
        let previewed: [Int]
    }

    init(_ camera: FeaturePlan.Camera, number: Int, options: LeRobotOptions, files: PartFiles, room: EncoderRoom) {
        self.camera = camera
        self.number = number
        self.options = options
        self.files = files
        self.room = room
        decoder = PictureDecoder(topic: camera.topic)
    }

    /// Begins an episode, whose pictures are to be taken next.
    ///
    /// - Parameters:
    ///   - number: its place among the episodes of the recording.
    ///   - samples: where its pictures come from.
    func begin(_ number: Int, _ running: Episode, of samples: SampledRecording) throws {
        let length = running.count
        let store: any FrameStore
        switch options.images {
        case .video:
            store = try videoStore(files.video(camera: self.number, episode: number), running, of: samples)
        case .image:
            store = try CellStore(path: files.cells(camera: self.number, episode: number), feature: camera.name)
        }
        episode = RunningEpisode(
            number: number,
            length: length,
            store: store,
            sampled: PixelStatistics.sampledFrames(of: length)[...],
            previewed: number == 0 ? [0, length / 2, length - 1] : []
        )
    }

    /// The recording's own video where that is what was asked for, an encoder otherwise.
    private func videoStore(_ path: String, _ running: Episode, of samples: SampledRecording) throws -> any FrameStore {
        // What is copied is never looked at, and a face in it would leave the building.
        if options.codec == .h264, options.faceBlur == nil, samples.videoCodec(of: number) == .h264 {
            do {
                let copied = try CopiedVideo(path, camera: number, of: running, in: samples, rate: options.sampling.rate)
                origin.copied += 1
                return copied
            } catch VideoError.unsuitable(let reason) {
                origin.reason = origin.reason ?? reason
            }
        }
        origin.encoded += 1
        return VideoStore(path: path, options: options, room: room)
    }

    /// Takes a picture as it is in the recording.
    func take(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, tick: Int) throws {
        try take(Frame(picture, bytes: bytes, decoder: decoder), tick: tick)
    }

    /// Takes a picture of a video.
    func take(_ picture: Picture, tick: Int) throws {
        try take(Frame(picture, decoder: decoder), tick: tick)
    }

    private func take(_ frame: Frame, tick: Int) throws {
        guard var running = episode else { return }
        // The value is moved out and back, so that its buffers stay unshared.
        episode = nil
        defer { episode = running }
        try check(try frame.size())
        try frame.checkEnd()
        try running.store.append(frame)
        if running.sampled.first == tick {
            running.sampled.removeFirst()
            try running.statistics.add(try frame.decoded())
        }
        if let place = running.previewed.firstIndex(of: tick) {
            let bytes = if let original = frame.original, original.first == 0xFF { [UInt8](original) } else { try frame.preview() }
            try FileSystem.writeAtomically(files.preview(camera: number, place: place), bytes)
        }
    }

    /// Ends the episode.
    ///
    /// - Returns: its statistics and the bytes of its video.
    func finish() throws -> (statistics: FeatureStatistics, videoBytes: Int64) {
        guard let running = episode else {
            throw ExportError(.internal, "The camera \(camera.topic) has no episode to be ended.")
        }
        episode = nil
        try running.store.finish()
        statistics.merge(running.statistics)
        return (running.statistics.statistics, try running.store.videoBytes())
    }

    /// Gives up an episode that has not been ended, and what it holds.
    func abandon() {
        episode = nil
    }

    /// What was done to the pictures, where that is more than passing them on.
    func warnings(of dataset: DatasetID) -> [Warning] {
        decoder.encoded == 0 || options.images == .video
            ? []
            : [
                Warning(
                    "pictures_encoded",
                    "\(decoder.encoded) pictures of \(camera.topic) are neither PNG nor upright JPEG in the recording and were encoded as JPEG.",
                    dataset: dataset
                )
            ]
    }

    private func check(_ found: (width: Int, height: Int)) throws(ExportError) {
        guard let sourceSize else {
            sourceSize = found
            size = options.images == .video ? VideoWriter.size(width: found.width, height: found.height) : found
            return
        }
        guard sourceSize != found else { return }
        throw ExportError(
            .datasetUnreadable,
            "The pictures of \(camera.topic) change from \(sourceSize.width)×\(sourceSize.height) to \(found.width)×\(found.height) pixels; a LeRobot camera has one size.",
            hint: "Export the parts before and after the change as recordings of their own, or leave the camera out with a mapping: block."
        )
    }
}

/// One picture on its way into a part, decoded at most once.
final class Frame {
    /// Where it came from.
    private enum Source {
        case payload(ImagePayload, UnsafeRawBufferPointer)
        case video
    }

    private let source: Source
    private let decoder: PictureDecoder
    private var known: Picture?

    init(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, decoder: PictureDecoder) {
        source = .payload(picture, bytes)
        self.decoder = decoder
    }

    init(_ picture: Picture, decoder: PictureDecoder) {
        source = .video
        self.decoder = decoder
        known = picture
    }

    func decoded() throws -> Picture {
        if let known { return known }
        guard case .payload(let picture, let bytes) = source else { throw UnusableSample() }
        let decoded = try decoder.decode(picture, bytes)
        known = decoded
        return decoded
    }

    /// From the header where that says it.
    func size() throws -> (width: Int, height: Int) {
        if case .payload(let picture, let bytes) = source {
            switch picture.encoding {
            case .jpeg: if let header = JPEGHeader(bytes) { return (header.width, header.height) }
            case .raw(let image): return (image.width, image.height)
            default: break
            }
        }
        let decoded = try decoded()
        return (decoded.width, decoded.height)
    }

    /// Makes sure that bytes which may be passed on undecoded are a whole picture.
    ///
    /// A picture that was cut off lacks its end. Where that is missing the decoder has the last word, since some cameras leave
    /// it out.
    ///
    /// - Throws: `UnusableSample` where the picture cannot be decoded.
    func checkEnd() throws {
        guard case .payload(let picture, let bytes) = source else { return }
        let isWhole =
            switch picture.encoding {
            case .jpeg: bytes.suffix(2).elementsEqual([0xFF, 0xD9])
            case .png: bytes.suffix(8).starts(with: "IEND".utf8)
            default: true
            }
        if !isWhole { _ = try decoded() }
    }

    /// The bytes as they are in the recording, where those are what `datasets` shows as the camera saw it: a JPEG or a PNG
    /// that no reader turns round by itself.
    var original: UnsafeRawBufferPointer? {
        guard case .payload(let picture, let bytes) = source else { return nil }
        switch picture.encoding {
        case .png: return bytes
        case .jpeg: return JPEGHeader(bytes)?.orientation == .upright ? bytes : nil
        default: return nil
        }
    }

    /// The picture as JPEG for people to look at, which counts as nothing that was done to the data.
    func preview() throws -> [UInt8] {
        try JPEGEncoder().encode(try decoded())
    }

    /// The picture as JPEG, encoded where it has to be.
    func jpeg() throws -> [UInt8] {
        try decoder.jpeg(of: try decoded())
    }
}

/// Where the frames of one episode of one camera go.
protocol FrameStore {
    mutating func append(_ frame: Frame) throws
    func finish() throws
    /// Bytes of the video that was made; 0 where none was.
    func videoBytes() throws -> Int64
}
