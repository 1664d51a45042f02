import ExportCore
import Files
import HDF5

/// One camera's JPEG in rows of one length, with zeros behind each, as ACT reads them.
///
/// How long rows must be only shows when all pictures are there, so they wait in a file.
final class PaddedPictures {
    /// Bytes that are held at a time when rows are written.
    private static let blockBytes = 8 << 20

    /// How many bytes of each row are the picture's.
    private(set) var lengths: [Int] = []

    private let group: HDF5Group
    private let name: String
    private let path: String
    private let file: OpenFile

    /// - Parameter path: of the file in which pictures wait; it is gone when `finish` returns.
    init(_ name: String, in group: HDF5Group, waitingAt path: String) throws {
        self.group = group
        self.name = name
        self.path = path
        try FileSystem.removeFile(path)
        file = try .creating(path)
    }

    func append(_ jpeg: UnsafeRawBufferPointer) throws {
        try file.write(jpeg)
        lengths.append(jpeg.count)
    }

    /// - Parameter length: of a row; at least that of the longest picture.
    func finish(length: Int) throws {
        let target = try group.makeDataset(name, of: UInt8.self, shape: [lengths.count, length], storage: .chunked(rows: 1))
        let waiting = try OpenFile.reading(path)
        let step = max(1, Self.blockBytes / max(length, 1))
        for first in stride(from: 0, to: lengths.count, by: step) {
            var rows: [UInt8] = []
            for count in lengths[first..<min(first + step, lengths.count)] {
                rows += try waiting.read(upTo: count)
                rows += repeatElement(0, count: length - count)
            }
            try target.writeRows(first: first, rows)
        }
        try FileSystem.removeFile(path)
    }
}
