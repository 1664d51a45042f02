public import Encoding
public import Formats

extension ExportOptions {
    /// The encoder behind these options: the one place where formats and encoders meet.
    public func makeEncoder() -> any Encoder {
        switch self {
        case .coco(let options): ImageSetEncoder<COCOWriter>(options: options)
        case .csv(let options): TablesEncoder(options.tables)
        case .frameDrops(let options): FrameDropsEncoder(options: options)
        case .hdf5(let options): HDF5EpisodesEncoder(options: options)
        case .imageCSV(let options): ImageSetEncoder<ImageCSVWriter>(options: options)
        case .imageTAR(let options): ImageSetEncoder<ImageTARWriter>(options: options)
        case .json(let options): TablesEncoder(options.tables)
        case .lerobot(let options): LeRobotEncoder(options: options)
        case .mcap(let options): MCAPPlaybackEncoder(options: options)
        case .mcapChunks(let options): MCAPChunksEncoder(options: options)
        case .timeAlignment(let options): TimeAlignmentEncoder(options: options)
        case .voc(let options): ImageSetEncoder<VOCWriter>(options: options)
        case .yolo(let options): ImageSetEncoder<YOLOWriter>(options: options)
        }
    }
}
