import Encoding
import ExportCore
import Files
import Formats
import ImageSets
import Plans

/// Exports of image sets, whatever they are written as.
///
/// A part is one image set: checked, and written as records that are read image by image. Only assembly knows all classes, names
/// and numbers of the package, so it is there that a format's writer writes its files.
struct ImageSetEncoder<Writer: ImageWriter>: Encoder {
    /// What a part leaves for assembly beside its records.
    struct Detail: Codable, Sendable {
        var summary: TableSummary
    }

    /// Goes up whenever the records of a part change.
    private static var recordVersion: Int { 4 }

    static var version: Int { 1_000 * recordVersion + Writer.version }

    let options: Writer.Options

    func estimate(_ dataset: PlannedDataset) throws(ExportError) -> PartEstimate {
        guard let counts = dataset.imageSet else {
            throw ExportError(.optionUnsupported, "\(dataset.id) is a recording, and this format is made of image sets.")
        }
        let pictures = options.contents.includesImages ? counts.pictureBytes : 0
        return PartEstimate(
            episodes: counts.images,
            frames: counts.annotations,
            bytesRead: dataset.files.first?.bytes ?? 0,
            bytesWritten: pictures + Int64(counts.annotations) * 200 + Int64(counts.images) * 200
        )
    }

    func encode(_ dataset: PlannedDataset, in context: PartContext) throws -> EncodedPart<Detail> {
        let files = ImageFiles(folder: dataset.setFolder)
        let needsPictures = options.contents.includesImages
        let faces = needsPictures ? options.contents.faceBlur : nil
        let look = try faces.map { try ImageFaceLook($0) }
        let source = TableSource(
            file: "\(dataset.setFolder)/annotations.json",
            filter: dataset.annotationFilter ?? AnnotationFilter(),
            metadata: dataset.metadata,
            inspect: { image, hasSize in
                switch try files.look(at: image.file) {
                case .fault(.missing) where !needsPictures && hasSize: return .init()
                case .fault(let fault): return .init(fault: fault)
                case .picture(let width, let height, let isTurned, let isCutOff):
                    if hasSize, width != image.width || height != image.height { return .init(fault: .sizeDiffers) }
                    if let look, try !files.canBeLookedAt(image.file, by: look) { return .init(fault: .unchecked) }
                    (image.width, image.height) = (width, height)
                    return .init(isTurned: isTurned, isCutOff: isCutOff)
                }
            },
            readMask: { try files.mask($0) }
        )
        let summary = try AnnotationTable.make(of: source, in: context.folder, cancellation: context.cancellation) { fraction in
            context.progress(WorkerProgress(fraction: fraction, dataset: dataset.id))
        }
        let leftOut = summary.imageFaults[.unchecked]?.count ?? 0
        let report = try faces.map { try ImageFaceSurvey(blur: $0, dataset: dataset, context: context).run(leftOut: leftOut) }
        var part = EncodedPart(
            episodes: summary.images,
            frames: summary.annotations,
            bytesRead: dataset.files.first?.bytes ?? 0,
            warnings: [],
            streams: [],
            detail: Detail(summary: summary)
        )
        part.faceBlur = report.map { [$0] }
        return part
    }

    func assemble(_ parts: [FinishedPart<Detail>], in context: AssemblyContext) throws {
        let sets = parts.map { part in
            ExportedSet(
                dataset: part.dataset,
                records: part.folder,
                summary: part.detail.summary,
                imagesWithFaces: part.record.faceBlur?.reduce(0) { $0 + $1.framesWithFaces } ?? 0
            )
        }
        try ImageAssembly<Writer>(options: options, sets: sets, context: context).run()
    }
}

extension PlannedDataset {
    /// The folder of an image set.
    var setFolder: String { FileSystem.parent(of: "\(store)/\(files.first?.path ?? "")") }
}

/// One image set of an export.
struct ExportedSet {
    let dataset: PlannedDataset
    /// The folder with its records.
    let records: String
    let summary: TableSummary
    /// Images in which faces are covered.
    let imagesWithFaces: Int
}
