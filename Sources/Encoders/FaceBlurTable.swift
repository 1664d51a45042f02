import Encoding
import ExportCore
import Faces
import Files
import Plans

/// `face_blur.csv`: a row for each face in each picture (RFC 4180), in the order of the pictures' times.
///
/// | column | holds |
/// |---|---|
/// | `dataset`, `topic` | the camera |
/// | `time_ns` | when the picture was taken, by the export's clock |
/// | `x`, `y`, `width`, `height` | what is covered, in pixels of the upright picture |
/// | `found` | `detected` in this picture, or `tracked` from its neighbours |
/// | `detector` | with versions |
final class FaceBlurTable {
    private static let name = "face_blur.csv"
    private static let columns = ["dataset", "topic", "time_ns", "x", "y", "width", "height", "found", "detector"]

    private let file: CSVFile

    /// The rows of a part.
    init(folder: String) throws {
        let path = "\(folder)/\(Self.name)"
        // Sampling may begin anew when it meets a message that holds no sample.
        try FileSystem.removeFile(path)
        file = try CSVFile(rowsAt: path)
    }

    /// Appends what is covered in a camera's pictures.
    ///
    /// - Parameter time: when a frame was taken, in nanoseconds.
    func append(_ cover: FaceCover, dataset: DatasetID, topic: String, time: (Int) -> Int64) throws {
        let camera = [CSVFile.cell(dataset.text), CSVFile.cell(topic)]
        let detector = CSVFile.cell(cover.detector)
        for entry in cover.entries {
            let box = [entry.box.x, entry.box.y, entry.box.width, entry.box.height].map { String(Int($0.rounded())) }
            try file.append(camera + [String(time(entry.frame))] + box + [entry.isTracked ? "tracked" : "detected", detector])
        }
    }

    /// Completes the file.
    func finish() throws {
        try file.finish()
    }

    /// Puts the rows of all parts into one table; none where no part has any.
    static func assemble(_ parts: [FinishedPart<some Codable & Sendable>], to folder: String) throws {
        guard parts.contains(where: { $0.record.faceBlur != nil }) else { return }
        try FileSystem.makeDirectories(folder)
        let table = try CSVFile("\(folder)/\(name)", columns: columns)
        for part in parts where part.record.faceBlur != nil {
            let rows = try OpenFile.reading("\(part.folder)/\(name)")
            while true {
                let bytes = try rows.read(upTo: 1 << 20)
                if bytes.isEmpty { break }
                try table.append(rows: bytes)
            }
        }
        try table.finish()
    }
}
