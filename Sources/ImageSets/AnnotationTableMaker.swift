import Bytes
public import ExportCore
import Files
public import Geometry

/// What is made a table of.
public struct TableSource {
    /// The set's `annotations.json`.
    public var file: String
    /// What the selection asks of single annotations.
    public var filter: AnnotationFilter
    /// What the dataset says for annotations that say nothing themselves.
    public var metadata: DatasetMetadata
    /// Looks at an image's file; may give the image the size that it lacks.
    public var inspect: (_ image: inout SetImage, _ hasSize: Bool) throws -> ImageInspection
    /// Reads a mask from a file of the set, such as `masks/7.png`; nil where there is none.
    public var readMask: (_ file: String) throws -> RunLengthMask?

    /// The annotations of a file.
    public init(
        file: String,
        filter: AnnotationFilter,
        metadata: DatasetMetadata,
        inspect: @escaping (_ image: inout SetImage, _ hasSize: Bool) throws -> ImageInspection,
        readMask: @escaping (_ file: String) throws -> RunLengthMask?
    ) {
        self.file = file
        self.filter = filter
        self.metadata = metadata
        self.inspect = inspect
        self.readMask = readMask
    }
}

/// What a look at an image's file came to.
public struct ImageInspection: Hashable, Sendable {
    /// Why the image is to be left out, where it is.
    public var fault: ImageFault?
    /// Whether it is stored turned or mirrored.
    public var isTurned: Bool
    /// Whether its file ends before the picture does.
    public var isCutOff: Bool

    /// What a look came to; nothing to speak of by default.
    public init(fault: ImageFault? = nil, isTurned: Bool = false, isCutOff: Bool = false) {
        self.fault = fault
        self.isTurned = isTurned
        self.isCutOff = isCutOff
    }
}

extension AnnotationTable {
    /// Reads a set once, checks it, and writes what can be taken as a table that gives it image by image.
    ///
    /// Memory does not grow with the shapes: an annotation takes some 10 bytes at the end, an image about 150 before.
    ///
    /// - Parameters:
    ///   - folder: where the table's files go.
    ///   - progress: told how much of the file was read, from 0 to 1.
    /// - Throws: `ImageSetError` where the file is no set, `FileError`, `CancellationError`, and what the source's closures throw.
    public static func make(
        of source: TableSource,
        in folder: String,
        cancellation: Cancellation,
        progress: @escaping (Double) -> Void
    ) throws -> TableSummary {
        let file = try MappedFile(path: source.file)
        file.expect(.sequential)
        var maker = try TableMaker(source, folder: folder, file: file, cancellation: cancellation, progress: progress)
        try file.withBytes { bytes in
            var parser = ImageSetParser<TableMaker>(bytes.assumingMemoryBound(to: UInt8.self), file: source.file)
            try parser.parse(&maker)
        }
        return try maker.finish()
    }
}

/// Takes the things of a set in the order of its file and writes them as records; what refers to what is resolved at the end.
private struct TableMaker: ImageSetHandler, ~Copyable {
    private let source: TableSource
    private let folder: String
    private let size: Int
    private let cancellation: Cancellation
    private let progress: (Double) -> Void
    private var pages: ReleasedPages
    private var test: AnnotationTest
    private var summary = TableSummary()

    private var categories = CategoryTable()
    private var images: RecordBuffer
    private var annotations: RecordBuffer

    /// A slot for every image id that was met, as an image or in an annotation.
    private var imageSlots: [Int64: UInt32] = [:]
    /// The one that was looked up last: annotations of one image mostly follow each other.
    private var lastSlot = (id: Int64?.none, slot: UInt32(0))
    /// For each slot the position of its image in the table; -1 where none was met, -2 where it is left out.
    private var slotImages: [Int32] = []
    private var imageOffsets: [UInt64] = []
    private var imageSizes: [(width: UInt32, height: UInt32)] = []
    private var imageSplits: [ImageSplit?] = []
    private var files: Set<ExactPath> = []
    /// For each slot whether the selection left an annotation of it out.
    private var slotHasUnselected: [Bool] = []

    /// What is resolved at the end, of each record.
    private var keys: RecordKeyWriter

    init(
        _ source: TableSource,
        folder: String,
        file: MappedFile,
        cancellation: Cancellation,
        progress: @escaping (Double) -> Void
    ) throws {
        let images = try RecordBuffer("\(folder)/\(AnnotationTable.imagesName)")
        let annotations = try RecordBuffer("\(folder)/\(AnnotationTable.annotationsName)")
        let keys = try RecordKeyWriter("\(folder)/\(AnnotationTable.keysName)")
        self.source = source
        self.folder = folder
        self.cancellation = cancellation
        self.progress = progress
        size = max(file.count, 1)
        pages = ReleasedPages(file)
        test = AnnotationTest(source.filter, defaults: source.metadata)
        self.images = images
        self.annotations = annotations
        self.keys = keys
    }

