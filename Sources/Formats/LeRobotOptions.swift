public import ExportCore
public import Fields

/// What a `lerobot` export can be asked for.
public struct LeRobotOptions: Hashable, Codable, Sendable {
    /// The version of the dataset format on disk.
    public enum FormatVersion: String, Codable, CaseIterable, Sendable {
        /// The newest that the official library reads: v3.0.
        case latest
        /// Many episodes to a file; read by lerobot 0.4 and later.
        case v30 = "v3.0"
        /// A file for each episode; read by lerobot 0.1 to 0.3, OpenPI and GR00T.
        case v21 = "v2.1"

        /// Whether files are laid out as v2.1 has them.
        public var isV21: Bool { self == .v21 }
    }

    /// How camera frames are stored.
    public enum ImageStorage: String, Codable, CaseIterable, Sendable {
        /// Encoded as video, one stream a camera.
        case video
        /// As pictures in the tables; JPEG and PNG from the recording are passed on untouched.
        case image
    }

    /// How video is encoded.
    public enum Codec: String, Codable, CaseIterable, Sendable {
        case av1
        case h264
    }

    /// How faces in camera pictures are made unrecognisable; not at all if nil.
    public var faceBlur: FaceBlur?
    /// What becomes an episode where annotated segments nest.
    public enum Subtasks: String, Codable, CaseIterable, Sendable {
        /// Every segment is an episode of its own.
        case episodes
        /// The outermost segments are episodes; the inner ones change the task from frame to frame.
        case frames
    }

    /// The type of the numbers in state, action and gripper.
    public enum StateType: String, Codable, CaseIterable, Sendable {
        case float32
        case float64
    }

    /// The version of the format.
    public var version: FormatVersion = .latest
    /// How camera frames are stored.
    public var images: ImageStorage = .video
    /// How video is encoded.
    public var codec: Codec = .av1
    /// The codec's constant rate factor; the codec's default where nil.
    public var crf: Int?
    /// Rate, clock, tolerance and strictness of the sampling.
    public var sampling = SamplingOptions()
    /// Topics to features, in place of the rule by names and of the robot's profile.
    public var mapping: FeatureMapping?
    /// What stands in for a missing action.
    public var action: ActionSource = .topics
    /// The instruction for recordings without annotated segments and without a task in `dataset.yaml`.
    public var defaultTask: String?
    /// What becomes an episode where segments nest.
    public var subtasks: Subtasks = .episodes
    /// The type of the numbers in state, action and gripper.
    public var stateType: StateType = .float32
    /// Whether the time at which each camera's frame was taken becomes a feature.
    public var hasCaptureTimes = false
    /// The robot's type in the dataset's metadata; that of the datasets, where they agree, if nil.
    public var robotType: String?
    /// The dataset's name in the dataset card, such as `team/kitchen`.
    public var repoID: String?
    /// Shares of the episodes by the name of the split; none where empty.
    public var splits: [String: Double] = [:]
    /// Whether `meta/modality.json` for GR00T is written.
    public var hasModality = false

    /// The defaults of the contract.
    public init() {}

    /// The constant rate factor that the video is encoded with.
    public var effectiveCRF: Int {
        crf
            ?? {
                switch codec {
                case .av1: 30
                case .h264: 23
                }
            }()
    }

    /// The same with what holds where keys are left out.
    public var resolved: LeRobotOptions {
        var options = self
        options.crf = effectiveCRF
        return options
    }
}

extension LeRobotOptions: FaceBlurringFormat, SampledFormat {
    /// The format.
    public static let format = FormatName.lerobot

    /// What the format is, in one line.
    public static let summary = "A LeRobot dataset (v3.0 or v2.1) with video or images, statistics and tasks."

    /// These options as an entry of a list of exports.
    public var export: ExportOptions { .lerobot(self) }

    /// The keys that stand beside `format: lerobot` in a request.
    public static let fields = FieldSet(
        defaults: LeRobotOptions(),
        fields: {
            Field("version", \.version, .choice(), "The dataset format's version; latest is v3.0, v2.1 is for OpenPI and GR00T.")
            Field(
                "images",
                \.images,
                .choice(),
                "Camera frames as video files, or as pictures in the tables (JPEG is passed on untouched)."
            )
            Field("codec", \.codec, .choice(), "How video is encoded.")
            Field(
                "crf",
                \.crf,
                .integer(0...63),
                default: "30 for av1, 23 for h264",
                "The codec's quality; smaller is better and larger in bytes."
            )
            faceBlurField
            samplingFields
            featureFields
            Field(
                "subtasks",
                \.subtasks,
                .choice(),
                "Every segment an episode, or only the outermost, with tasks that change from frame to frame."
            )
            Field("state_dtype", \.stateType, .choice(), "The type of the numbers in state, action and gripper.")
            Field("capture_time_ns", \.hasCaptureTimes, .boolean, "Adds observation.capture_time_ns: when each camera's frame was taken.")
            Field(
                "robot_type",
                \.robotType,
                .text("a type of robot", upTo: 200),
                default: "that of the datasets, where they agree",
                "The robot's type in the dataset's metadata."
            )
            Field(
                "repo_id",
                \.repoID,
                .text("a dataset's name", upTo: 200),
                default: "none",
                "The dataset's name in its card, such as team/kitchen."
            )
            Field("splits", \.splits, .splitShares, "Shares of the episodes by name, as train: 0.9; a dataset's episodes stay together.")
            Field("modality_json", \.hasModality, .boolean, "Writes meta/modality.json, which GR00T wants.")
        },
        check: { options, node, path, problems in
            if !options.sampling.rate.isWhole {
                problems.add(
                    node,
                    path.key("rate_hz"),
                    expected: "a whole number for lerobot, whose readers count frames by it",
                    hint: "Ask for \(Int(options.sampling.rate.value.rounded())), say."
                )
            }
            if options.codec == .h264, let crf = options.crf, crf > 51 {
                problems.add(node, path.key("crf"), expected: "from 0 to 51 for h264")
            }
            options.splits.checkShares(at: path.key("splits"), node, &problems)
        }
    )
}
