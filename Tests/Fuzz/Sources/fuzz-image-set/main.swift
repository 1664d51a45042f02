import ExportCore
import Files
import FuzzInput
import Glibc
import ImageSets

private let input = InputFile()
private let folder = "/dev/shm/fuzz-image-set.\(getpid())"

/// The input is an image set's `annotations.json`: refused in words, or a table that is read back whole, image by image.
@_cdecl("LLVMFuzzerTestOneInput")
public func run(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    input.fill(UnsafeRawBufferPointer(start: data, count: count))
    let survey = try? ImageSetSurvey.read(input.path, cancellation: Cancellation())
    do {
        try FileSystem.removeTree(folder)
        try FileSystem.makeDirectories(folder)
        var filter = AnnotationFilter()
        // Half of the inputs are read under conditions.
        if count % 2 == 1 {
            filter.annotators = ["a*"]
            filter.tags = ["[!x]?"]
            filter.to = Timestamp(nanoseconds: 1_900_000_000_000_000_000)
        }
        let source = TableSource(
            file: input.path,
            filter: filter,
            metadata: DatasetMetadata(),
            inspect: { _, hasSize in ImageInspection(fault: hasSize ? nil : .missing) },
            readMask: { _ in nil }
        )
        let summary = try AnnotationTable.make(of: source, in: folder, cancellation: Cancellation()) { _ in }
        precondition(survey != nil, "A set was refused without its shapes and taken with them")
        let table = try AnnotationTable(folder: folder)
        precondition(table.imageCount == summary.images, "A table holds \(table.imageCount) images of \(summary.images)")
        var annotations: [SetAnnotation] = []
        var total = 0
        for position in 0..<table.imageCount {
            let image = try table.read(position, annotations: &annotations, details: .all)
            precondition(ImagePath.isInside("images", image.file), "An image leads out of its set: \(image.file)")
            for annotation in annotations {
                precondition(summary.categories.indices.contains(annotation.category), "An annotation has no class")
            }
            total += annotations.count
        }
        precondition(total == summary.annotations, "A table holds \(total) annotations of \(summary.annotations)")
    } catch let error as ImageSetError {
        precondition(survey == nil || !error.description.isEmpty, "A set was refused without words")
    } catch {
        preconditionFailure("A set of images was refused with \(error)")
    }
    return 0
}