    var wantsShapes: Bool { true }

    mutating func reached(_ offset: Int) throws {
        try cancellation.check()
        pages.release(to: offset)
        progress(Double(offset) / Double(size))
    }

    // MARK: Categories and images

    mutating func take(category: ImageCategory, supercategory: String?, id: Int64?) {
        categories.add(category, above: supercategory, id: id, to: &summary)
    }

    private mutating func slot(ofImage id: Int64) -> UInt32 {
        if lastSlot.id == id { return lastSlot.slot }
        if let slot = imageSlots[id] {
            lastSlot = (id, slot)
            return slot
        }
        let slot = UInt32(slotImages.count)
        imageSlots[id] = slot
        slotImages.append(-1)
        slotHasUnselected.append(false)
        return slot
    }

    mutating func take(image raw: RawImage) throws {
        let place = raw.file ?? "an image without a file"
        func leftOut(_ fault: ImageFault, _ summary: inout TableSummary) { summary.imageFaults[fault, default: .init()].add(place) }
        guard let id = raw.id else { return leftOut(.idMissing, &summary) }
        let slot = Int(slot(ofImage: id))
        guard slotImages[slot] == -1 else { return leftOut(.idRepeated, &summary) }
        slotImages[slot] = -2
        guard let path = raw.file, ImagePath.isInside("images", path) else { return leftOut(.pathInvalid, &summary) }
        guard files.insert(ExactPath(path)).inserted else { return leftOut(.pathRepeated, &summary) }
        let sides = 1...ImageSetLimits.side
        let hasSize = raw.width != nil || raw.height != nil
        if hasSize {
            guard let width = raw.width, let height = raw.height, sides.contains(width), sides.contains(height) else {
                return leftOut(.sizeInvalid, &summary)
            }
        }
        var image = SetImage(
            id: id,
            file: path,
            width: raw.width ?? 0,
            height: raw.height ?? 0,
            split: raw.split,
            group: raw.group,
            capturedAt: raw.capturedAt,
            attributes: raw.attributes
        )
        let seen = try source.inspect(&image, hasSize)
        if let fault = seen.fault { return leftOut(fault, &summary) }
        guard sides.contains(image.width), sides.contains(image.height) else { return leftOut(.sizeInvalid, &summary) }
        if seen.isTurned { summary.turnedImages.add(path) }
        if seen.isCutOff { summary.cutOffImages.add(path) }
        slotImages[slot] = Int32(imageOffsets.count)
        imageOffsets.append(UInt64(images.offset))
        imageSizes.append((UInt32(image.width), UInt32(image.height)))
        imageSplits.append(image.split)
        AnnotationTable.write(image, to: &images)
        try images.flushIfLarge()
    }

    // MARK: Annotations

    mutating func take(annotation raw: inout RawAnnotation, in scanner: JSONScanner) throws {
        if let fault = AnnotationChecks.fault(of: &raw, in: scanner) { return leave(raw.id, fault) }
        guard let id = raw.id, let image = raw.image, let category = raw.category else { return leave(raw.id, .idMissing) }
        // A hostile file may name millions of images and categories that do not exist; so many are kept apart and no more.
        guard imageSlots.count <= 2 * ImageSetLimits.images || imageSlots[image] != nil else { return leave(id, .imageUnknown) }
        guard let categorySlot = categories.slot(of: category) else { return leave(id, .categoryUnknown) }
        let slot = slot(ofImage: image)
        guard test.takes(raw, in: scanner) else {
            slotHasUnselected[Int(slot)] = true
            summary.unselectedAnnotations += 1
            return
        }
        var mask: RunLengthMask?
        if raw.type == .mask, raw.maskSize == nil, let file = raw.maskFile {
            let path = scanner.decoded(file)
            guard ImagePath.isInside("masks", path), let found = try source.readMask(path), found.runs.count <= ImageSetLimits.runs else {
                return leave(id, .maskUnreadable)
            }
            mask = found
        }
        var check = RecordKey.Check.none
        if raw.type == .keypoints { check = .keypoints(UInt32(raw.keypoints.count / 3)) }
        if raw.type == .mask {
            let size = mask.map { ($0.width, $0.height) } ?? raw.maskSize.map { ($0.width, $0.height) } ?? (0, 0)
            check = .maskSize(width: UInt32(size.0), height: UInt32(size.1))
        }
        if raw.lostPolygons > 0 { summary.lostPolygons.add("annotation \(id)") }
        try keys.add(RecordKey(id: id, image: slot, category: categorySlot, offset: UInt64(annotations.offset), check: check))
        AnnotationTable.write(raw, mask: mask, category: categorySlot, scanner, to: &annotations)
        try annotations.flushIfLarge()
    }

