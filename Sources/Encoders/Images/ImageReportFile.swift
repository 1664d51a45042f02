import ExportCore
import Files
import ImageSets
import Media
import Plans
import Recordings
import Report

/// Writes `report.html` of an export of image sets: what it holds, what it does not, and samples with their annotations drawn.
struct ImageReportFile {
    /// The longest side of a sample's picture.
    private static let side = 320
    /// Pictures with more bytes or pixels would take too much memory, and are shown without their pixels.
    static let mostBytes = 32 << 20
    private static let mostPixels = 24_000_000

    /// What the format is, in one line.
    let summary: String
    let tally: ImageTally
    let report: ImageExportReport
    let sets: [ExportedSet]
    let sampler: ImageSampler
    /// The bytes of an image as the package has it; nil where there are none that may be shown.
    let picture: (ExportedImage) throws -> [UInt8]?
    let cancellation: Cancellation

    /// Writes the page.
    func write(to path: String) throws {
        let samples = try sampler.samples { image in
            try cancellation.check()
            guard image.width * image.height <= Self.mostPixels, let bytes = try picture(image) else { return nil }
            return Self.thumbnail(of: bytes)
        }
        let classes = tally.classes
        var types: [String: Int] = [:]
        for entry in classes { types.merge(entry.annotations) { $0 + $1 } }
        let page = try ImageReportPage(
            ImageReport(
                summary: summary,
                images: tally.images,
                emptyImages: tally.emptyImages,
                annotations: tally.annotations,
                datasets: sets.map {
                    .init(name: $0.dataset.id.text, images: $0.summary.images, annotations: $0.summary.annotations)
                },
                classes: classes.map { .init(name: $0.name, images: $0.images, annotations: $0.annotations.values.reduce(0, +)) },
                splits: ImageSplit.allCases.compactMap { split in
                    tally.splits[split.rawValue].map { .init(name: split.rawValue, images: $0, annotations: nil) }
                },
                types: AnnotationType.allCases.compactMap { type in
                    types[type.rawValue].map { .init(name: type.rawValue, images: nil, annotations: $0) }
                },
                losses: losses,
                samples: samples
            ),
            version: Version.current
        )
        try FileSystem.writeAtomically(path, Array(page.html().utf8))
    }

    private var losses: [ImageReport.Loss] {
        func lines(_ counts: ImageExportReport.Counts, _ kind: ImageReport.Loss.Kind) -> [ImageReport.Loss] {
            counts.sorted.map { entry, value in
                .init(
                    kind: kind,
                    type: entry.type?.rawValue ?? "",
                    reason: value.meaning,
                    format: entry.format,
                    count: value.count,
                    examples: value.examples
                )
            }
        }
        return lines(report.dropped, .dropped) + lines(report.reduced, .reduced) + lines(report.images, .image)
            + lines(report.categories, .category)
    }

    /// A small picture of an image; nil where it cannot be decoded, which is told elsewhere.
    private static func thumbnail(of bytes: [UInt8]) -> (jpeg: [UInt8], orientation: Int)? {
        bytes.withUnsafeBytes { bytes in
            let format: ImageDecoder.Format
            var orientation = 1
            if bytes.starts(with: [0xFF, 0xD8]) {
                format = .jpeg
                orientation = JPEGHeader(bytes).map { Int($0.orientation.rawValue) } ?? 1
            } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
                format = .png
            } else if bytes.starts(with: "RIFF".utf8) {
                format = .webp
            } else {
                return nil
            }
            guard let jpeg = try? Picture.thumbnail(of: bytes, format, side: side) else { return nil }
            return (jpeg, orientation)
        }
    }
}
