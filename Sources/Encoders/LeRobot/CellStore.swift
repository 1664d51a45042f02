import Media
import Parquet
import Recordings

/// The pictures of an episode as a column of cells, each the bytes of a JPEG or a PNG: those of the recording where it
/// has them, encoded once where not.
struct CellStore: FrameStore {
    private let fragment: RowGroupFragmentWriter
    private let cells: PictureColumn
    private let decoder: PictureDecoder

    init(path: String, feature: String, decoder: PictureDecoder) throws {
        fragment = try RowGroupFragmentWriter(creating: path, schema: ParquetSchema([DataTable.pictureField(feature)]))
        cells = try fragment.columns.pictures(feature)
        self.decoder = decoder
    }

    mutating func append(_ frame: Frame) throws {
        switch frame.picture.encoding {
        case .jpeg, .png: try cells.append(frame.bytes)
        default: try frame.jpeg().withUnsafeBytes { try cells.append($0) }
        }
    }

    func finish() throws { try fragment.finish() }

    func videoBytes() -> Int64 { 0 }
}