    private mutating func leave(_ id: Int64?, _ fault: AnnotationFault) {
        summary.annotationFaults[fault, default: .init()].add(id.map { "annotation \($0)" } ?? "an annotation without an id")
    }

    // MARK: End

    consuming func finish() throws -> TableSummary {
        try images.flush()
        try annotations.flush()
        summary.categories = categories.finished(&summary)
        // What only told repetitions apart is not needed any more, and the places below take as much.
        imageSlots = [:]
        files = []
        let keys = try keys.finish()
        let isKept = try keptRecords(keys)

        // Annotations by image, in the order of the file: a count for each image, then a place for each record.
        var starts = [Int](repeating: 0, count: imageOffsets.count + 1)
        try keys.forEach(cancellation) { record, key in
            if isKept[record] { starts[Int(slotImages[Int(key.image)]) + 1] += 1 }
        }
        let keepsImage = keptImages(starts)
        for image in 0..<imageOffsets.count { starts[image + 1] += starts[image] }
        var places = starts
        var sorted = [UInt64](repeating: 0, count: starts[imageOffsets.count])
        try keys.forEach(cancellation) { record, key in
            guard isKept[record] else { return }
            let image = Int(slotImages[Int(key.image)])
            sorted[places[image]] = key.offset
            places[image] += 1
        }
        try keys.remove()
        summary.annotations = sorted.count
        summary.images = keepsImage.count { $0 }
        summary.unselectedImages = keepsImage.count - summary.images

        var index = try RecordBuffer("\(folder)/\(AnnotationTable.indexName)")
        index.put(UInt64(summary.images))
        index.put(UInt64(sorted.count))
        for image in keepsImage.indices where keepsImage[image] {
            if let split = imageSplits[image] { summary.splits[split, default: 0] += 1 }
            index.put(imageOffsets[image])
            index.put(UInt64(starts[image]))
            index.put(UInt64(starts[image + 1]))
            try index.flushIfLarge()
        }
        for offset in sorted {
            index.put(offset)
            try index.flushIfLarge()
        }
        let slots = categories.positions
        index.put(UInt64(slots.count))
        for slot in slots { index.put(slot) }
        try index.flush()
        return summary
    }

    /// Leaves out records that refer to nothing, repeat an id, or do not fit what they refer to; tells which stay.
    private mutating func keptRecords(_ keys: RecordKeys) throws -> [Bool] {
        var isKept = [Bool](repeating: false, count: keys.count)
        let repeated = try keys.repeatedIDs(cancellation)
        var isMet = [Bool](repeating: false, count: repeated.count)
        let positions = categories.positions
        let labelsTaken = summary.categories.map { test.takes(label: $0.name) }
        try keys.forEach(cancellation) { record, key in
            if !repeated.isEmpty, let place = Self.place(of: key.id, in: repeated) {
                if isMet[place] { return leave(key.id, .idRepeated) }
                isMet[place] = true
            }
            let image = slotImages[Int(key.image)]
            let category = positions[Int(key.category)]
            if image < 0 { return leave(key.id, image == -1 ? .imageUnknown : .imageLeftOut) }
            if category < 0 { return leave(key.id, .categoryUnknown) }
            guard labelsTaken[Int(category)] else {
                slotHasUnselected[Int(key.image)] = true
                summary.unselectedAnnotations += 1
                return
            }
            switch key.check {
            case .none: break
            case .keypoints(let count):
                let names = summary.categories[Int(category)].keypoints
                if !names.isEmpty, names.count != count { return leave(key.id, .keypointsDiffer) }
            case .maskSize(let width, let height):
                if imageSizes[Int(image)] != (width, height) { return leave(key.id, .maskSizeDiffers) }
            }
            isKept[record] = true
        }
        return isKept
    }

    private static func place(of id: Int64, in ids: [Int64]) -> Int? {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id ? low : nil
    }

    /// Which images stay: an image of which the selection takes no annotation would be taken for one that shows nothing.
    private func keptImages(_ counts: [Int]) -> [Bool] {
        let takesEmpty = source.filter.isEmpty || test.takesDefaults
        var keeps = [Bool](repeating: true, count: imageOffsets.count)
        for (slot, image) in slotImages.enumerated() where image >= 0 && counts[Int(image) + 1] == 0 {
            keeps[Int(image)] = takesEmpty && !slotHasUnselected[slot]
        }
        return keeps
    }
}
