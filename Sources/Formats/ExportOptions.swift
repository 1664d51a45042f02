public import Fields

/// One entry of a request's list of exports, fully typed.
///
/// A new format is one options file, one encoder folder and the one case here that the compiler then asks for everywhere
/// else: what is asked of options themselves, `FormatOptions` answers.
public enum ExportOptions: Hashable, Codable, Sendable {
    case coco(COCOOptions)
    case csv(CSVOptions)
    case frameDrops(FrameDropsOptions)
    case hdf5(HDF5Options)
    case imageCSV(ImageCSVOptions)
    case imageTAR(ImageTAROptions)
    case json(JSONOptions)
    case lerobot(LeRobotOptions)
    case mcap(MCAPOptions)
    case mcapChunks(MCAPChunksOptions)
    case timeAlignment(TimeAlignmentOptions)
    case voc(VOCOptions)
    case yolo(YOLOOptions)
}

/// The names of the formats, as they stand in requests, package names and history.
public enum FormatName: String, Codable, CaseIterable, Sendable {
    case coco
    case csv
    case frameDrops = "frame_drops"
    case hdf5
    case imageCSV = "image_csv"
    case imageTAR = "image_tar"
    case json
    case lerobot
    case mcap
    case mcapChunks = "mcap_chunks"
    case timeAlignment = "time_alignment"
    case voc
    case yolo
}

extension ExportOptions {
    /// The options, of whichever format they are.
    public var options: any FormatOptions {
        switch self {
        case .coco(let options): options
        case .csv(let options): options
        case .frameDrops(let options): options
        case .hdf5(let options): options
        case .imageCSV(let options): options
        case .imageTAR(let options): options
        case .json(let options): options
        case .lerobot(let options): options
        case .mcap(let options): options
        case .mcapChunks(let options): options
        case .timeAlignment(let options): options
        case .voc(let options): options
        case .yolo(let options): options
        }
    }

    /// The name of the format asked for.
    public var format: FormatName { type(of: options).format }

    /// The same with what holds where a key is left out whose default depends on other keys.
    public var resolved: ExportOptions { options.resolved.export }

    /// How faces in pictures are made unrecognisable; nil for not at all.
    ///
    /// Setting it has no effect on formats without pictures.
    public var faceBlur: FaceBlur? {
        get { options.faceBlur }
        set {
            var options = options
            options.faceBlur = newValue
            self = options.export
        }
    }
}

extension FormatName {
    /// The options of the format.
    var options: any FormatOptions.Type {
        switch self {
        case .coco: COCOOptions.self
        case .csv: CSVOptions.self
        case .frameDrops: FrameDropsOptions.self
        case .hdf5: HDF5Options.self
        case .imageCSV: ImageCSVOptions.self
        case .imageTAR: ImageTAROptions.self
        case .json: JSONOptions.self
        case .lerobot: LeRobotOptions.self
        case .mcap: MCAPOptions.self
        case .mcapChunks: MCAPChunksOptions.self
        case .timeAlignment: TimeAlignmentOptions.self
        case .voc: VOCOptions.self
        case .yolo: YOLOOptions.self
        }
    }

    /// What the format is, in one line.
    public var summary: String { options.summary }

    /// Whether the format is made of image sets; all others are made of recordings.
    public var takesImageSets: Bool { options.takesImageSets }

    /// The keys of the format, and how its options become an entry of `exports:`.
    var variant: Variant<ExportOptions> { Self.variant(of: options) }

    private static func variant<Options: FormatOptions>(of format: Options.Type) -> Variant<ExportOptions> {
        Variant(Options.fields, wrap: { $0.export }, unwrap: { $0.options as? Options })
    }
}

extension ExportOptions {
    /// One entry of `exports:`: `format:` and the keys of that format.
    public static let shape = Shape<ExportOptions>.variants(
        by: "format",
        "The format of this export. " + FormatName.allCases.map { "\($0.rawValue): \($0.summary)" }.joined(separator: " "),
        default: nil,
        choice: \.format,
        \.variant
    )
}
