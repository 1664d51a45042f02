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

    /// What one thread found.
    private final class Findings {
        var covers: [Int: FaceCover] = [:]
    }

    /// Looks at the cameras of some readers of one recording side by side, each reader at the next camera that is left: some take
    /// several times as long as others.
    ///
    /// - Returns: for each camera what is to be covered.
    /// - Throws: `UnusableSample` where an episode shows a picture that cannot be decoded.
    func covers(_ lanes: [SampledRecording]) throws -> [FaceCover] {
        let findings = lanes.map { _ in Findings() }
        let cameras = lanes[0].cameras.indices
        let next = Counter()
        try Lanes.run(Array(zip(lanes, findings))) { samples, findings in
            while case let camera = next.increment() - 1, cameras.contains(camera) {
                findings.covers[camera] = try cover(samples, camera)
            }
        }
        let covers = findings.reduce(into: [:]) { $0.merge($1.covers) { first, _ in first } }
        return cameras.compactMap { covers[$0] }
    }

    private func cover(_ samples: SampledRecording, _ camera: Int) throws -> FaceCover {
        let tracker = try FaceTracker(blur.search, check: blur.check)
        let decoder = PictureDecoder(topic: samples.cameras[camera].topic)
        try samples.forEachSample(of: camera, margin: Self.margin) { sample in
            let seen: SeenPicture
            switch sample.content {
            case .nothing: return
            case .decoded(let picture): seen = SeenPicture(picture)
            case .still(let payload, let bytes): seen = SeenPicture(payload, bytes, decoder: decoder)
            }
            do {
                try tracker.add(sample.number, time: sample.time, picture: seen, isLast: sample.isLast)
            } catch is UnusableSample where !sample.isShown {
                return
            }
        }
        return try tracker.finish()
    }
}

/// A picture as detectors see it: upright, and decoded no further than they ask for.
final class SeenPicture: FacePicture {
    /// Where it came from.
    private enum Source {
        case decoded(Picture)
        case stored(ImagePayload, UnsafeRawBufferPointer, PictureDecoder)
    }

    private let source: Source
    private let orientation: JPEGHeader.Orientation
    private var known: Picture?

    /// A picture that is decoded already.
    ///
    /// - Parameter orientation: how it is to be turned, as Exif counts it.
    init(_ picture: Picture, orientation: JPEGHeader.Orientation = .upright) {
        source = .decoded(picture)
        self.orientation = orientation
    }

    /// A picture as it is in a recording; its bytes are to stay where they are as long as it is used.
    init(_ payload: ImagePayload, _ bytes: UnsafeRawBufferPointer, decoder: PictureDecoder) {
        source = .stored(payload, bytes, decoder)
        orientation = payload.orientation(bytes)
    }

    func size() throws -> (width: Int, height: Int) {
        let turn: PictureTurn
        if case .stored(let payload, let bytes, let decoder) = source, let size = try decoder.size(of: payload, bytes) {
            turn = PictureTurn(orientation, width: size.width, height: size.height)
        } else {
            turn = try self.turn()
        }
        return (turn.uprightWidth, turn.uprightHeight)
    }

    func gray(smallerBy factor: Int) throws -> GrayImage {
        if case .stored(let payload, let bytes, let decoder) = source, let luma = try decoder.luma(of: payload, bytes, smallerBy: factor) {
            return upright(luma.pixels, width: luma.width, height: luma.height)
        }
        let picture = try picture()
        return try upright(try picture.gray(), width: picture.width, height: picture.height).smaller(by: factor)
    }

    func bgr() throws -> [UInt8] { try turn().turned(try picture().bgr(), bytesPerPixel: 3) }

    /// How it is turned.
    func turn() throws -> PictureTurn {
        let picture = try picture()
        return PictureTurn(orientation, width: picture.width, height: picture.height)
    }

    private func upright(_ pixels: [UInt8], width: Int, height: Int) -> GrayImage {
        let turn = PictureTurn(orientation, width: width, height: height)
        return GrayImage(width: turn.uprightWidth, height: turn.uprightHeight, pixels: turn.turned(pixels, bytesPerPixel: 1))
    }

    private func picture() throws -> Picture {
        switch source {
        case .decoded(let picture): return picture
        case .stored(let payload, let bytes, let decoder):
            let picture = try known ?? decoder.decode(payload, bytes)
            known = picture
            return picture
        }
    }
}

extension ImagePayload {
    /// How a picture is to be turned so that it stands upright.
    func orientation(_ bytes: UnsafeRawBufferPointer) -> JPEGHeader.Orientation {
        encoding == .jpeg ? JPEGHeader(bytes)?.orientation ?? .upright : .upright
    }
}
