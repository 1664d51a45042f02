public import Fields

/// How faces in pictures are made unrecognisable.
public struct FaceBlur: Hashable, Codable, Sendable {
    /// What stands in place of a face.
    public enum Style: String, Codable, CaseIterable, Sendable {
        /// Colours that run smoothly into each other.
        case blur
        /// A few squares of one colour each.
        case pixelate
        /// One colour.
        case fill
    }

    /// How much time and how many false finds are put up with to miss fewer faces.
    public enum Sensitivity: String, Codable, CaseIterable, Sendable {
        case normal
        case high
    }

    /// A model of the site's that looks for faces in place of the detectors that come with exportd.
    public struct Model: Hashable, Codable, Sendable {
        /// The absolute path of the ONNX file.
        public var path: String
        /// Its SHA-256, so that parts which another file made are not used again.
        public var sha256: String

        /// A model.
        public init(path: String, sha256: String) {
            self.path = path
            self.sha256 = sha256
        }
    }

    /// What stands in place of a face.
    public var style: Style = .blur
    /// How much is done to miss fewer.
    public var sensitivity: Sensitivity = .normal
    /// The site's model; filled in while planning, no request can name one.
    public var model: Model?

    /// The defaults.
    public init() {}
}

/// A format with camera pictures, in which faces can be made unrecognisable.
public protocol FaceBlurringFormat: FormatOptions {
    /// How; nil for not at all.
    var faceBlur: FaceBlur? { get set }
}

extension FaceBlurringFormat {
    /// The key that asks for it.
    public static var faceBlurField: Field<Self> {
        Field(
            "face_blur",
            \.faceBlur,
            FaceBlur.shape,
            "Makes faces in camera pictures unrecognisable; a picture that cannot be checked is left out."
        )
    }
}

extension FaceBlur {
    /// `true`, `false`, or a mapping that says how.
    static let shape = Shape<FaceBlur?>.switch(
        on: FaceBlur(),
        or: .set(
            FieldSet(defaults: FaceBlur()) {
                Field("style", \.style, .choice(), "What stands in place of a face.")
                Field("sensitivity", \.sensitivity, .choice(), "high looks more often and for smaller faces, and takes longer.")
            }
        )
    )
}
