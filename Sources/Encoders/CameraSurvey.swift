import ExportCore
import Faces
import Formats
import Media
import Plans
import Recordings
import Samples

/// Looks for faces in all pictures of cameras before any of them is encoded.
struct CameraSurvey {
    let blur: FaceBlur

    /// So much before and after what episodes show is looked at too, so that a face is covered that is seen just outside.
    private static let margin: Int64 = 600_000_000

    /// What was found in one camera.
    final class Result {
        fileprivate(set) var covers: [Int: FaceCover] = [:]
    }

    /// Looks at the cameras of some readers of one recording side by side, each at its share.
    ///
    /// - Returns: for each camera what is to be covered.
    /// - Throws: `UnusableSample` where an episode shows a picture that cannot be decoded.
    func covers(_ lanes: [SampledRecording]) throws -> [FaceCover] {
        let results = lanes.map { _ in Result() }
        let cameras = lanes[0].cameras.indices
        try Lanes.run(Array(zip(lanes, results).enumerated())) { number, lane in
            for camera in cameras where camera % lanes.count == number { lane.1.covers[camera] = try cover(lane.0, camera) }
        }
        return cameras.compactMap { results[$0 % lanes.count].covers[$0] }
    }

    private func cover(_ samples: SampledRecording, _ camera: Int) throws -> FaceCover {
        let tracker = try FaceTracker(blur.search)
        let decoder = PictureDecoder(topic: samples.cameras[camera].topic)
        try samples.forEachSample(of: camera, margin: Self.margin) { sample in
            let seen: SeenPicture
            switch sample.content {
            case .nothing: return
            case .decoded(let picture): seen = try SeenPicture(picture)
            case .still(let payload, let bytes):
                do {
                    seen = try SeenPicture(try decoder.decode(payload, bytes), orientation: payload.orientation(bytes))
                } catch is UnusableSample where !sample.isShown {
                    return
                }
            }
            try tracker.add(sample.number, time: sample.time, picture: seen, isLast: sample.isLast)
        }
        return tracker.finish()
    }
}

/// A decoded picture as detectors see it: upright.
struct SeenPicture: FacePicture {
    let gray: GrayImage
    let turn: PictureTurn
    private let picture: Picture

    /// - Parameter orientation: how it is to be turned, as Exif counts it.
    /// - Throws: `MediaError` where its brightness cannot be told.
    init(_ picture: Picture, orientation: JPEGHeader.Orientation = .upright) throws {
        self.picture = picture
        turn = PictureTurn(orientation, width: picture.width, height: picture.height)
        let pixels = turn.turned(try picture.gray(), bytesPerPixel: 1)
        gray = GrayImage(width: turn.uprightWidth, height: turn.uprightHeight, pixels: pixels)
    }

    func bgr() throws -> [UInt8] { turn.turned(try picture.bgr(), bytesPerPixel: 3) }
}

extension ImagePayload {
    /// How a picture is to be turned so that it stands upright.
    func orientation(_ bytes: UnsafeRawBufferPointer) -> JPEGHeader.Orientation {
        encoding == .jpeg ? JPEGHeader(bytes)?.orientation ?? .upright : .upright
    }
}
