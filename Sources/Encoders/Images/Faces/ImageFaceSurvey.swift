import Encoding
import ExportCore
import Faces
import Files
import Formats
import ImageSets
import Plans

/// Looks for faces in all images of a set that are exported, several of them side by side, and leaves in the part's folder what
/// assembly is to take in place of those that show one.
struct ImageFaceSurvey {
    /// What stands for the topic in the manifest.
    private static let topic = "images"

    let blur: FaceBlur
    let dataset: PlannedDataset
    let context: PartContext

    /// What one thread found.
    private final class Findings {
        var detector = ""
        var seals: [Int: CoveredImages.Seal] = [:]
        var areas: [(place: Int, file: String, areas: [FaceArea])] = []
    }

    /// Looks at the images of the part's table.
    ///
    /// - Parameter leftOut: images that could not be looked at and are not in the table.
    /// - Throws: the detectors' failures; `dataset_unreadable` where an image changes meanwhile or cannot be written again.
    func run(leftOut: Int) throws -> FaceBlurReport {
        let count = try AnnotationTable(folder: context.folder).imageCount
        let next = Counter()
        let findings = (0..<max(1, min(context.threads, count))).map { _ in Findings() }
        let covered = CoveredImages.folder(in: context.folder)
        try FileSystem.removeTree(covered)
        try FileSystem.makeDirectories(covered)
        try Lanes.run(findings) { findings in
            let table = try AnnotationTable(folder: context.folder)
            let files = ImageFiles(folder: dataset.setFolder)
            let look = try ImageFaceLook(blur)
            findings.detector = look.detector
            while case let place = next.increment() - 1, place < count {
                try context.cancellation.check()
                let file = try table.image(at: place).file
                let (seal, bytes) = try read(file, from: files)
                switch try bytes.withUnsafeBytes({ try look.look(at: $0) }) {
                case .kept(let end) where end == bytes.count: findings.seals[place] = seal
                case .kept(let end):
                    try OpenFile.creating(CoveredImages.path(of: place, in: context.folder)).write(Array(bytes[..<end]))
                    findings.seals[place] = .replaced
                case .covered(let made, let areas):
                    try OpenFile.creating(CoveredImages.path(of: place, in: context.folder)).write(made)
                    findings.seals[place] = .replaced
                    findings.areas.append((place, file, areas))
                case .leftOut: throw changed(file)
                }
                context.progress(WorkerProgress(fraction: Double(place + 1) / Double(count), dataset: dataset.id))
            }
        }
        try CoveredImages.write(findings.reduce(into: [:]) { $0.merge($1.seals) { first, _ in first } }, count: count, to: context.folder)
        let detector = findings[0].detector
        let areas = findings.flatMap(\.areas).sorted { $0.place < $1.place }
        try ImageFaceTable.write(areas.map { ($0.file, $0.areas) }, dataset: dataset.id, detector: detector, to: context.folder)
        return FaceBlurReport(
            dataset: dataset.id,
            topic: Self.topic,
            detector: detector,
            frames: count,
            looks: count,
            framesWithFaces: areas.count,
            trackedOnlyFrames: 0,
            boxes: areas.reduce(0) { $0 + $1.areas.count },
            leftOut: leftOut
        )
    }

    private func read(_ file: String, from files: ImageFiles) throws -> (CoveredImages.Seal, [UInt8]) {
        let source: OpenFile
        do {
            source = try files.open(file)
        } catch is ImageFiles.Unusable {
            throw changed(file)
        }
        let seal = CoveredImages.Seal(try source.status())
        let bytes = try source.read(at: 0, count: ImageFaceLook.mostBytes + 1)
        guard bytes.count <= ImageFaceLook.mostBytes, CoveredImages.Seal(try source.status()) == seal else { throw changed(file) }
        return (seal, bytes)
    }

    private func changed(_ file: String) -> ExportError {
        CoveredImages.changed(file, of: dataset.id)
    }
}

/// `face_blur.csv` of image sets: a row for each rectangle, in the order of the images (RFC 4180).
///
/// | column | holds |
/// |---|---|
/// | `dataset`, `file` | the image |
/// | `x`, `y`, `width`, `height` | what is covered, in pixels of the upright picture |
/// | `detector` | with versions |
enum ImageFaceTable {
    private static let name = "face_blur.csv"
    private static let columns = ["dataset", "file", "x", "y", "width", "height", "detector"]

    /// Writes the rows of a part.
    static func write(
        _ images: [(file: String, areas: [FaceArea])],
        dataset: DatasetID,
        detector: String,
        to folder: String
    ) throws {
        let path = "\(folder)/\(name)"
        try FileSystem.removeFile(path)
        let rows = try CSVFile(rowsAt: path)
        for (file, areas) in images {
            for area in areas {
                let numbers = [area.box.x, area.box.y, area.box.width, area.box.height].map { String(Int($0.rounded())) }
                try rows.append([CSVFile.cell(dataset.text), CSVFile.cell(file)] + numbers + [CSVFile.cell(detector)])
            }
        }
        try rows.finish()
    }

    /// Puts the rows of all sets into one table.
    static func assemble(_ folders: [String], to folder: String) throws {
        let table = try CSVFile("\(folder)/\(name)", columns: columns)
        for part in folders {
            let rows = try OpenFile.reading("\(part)/\(name)")
            while case let bytes = try rows.read(upTo: 1 << 20), !bytes.isEmpty { try table.append(rows: bytes) }
        }
        try table.finish()
    }
}
