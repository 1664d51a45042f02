import Media
import Parquet

/// The pictures of an episode as a column of cells, each the bytes of a JPEG or a PNG: those of the recording where it
/// has them, encoded once where not.
struct CellStore: FrameStore {
    private let fragment: RowGroupFragmentWriter
    private let cells: PictureColumn

    init(path: String, feature: String) throws {
        fragment = try RowGroupFragmentWriter(creating: path, schema: ParquetSchema([DataTable.pictureField(feature)]))
        cells = try fragment.columns.pictures(feature)
    }

    mutating func append(_ frame: Frame) throws {
        if let original = frame.original {
            try cells.append(original)
        } else {
            try frame.jpeg().withUnsafeBytes { try cells.append($0) }
        }
    }

    func finish() throws { try fragment.finish() }

    func videoBytes() -> Int64 { 0 }
}
