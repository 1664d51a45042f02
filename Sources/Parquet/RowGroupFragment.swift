internal import Files

/// Columns of one row group in a file that a `RowGroupFragmentWriter` has finished.
public struct RowGroupFragment: Sendable {
    /// The file.
    public let path: String
    /// How many rows each column has.
    public var rows: Int { description.rows }

    let description: FragmentDescription

    /// Reads what a fragment holds, not the pages.
    ///
    /// - Throws: `FileError`, and `ParquetError` where the file is no whole fragment.
    public init(reading path: String) throws {
        let file = try OpenFile.reading(path)
        let size = try file.status().bytes
        let trailerCount = FragmentDescription.trailerBytes
        let trailer = try file.read(at: max(0, size - Int64(trailerCount)), count: trailerCount)
        guard let count = FragmentDescription.bodyBytes(trailer: trailer), Int64(count) <= size - Int64(trailerCount) else {
            throw ParquetError(path, .badFragment("its end is missing"))
        }
        let start = size - Int64(trailerCount + count)
        let body = try file.read(at: start, count: count)
        guard let description = FragmentDescription(body, trailer: trailer, pageBytes: start) else {
            throw ParquetError(path, .badFragment("its description is damaged"))
        }
        self.path = path
        self.description = description
    }
}
