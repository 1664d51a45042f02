import Encoding
import ExportCore
import Files
import Formats
import ImageSets
import Plans

/// Makes an export of image sets from their records: decides on classes, splits, names and numbers, and hands every image to the
/// format's writer.
struct ImageAssembly<Writer: ImageWriter> {
    let options: Writer.Options
    let sets: [ExportedSet]
    let context: AssemblyContext

    func run() throws {
        let plan = ClassPlan(sets.map(\.summary.categories), options.contents.classes)
        let splits = SplitPlan(options.contents)
        let report = ImageExportReport()
        note(plan, in: report)
        let present = try splitsPresent(splits)
        let writer = try Writer(
            options,
            in: ImageWriterContext(
                folder: context.folder,
                imageFiles: SmallFiles(context.bundle),
                classes: plan.classes,
                splits: ImageSplit.allCases.filter(present.contains),
                sets: sets.map(\.dataset),
                hasPictures: options.contents.includesImages,
                report: report,
                cancellation: context.cancellation
            )
        )
        var tally = ImageTally(classes: plan.classes.map(\.name))
        var sampler = ImageSampler(classes: plan.classes)
        try forEachImage(plan, splits, report) { image, annotations, source in
            tally.add(image, annotations)
            sampler.add(image, annotations)
            try writer.write(image, annotations)
            if options.contents.includesImages {
                try copyPicture(of: image, from: source, to: "\(context.folder)/\(writer.picturePath(of: image))")
            }
        }
        try writer.finish()
        guard tally.images > 0 else {
            throw ExportError(
                .selectionEmpty,
                "No image is left to export.",
                hint: "The image sets' own images were all left out: " + (report.sentences.first ?? "they list none.")
            )
        }
        if options.coversFaces { try noteFaces(in: report) }
        try FileSystem.writeAtomically(
            "\(context.folder)/export_report.json",
            try ReportDocument(tally: tally, report: report, sets: sets, format: Writer.Options.self).json()
        )
        try ImageReportFile(
            summary: Writer.Options.summary,
            tally: tally,
            report: report,
            sets: sets,
            sampler: sampler,
            picture: try ReportPictures(sets: sets, contents: options.contents) { image in
                "\(context.folder)/\(writer.picturePath(of: image))"
            }.bytes(of:),
            cancellation: context.cancellation
        ).write(to: "\(context.folder)/report.html")
        for warning in report.warnings { context.warnings.add(warning) }
    }

    /// Which splits hold images; only a draw must look at the images for it.
    private func splitsPresent(_ splits: SplitPlan) throws -> Set<ImageSplit> {
        var present: Set<ImageSplit> = []
        for set in sets {
            guard splits.draws else {
                present.formUnion(set.summary.splits.keys)
                if set.summary.splits.values.reduce(0, +) < set.summary.images { present.insert(.train) }
                continue
            }
            let table = try AnnotationTable(folder: set.records)
            for position in 0..<table.imageCount {
                if position % 1_024 == 0 { try context.cancellation.check() }
                present.insert(splits.split(of: try table.image(at: position), in: set.dataset.id))
            }
        }
        return present
    }

    private func forEachImage(
        _ plan: ClassPlan,
        _ splits: SplitPlan,
        _ report: ImageExportReport,
        _ body: (ExportedImage, [ExportedAnnotation], ImageSource) throws -> Void
    ) throws {
        let types = Set(options.contents.types.isEmpty ? AnnotationType.allCases : options.contents.types)
        var names = FlatNames()
        var imageID = 0
        var annotationID = 0
        var records: [SetAnnotation] = []
        var annotations: [ExportedAnnotation] = []
        for (number, set) in sets.enumerated() {
            let table = try AnnotationTable(folder: set.records)
            let files = ImageFiles(folder: set.dataset.setFolder)
            let covered = options.coversFaces ? try CoveredImages(part: set.records) : nil
            let prefix = sets.count > 1 ? "\(try OutputName.path(of: set.dataset.id))/" : ""
            let positions = plan.positions[number]
            for place in 0..<table.imageCount {
                try context.cancellation.check()
                let source = try table.read(place, annotations: &records, details: Writer.details)
                let path = prefix + source.file.dropFirst("images/".count)
                imageID += 1
                let image = ExportedImage(
                    id: imageID,
                    dataset: set.dataset.id,
                    image: source,
                    path: path,
                    flatName: names.name(for: path),
                    split: splits.split(of: source, in: set.dataset.id)
                )
                annotations.removeAll(keepingCapacity: true)
                for record in records {
                    let position = positions[record.category]
                    guard position >= 0, types.contains(record.shape.type) else {
                        report.unwanted(byClass: position < 0)
                        continue
                    }
                    annotationID += 1
                    let annotation = ExportedAnnotation(id: annotationID, classIndex: position, annotation: record)
                    if case .keypoints(let points, _) = record.shape, !Self.fits(points, plan.classes[position]) {
                        report.drop(annotation, of: image, "keypoints_differ", "have other keypoints than their class has in the first set")
                        continue
                    }
                    annotations.append(annotation)
                }
                try body(image, annotations, ImageSource(files: files, covered: covered, position: place))
            }
        }
    }

