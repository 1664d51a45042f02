public import Fields

/// One entry of a request's list of exports, fully typed.
///
/// A new format is one options file, one encoder folder and the one case here that the compiler then asks for everywhere
/// else.
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
    /// The name of the format asked for.
    public var format: FormatName {
        switch self {
        case .coco: .coco
        case .csv: .csv
        case .frameDrops: .frameDrops
        case .hdf5: .hdf5
        case .imageCSV: .imageCSV
        case .imageTAR: .imageTAR
        case .json: .json
        case .lerobot: .lerobot
        case .mcap: .mcap
        case .mcapChunks: .mcapChunks
        case .timeAlignment: .timeAlignment
        case .voc: .voc
        case .yolo: .yolo
        }
    }
}

extension ExportOptions {
    /// The same with what holds where a key is left out whose default depends on other keys.
    public var resolved: ExportOptions {
        switch self {
        case .hdf5(let options): .hdf5(options.resolved)
        case .lerobot(let options): .lerobot(options.resolved)
        case .coco, .csv, .frameDrops, .imageCSV, .imageTAR, .json, .mcap, .mcapChunks, .timeAlignment, .voc, .yolo: self
        }
    }

    /// How faces in camera pictures are made unrecognisable; nil for not at all.
    ///
    /// Setting it has no effect on formats without pictures.
    public var faceBlur: FaceBlur? {
        get {
            switch self {
            case .hdf5(let options): options.faceBlur
            case .lerobot(let options): options.faceBlur
            case .mcap(let options): options.faceBlur
            case .mcapChunks(let options): options.faceBlur
            case .coco(let options): options.contents.faceBlur
            case .imageCSV(let options): options.contents.faceBlur
            case .imageTAR(let options): options.contents.faceBlur
            case .voc(let options): options.contents.faceBlur
            case .yolo(let options): options.contents.faceBlur
            case .csv, .frameDrops, .json, .timeAlignment: nil
            }
        }
        set {
            switch self {
            case .hdf5(var options):
                options.faceBlur = newValue
                self = .hdf5(options)
            case .lerobot(var options):
                options.faceBlur = newValue
                self = .lerobot(options)
            case .mcap(var options):
                options.faceBlur = newValue
                self = .mcap(options)
            case .mcapChunks(var options):
                options.faceBlur = newValue
                self = .mcapChunks(options)
            case .coco(var options):
                options.contents.faceBlur = newValue
                self = .coco(options)
            case .imageCSV(var options):
                options.contents.faceBlur = newValue
                self = .imageCSV(options)
            case .imageTAR(var options):
                options.contents.faceBlur = newValue
                self = .imageTAR(options)
            case .voc(var options):
                options.contents.faceBlur = newValue
                self = .voc(options)
            case .yolo(var options):
                options.contents.faceBlur = newValue
                self = .yolo(options)
            case .csv, .frameDrops, .json, .timeAlignment: break
            }
        }
    }
}

extension FormatName {
    /// The keys of the format, and how its options become an entry of `exports:`.
    var variant: Variant<ExportOptions> {
        switch self {
        case .coco:
            Variant(COCOOptions.fields, wrap: ExportOptions.coco) { options in
                if case .coco(let options) = options { options } else { nil }
            }
        case .csv:
            Variant(CSVOptions.fields, wrap: ExportOptions.csv) { options in
                if case .csv(let options) = options { options } else { nil }
            }
        case .frameDrops:
            Variant(FrameDropsOptions.fields, wrap: ExportOptions.frameDrops) { options in
                if case .frameDrops(let options) = options { options } else { nil }
            }
        case .hdf5:
            Variant(HDF5Options.fields, wrap: ExportOptions.hdf5) { options in
                if case .hdf5(let options) = options { options } else { nil }
            }
        case .imageCSV:
            Variant(ImageCSVOptions.fields, wrap: ExportOptions.imageCSV) { options in
                if case .imageCSV(let options) = options { options } else { nil }
            }
        case .imageTAR:
            Variant(ImageTAROptions.fields, wrap: ExportOptions.imageTAR) { options in
                if case .imageTAR(let options) = options { options } else { nil }
            }
        case .json:
            Variant(JSONOptions.fields, wrap: ExportOptions.json) { options in
                if case .json(let options) = options { options } else { nil }
            }
        case .lerobot:
            Variant(LeRobotOptions.fields, wrap: ExportOptions.lerobot) { options in
                if case .lerobot(let options) = options { options } else { nil }
            }
        case .mcap:
            Variant(MCAPOptions.fields, wrap: ExportOptions.mcap) { options in
                if case .mcap(let options) = options { options } else { nil }
            }
        case .mcapChunks:
            Variant(MCAPChunksOptions.fields, wrap: ExportOptions.mcapChunks) { options in
                if case .mcapChunks(let options) = options { options } else { nil }
            }
        case .timeAlignment:
            Variant(TimeAlignmentOptions.fields, wrap: ExportOptions.timeAlignment) { options in
                if case .timeAlignment(let options) = options { options } else { nil }
            }
        case .voc:
            Variant(VOCOptions.fields, wrap: ExportOptions.voc) { options in
                if case .voc(let options) = options { options } else { nil }
            }
        case .yolo:
            Variant(YOLOOptions.fields, wrap: ExportOptions.yolo) { options in
                if case .yolo(let options) = options { options } else { nil }
            }
        }
    }

    /// What the format is, in one line.
    public var summary: String {
        switch self {
        case .coco: COCOOptions.summary
        case .csv: CSVOptions.summary
        case .frameDrops: FrameDropsOptions.summary
        case .hdf5: HDF5Options.summary
        case .imageCSV: ImageCSVOptions.summary
        case .imageTAR: ImageTAROptions.summary
        case .json: JSONOptions.summary
        case .lerobot: LeRobotOptions.summary
        case .mcap: MCAPOptions.summary
        case .mcapChunks: MCAPChunksOptions.summary
        case .timeAlignment: TimeAlignmentOptions.summary
        case .voc: VOCOptions.summary
        case .yolo: YOLOOptions.summary
        }
    }
}

extension FormatName {
    /// Whether the format is made of image sets; all others are made of recordings.
    public var takesImageSets: Bool {
        switch self {
        case .coco, .imageCSV, .imageTAR, .voc, .yolo: true
        case .csv, .frameDrops, .hdf5, .json, .lerobot, .mcap, .mcapChunks, .timeAlignment: false
        }
    }
}

extension ExportOptions {
    /// One entry of `exports:`: `format:` and the keys of that format.
    public static let shape = Shape<ExportOptions>.variants(
        by: "format",
        "The format of this export.",
        default: nil,
        choice: \.format,
        \.variant
    )
}
