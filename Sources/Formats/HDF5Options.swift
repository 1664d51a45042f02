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

    /// How the file is laid out: for whose loader.
    public enum Layout: String, Codable, CaseIterable, Sendable {
        /// Groups of arrays under the names of the features, several recordings to a file.
        case platform
        /// A file for each episode, as ACT and ALOHA have them.
        case aloha
        /// Demonstrations as robomimic's training reads them.
        case robomimic
    }

    /// For whose loader the file is laid out.
    public var layout: Layout = .platform
    /// Source recordings per file; what the layout wants if nil.
    public var chunkSize: Int?
    /// Rate, clock, tolerance and strictness of the sampling.
    public var sampling = SamplingOptions()
    /// How camera frames are stored; what the layout wants if nil.
    public var images: ImageStorage?
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
    /// Shares of the episodes by the name of the split, of which robomimic's filter keys are made; none where empty.
    public var splits: [String: Double] = [:]

    /// The defaults of the contract.
    public init() {}

    /// How camera frames are stored.
    public var imageStorage: ImageStorage { images ?? (layout == .robomimic ? .raw : .jpeg) }

    /// Source recordings per file: robomimic trains on one.
    public var recordingsPerFile: Int { chunkSize ?? (layout == .robomimic ? Int.max : 1) }

    /// The same with what holds where keys are left out.
    public var resolved: HDF5Options {
        var options = self
        options.images = imageStorage
        if layout == .platform { options.chunkSize = recordingsPerFile }
        return options
    }
}

extension HDF5Options: FaceBlurringFormat, SampledFormat {
    /// The format.
    public static let format = FormatName.hdf5

    /// What the format is, in one line.
    public static let summary = "HDF5 files of episodes: states and actions as arrays, camera frames as JPEG."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .hdf5(self) }

    /// The keys that stand beside `format: hdf5` in a request.
    public static let fields = FieldSet(
        defaults: HDF5Options(),
        fields: {
            Field("layout", \.layout, .choice(), "For whose loader files are laid out: the platform's own, ACT's (ALOHA) or robomimic's.")
            Field(
                "chunk_size",
                \.chunkSize,
                .integer(1...10_000),
                default: "1; all for robomimic",
                "Source recordings per file; not for aloha, where each episode is one."
            )
            samplingFields
            Field(
                "images",
                \.images,
                .choice(),
                default: "jpeg; raw for robomimic",
                "How camera frames are stored; JPEG from the recording is passed on untouched."
            )
            Field("compression", \.compression, .choice(), "How arrays are compressed inside the file; JPEG bytes never are.")
            Field(
                "splits",
                \.splits,
                .splitShares,
                "robomimic: filter keys by their shares, as train: 0.9; a dataset's episodes stay together."
            )
            faceBlurField
            featureFields
        },
        check: { options, node, path, problems in
            if options.layout == .aloha, options.chunkSize != nil {
                problems.add(node, path.key("chunk_size"), expected: "no key for layout: aloha, where each episode is a file")
            }
            if options.layout == .robomimic, options.images == .jpeg {
                problems.add(node, path.key("images"), expected: "raw for layout: robomimic, whose loader takes pixels only")
            }
            if options.layout != .robomimic, !options.splits.isEmpty {
                problems.add(node, path.key("splits"), expected: "no key but for layout: robomimic, which alone has filter keys")
            }
            options.splits.checkShares(at: path.key("splits"), node, &problems)
        }
    )
}
