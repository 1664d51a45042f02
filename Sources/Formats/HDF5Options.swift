public import ExportCore
public import Fields

/// What an `hdf5` export can be asked for.
public struct HDF5Options: Hashable, Codable, Sendable {
    /// How camera frames are stored.
    public enum ImageStorage: String, Codable, CaseIterable, Sendable {
        /// T variable-length byte arrays, one JPEG each; JPEG from the recording is passed on untouched.
        case jpeg
        /// A T×H×W×3 array of RGB bytes.
        case raw
    }

    /// How numeric arrays and raw images are compressed inside the file.
    ///
    /// JPEG bytes are never compressed again.
    public enum ArrayCompression: String, Codable, CaseIterable, Sendable {
        case none
        case gzip
    }

    /// Source recordings per file.
    public var chunkSize = 1
    /// Rate, clock, tolerance and strictness of the sampling.
    public var sampling = SamplingOptions()
    /// How camera frames are stored.
    public var images: ImageStorage = .jpeg
    /// How arrays are compressed inside the file.
    public var compression: ArrayCompression = .none
    /// How faces in camera pictures are made unrecognisable; not at all if nil.
    public var faceBlur: FaceBlur?
    /// Topics to features, in place of the rule by names and of the robot's profile.
    public var mapping: FeatureMapping?
    /// What stands in for a missing action.
    public var action: ActionSource = .topics
    /// The instruction for recordings without annotated segments and without a task in `dataset.yaml`.
    public var defaultTask: String?

    /// The defaults of the contract.
    public init() {}
}

extension HDF5Options: FaceBlurringFormat, SampledFormat {
    /// What the format is, in one line.
    public static let summary = "HDF5 files of episodes: states and actions as arrays, camera frames as JPEG."

    /// The keys that stand beside `format: hdf5` in a request.
    public static let fields = FieldSet(defaults: HDF5Options()) {
        Field("chunk_size", \.chunkSize, .integer(1...10_000), "Source recordings per file.")
        samplingFields
        Field("images", \.images, .choice(), "How camera frames are stored; JPEG from the recording is passed on untouched.")
        Field("compression", \.compression, .choice(), "How arrays are compressed inside the file; JPEG bytes never are.")
        faceBlurField
        featureFields
    }
}
