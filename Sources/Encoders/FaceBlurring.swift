public import ExportCore
import Faces
public import Formats
public import Media
import Plans
public import Recordings
public import Samples

/// Makes faces unrecognisable in the pictures of one recording's cameras on their way to an encoder.
///
/// Faces are looked for beforehand, in all pictures that episodes show, so that what is covered in one can hang on what is seen
/// later. A picture that was not looked at never gets through.
///
/// Used by one thread at a time.
public final class FaceBlurring: PictureTransform {
    /// What the encoder wants of a picture that is changed.
    enum Target {
        /// Bytes of the same kind as before.
        case bytes
        /// The decoded picture.
        case picture
    }

    private let blur: FaceBlur
    private let target: Target
    private let cameras: [FeaturePlan.Camera]
    /// For each camera what is covered; nil where that was not found out.
    private let covers: [FaceCover?]
    private var decoders: [Int: PictureDecoder] = [:]
    private var encoder: StillEncoder?
    /// The picture that was changed last in each camera: one of a slow camera stands for several ticks.
    private var last: [Int: (sample: Int, result: TransformedPicture)] = [:]

    init(_ blur: FaceBlur, cameras: [FeaturePlan.Camera], covers: [FaceCover?], target: Target) {
        self.blur = blur
        self.cameras = cameras
        self.covers = covers
        self.target = target
    }

    /// Opens the detectors that a way to blur asks for.
    ///
    /// - Returns: their names and versions.
    /// - Throws: `option_unsupported` where one cannot be opened.
    public static func checkedDetectors(_ blur: FaceBlur) throws(ExportError) -> String {
        do throws(FaceError) {
            return try FaceDetectors.check(blur.search)
        } catch {
            throw error.exportError
        }
    }

    /// Takes the picture as it is where no face is in it.
    public func still(_ picture: ImagePayload, bytes: UnsafeRawBufferPointer, of camera: Int, sample: Int) throws -> TransformedPicture {
        let areas = try areas(of: camera, sample: sample)
        // Of what is decoded nothing else is left than what a detector saw.
        guard !areas.isEmpty || target == .bytes && !picture.isAlone(bytes) else { return .unchanged }
        if let last = last[camera], last.sample == sample { return last.result }
        let decoder = decoders[camera] ?? PictureDecoder(topic: cameras[camera].topic)
        decoders[camera] = decoder
        let decoded = try decoder.decode(picture, bytes)
        let turn = PictureTurn(picture.orientation(bytes), width: decoded.width, height: decoded.height)
        let veiled = try decoded.covering(areas, blur, turn: turn)
        let result: TransformedPicture
        switch (target, picture.encoding) {
        case (.bytes, .jpeg), (.bytes, .png):
            let encoder = try encoder ?? StillEncoder()
            self.encoder = encoder
            result = .bytes(try encoder.encode(veiled, like: picture, bytes))
        default: result = .picture(veiled)
        }
        last[camera] = (sample, result)
        return result
    }

    /// Takes the picture as it is where no face is in it.
    public func picture(_ picture: Picture, of camera: Int, sample: Int) throws -> Picture {
        let areas = try areas(of: camera, sample: sample)
        guard !areas.isEmpty else { return picture }
        if let last = last[camera], last.sample == sample, case .picture(let known) = last.result { return known }
        let veiled = try picture.covering(areas, blur)
        last[camera] = (sample, .picture(veiled))
        return veiled
    }

    private func areas(of camera: Int, sample: Int) throws -> [FaceArea] {
        guard covers.indices.contains(camera), let cover = covers[camera], cover.isKnown(sample) else {
            throw ExportError(.internal, "A picture of \(cameras[camera].topic) was to be exported that no detector has looked at.")
        }
        return cover.boxes(of: sample).map(\.area)
    }
}

extension StillEncoder {
    /// Encodes a picture as the JPEG or PNG was that it comes from.
    func encode(_ picture: Picture, like source: ImagePayload, _ bytes: UnsafeRawBufferPointer) throws -> [UInt8] {
        guard source.encoding == .jpeg else { return try png(picture) }
        return try jpeg(picture, like: bytes, orientation: source.orientation(bytes).rawValue)
    }
}
