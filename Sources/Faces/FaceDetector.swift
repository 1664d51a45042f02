import CFaces

/// A picture that faces are looked for in.
///
/// Most pictures of a camera are only followed from one to the next, in a small size, and never looked at by a detector: what is
/// asked for is made when it is asked for.
public protocol FacePicture {
    /// Its size.
    ///
    /// - Throws: what finding it out throws.
    func size() throws -> (width: Int, height: Int)
    /// Its brightness, made smaller by a whole factor, sides rounded up.
    ///
    /// - Throws: what decoding it throws.
    func gray(smallerBy factor: Int) throws -> GrayImage
    /// Its colours: blue, green and red of each pixel, row after row.
    ///
    /// - Throws: what converting it throws.
    func bgr() throws -> [UInt8]
}

/// A picture as detectors look at it.
struct LookedAtPicture {
    /// Its brightness, raised where it is dark.
    let gray: GrayImage
    /// Its colours: blue, green and red of each pixel, row after row.
    let bgr: () throws -> [UInt8]
}

/// Finds faces in single pictures.
///
/// Used by one thread at a time.
protocol FaceDetector: AnyObject {
    /// What it is and of which version, for people.
    var name: String { get }
    /// The faces in a picture, the same ones whenever it is called.
    ///
    /// - Throws: `FaceError` where the picture could not be looked at; nothing is known of it then.
    func faces(in picture: LookedAtPicture) throws -> [FaceBox]
}

/// dlib's detector of faces that look about ahead, in histograms of gradients.
///
/// Its model is compiled in. It takes heads that are turned in the picture by 25° and more, and its time hangs on the picture's
/// size and the smallest face alone.
final class GradientDetector: FaceDetector {
    let name = "dlib \(Library.dlibVersion) frontal_face_detector"
    private let handle: OpaquePointer
    private let smallest: Double
    private let threshold: Double

    /// - Parameters:
    ///   - smallest: pixels.
    ///   - threshold: added to what the model asks for; below 0 finds more.
    init(smallest: Double, threshold: Double) throws(FaceError) {
        handle = try Library.opening("open dlib's face detector", hint: nil) { exportd_hog_open($0) }
        self.smallest = smallest
        self.threshold = threshold
    }

    deinit { exportd_hog_close(handle) }

    func faces(in picture: LookedAtPicture) throws -> [FaceBox] {
        let gray = picture.gray
        let smallest = smallest * gray.growthOfSmallest
        return try Library.faces("look for faces with dlib") { faces, capacity, message in
            gray.withView { exportd_hog_detect(handle, $0, smallest, threshold, faces, capacity, message) }
        }
    }
}

extension GrayImage {
    /// How many times larger the smallest face is that is looked for: pictures of more than 1280 × 720 pixels are looked at as if they had
    /// so many, so that time stays bounded.
    fileprivate var growthOfSmallest: Double { max(1, (Double(width * height) / (1280 * 720)).squareRoot()) }
}

/// A cascade of OpenCV from Debian's opencv-data.
final class CascadeDetector: FaceDetector {
    /// Where Debian's opencv-data puts the cascades.
    static let folder = "/usr/share/opencv4/haarcascades"

    /// What is looked for and how closely.
    struct Settings {
        /// The file's name without its ending.
        var cascade: String
        /// Pixels.
        var smallest: Double
        /// From one size to the next.
        var step: Double
        /// More windows than this must agree.
        var neighbours: Int32
        /// Whether the picture is looked at in the mirror too, for cascades of one side.
        var isOneSided = false
    }

    let name: String
    private let handle: OpaquePointer
    private let settings: Settings

    init(_ settings: Settings) throws(FaceError) {
        let path = "\(Self.folder)/\(settings.cascade).xml"
        handle = try Library.opening("read the cascade \(path)", hint: "Install Debian's package opencv-data.") { message in
            exportd_cascade_open(path, message)
        }
        self.settings = settings
        name = "OpenCV \(Library.openCVVersion) \(settings.cascade)"
    }

    deinit { exportd_cascade_close(handle) }

    func faces(in picture: LookedAtPicture) throws -> [FaceBox] {
        let found = try faces(in: picture.gray, mirrored: false)
        return settings.isOneSided ? found + (try faces(in: picture.gray, mirrored: true)) : found
    }

    private func faces(in gray: GrayImage, mirrored: Bool) throws(FaceError) -> [FaceBox] {
        let smallest = settings.smallest * gray.growthOfSmallest
        return try Library.faces("look for faces with \(settings.cascade)") { faces, capacity, message in
            gray.withView { view in
                exportd_cascade_detect(
                    handle,
                    view,
                    smallest,
                    settings.step,
                    settings.neighbours,
                    mirrored ? 1 : 0,
                    faces,
                    capacity,
                    message
                )
            }
        }
    }
}

/// OpenCV's FaceDetectorYN with a model that the site brings.
final class NetworkDetector: FaceDetector {
    let name: String
    private let handle: OpaquePointer

    /// - Parameter threshold: the least score of a face, 0 to 1.
    init(model: String, threshold: Double) throws(FaceError) {
        handle = try Library.opening(
            "read the face model \(model)",
            hint: "Name a YuNet model that OpenCV \(Library.openCVVersion) reads in faces.model of the configuration, or remove the key."
        ) { message in exportd_yunet_open(model, threshold, message) }
        name = "OpenCV \(Library.openCVVersion) FaceDetectorYN"
    }

    deinit { exportd_yunet_close(handle) }

    func faces(in picture: LookedAtPicture) throws -> [FaceBox] {
        let (width, height) = (picture.gray.width, picture.gray.height)
        let colours = try picture.bgr()
        guard colours.count == width * height * 3 else { throw FaceError("Could not look for faces: the picture's colours are not whole.") }
        return try Library.faces("look for faces with the model") { faces, capacity, message in
            colours.withUnsafeBufferPointer { buffer in
                let view = exportd_gray(
                    pixels: buffer.baseAddress,
                    width: Int32(width),
                    height: Int32(height),
                    stride: width * 3
                )
                return exportd_yunet_detect(handle, view, faces, capacity, message)
            }
        }
    }
}