    private static func fits(_ points: [Double], _ entry: ExportedClass) -> Bool {
        entry.category.keypoints.isEmpty || entry.category.keypoints.count * 3 == points.count
    }

    private func copyPicture(of image: ExportedImage, from place: ImageSource, to target: String) throws {
        let source: OpenFile
        do {
            source = try place.open(image)
        } catch is ImageFiles.Unusable {
            throw ExportError(
                .datasetUnreadable,
                "The image \(image.image.file) of \(image.dataset) was there when the set was read and is gone now.",
                hint: "Retry the job once nobody changes the set any more.",
                location: .init(dataset: image.dataset)
            )
        }
        let size = try source.status().bytes
        let copy: OpenFile
        do throws(FileError) {
            copy = try .creating(target)
        } catch {
            guard error.isMissing else { throw error }
            try FileSystem.makeDirectories(FileSystem.parent(of: target))
            copy = try .creating(target)
        }
        try source.copy(0..<size, to: copy)
        try place.check(source, of: image)
    }

    // MARK: Report

    /// Lists the faces that are covered.
    private func noteFaces(in report: ImageExportReport) throws {
        try ImageFaceTable.assemble(sets.map(\.records), to: context.folder)
        report.add(
            images: sets.reduce(0) { $0 + $1.imagesWithFaces },
            "faces_covered",
            "show faces, which were made unrecognisable, so that they are encoded once more"
        )
    }

    private func note(_ plan: ClassPlan, in report: ImageExportReport) {
        for set in sets {
            let name = set.dataset.id.text
            func places(_ count: TableSummary.Count) -> [String] { count.examples.map { "\(name): \($0)" } }
            let summary = set.summary
            for (fault, count) in summary.annotationFaults {
                report.add(dropped: count.count, fault.rawValue, nil, fault.meaning, examples: places(count))
            }
            for (fault, count) in summary.imageFaults {
                report.add(images: count.count, fault.rawValue, "\(fault.meaning), and are left out", examples: places(count))
            }
            let lost = summary.lostPolygons
            report.add(reduced: lost.count, "polygon_degenerate", .polygon, "lose a polygon without an area", examples: places(lost))
            let turned = summary.turnedImages
            report.add(
                images: turned.count,
                "image_turned",
                "are stored turned or mirrored, which programs that do not look at Exif data will not see",
                examples: places(turned)
            )
            let cut = summary.cutOffImages
            report.add(
                images: cut.count,
                "image_cut_off",
                "end before their picture does, and many programs will not open them",
                examples: places(cut)
            )
            report.unselected(annotations: summary.unselectedAnnotations, images: summary.unselectedImages)
            for (code, names, meaning) in [
                ("category_repeated", summary.repeatedCategories, "repeat another's id and are left out"),
                ("category_merged", summary.mergedCategories, "have another's name and are taken for it"),
                ("category_circular", summary.circularCategories, "lie below themselves, so that what is above them is left out"),
            ] where !names.isEmpty {
                report.add(categories: names.count, code, meaning, examples: names.prefix(5).map { "\(name): \($0)" })
            }
        }
        if !plan.missing.isEmpty {
            let examples = Array(plan.missing.prefix(5))
            report.add(categories: plan.missing.count, "class_missing", "are named in the request and no set has them", examples: examples)
        }
    }
}
