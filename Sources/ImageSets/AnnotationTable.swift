import Bytes
import ExportCore
import Files
import Geometry

/// The images and annotations of a set as records that are read image by image, in the order of the set's list of images.
///
/// Three files that `make` writes: images, annotations in the order of the set's file, and an index that says which
/// annotations belong to which image. Reading takes no memory to speak of: pages that were read are given up.
///
/// To be used by one thread at a time.
public final class AnnotationTable {
    static let imagesName = "images.records"
    static let annotationsName = "annotations.records"
    static let indexName = "index.records"
    /// There while the table is made.
    static let keysName = "keys.records"

    /// Which details of annotations are read.
    public enum Details: Sendable {
        case none
        /// The attributes alone.
        case attributes
        case all
    }

    /// How many images it holds.
    public let imageCount: Int
    private let images: MappedFile
    private let annotations: MappedFile
    private let index: MappedFile
    private let annotationCount: Int
    /// For each slot that records name their category by, its position.
    private let categories: [Int32]
    private var touched = 0

    /// Opens a table.
    ///
    /// - Throws: `FileError`; `internal` where it is damaged.
    public init(folder: String) throws {
        images = try MappedFile(path: "\(folder)/\(Self.imagesName)")
        annotations = try MappedFile(path: "\(folder)/\(Self.annotationsName)")
        index = try MappedFile(path: "\(folder)/\(Self.indexName)")
        (imageCount, annotationCount, categories) = try Self.wording { [index] in
            try index.withBytes { bytes throws(MalformedBytes) in try Self.counts(bytes) }
        }
    }

    private static func counts(_ bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> (Int, Int, [Int32]) {
        var cursor = Cursor(bytes)
        let images = try cursor.read(UInt64.self)
        let annotations = try cursor.read(UInt64.self)
        guard images <= UInt64(ImageSetLimits.images), annotations <= UInt64(ImageSetLimits.annotations) else { throw Self.damage(at: 0) }
        let (imageCount, count) = (Int(images), Int(annotations))
        _ = try cursor.read(count: imageCount * 24 + count * 8)
        let slots = try cursor.read(UInt64.self)
        var categories: [Int32] = []
        for _ in 0..<slots { categories.append(try cursor.read(Int32.self)) }
        return (imageCount, count, categories)
    }

    /// Reads one image with its annotations.
    ///
    /// - Parameters:
    ///   - position: of the image in the table.
    ///   - annotations: replaced by the image's annotations, in the order of the set's file.
    ///   - details: which of the annotations' details are wanted.
    public func read(_ position: Int, annotations list: inout [SetAnnotation], details: Details) throws -> SetImage {
        list.removeAll(keepingCapacity: true)
        return try Self.wording { try readRecords(position, &list, details) }
    }

    /// Reads one image alone.
    ///
    /// - Parameter position: of the image in the table.
    public func image(at position: Int) throws -> SetImage {
        try Self.wording {
            let offset = try index.withBytes { bytes throws(MalformedBytes) in
                var cursor = Cursor(UnsafeRawBufferPointer(rebasing: bytes[(16 + position * 24)...]))
                return try cursor.read(UInt64.self)
            }
            return try images.withBytes { bytes throws(MalformedBytes) in try Self.image(at: offset, of: bytes) }
        }
    }

    private func readRecords(_ position: Int, _ list: inout [SetAnnotation], _ details: Details) throws(MalformedBytes) -> SetImage {
        let entry = try index.withBytes { bytes throws(MalformedBytes) in
            var cursor = Cursor(UnsafeRawBufferPointer(rebasing: bytes[(16 + position * 24)...]))
            return (try cursor.read(UInt64.self), try cursor.read(UInt64.self), try cursor.read(UInt64.self))
        }
        guard entry.1 <= entry.2, entry.2 <= annotationCount else {
            throw Self.damage(at: position)
        }
        let image = try images.withBytes { bytes throws(MalformedBytes) in try Self.image(at: entry.0, of: bytes) }
        try annotations.withBytes { bytes throws(MalformedBytes) in
            for record in Int(entry.1)..<Int(entry.2) {
                let offset = try index.withBytes { index throws(MalformedBytes) in
                    var cursor = Cursor(UnsafeRawBufferPointer(rebasing: index[(16 + imageCount * 24 + record * 8)...]))
                    return try cursor.read(UInt64.self)
                }
                list.append(try annotation(at: offset, of: bytes, details: details))
            }
        }
        release()
        return image
    }

    private static func damage(at offset: Int) -> MalformedBytes {
        MalformedBytes(offset: offset, needed: nil, available: 0)
    }

    /// Says of a damaged table what is to be done about it.
    private static func wording<Value>(_ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let error as MalformedBytes {
            throw ExportError(
                .internal,
                "The records of an image set are damaged: \(error).",
                hint: "Retry the job; they are then made again."
            )
        }
    }

    private func release() {
        guard touched >= 16 << 20 else { return }
        touched = 0
        for file in [images, annotations, index] { file.release(0..<file.count) }
    }

    private static func cursor(at offset: UInt64, of bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> Cursor {
        guard let start = Int(exactly: offset), start <= bytes.count else {
            throw Self.damage(at: 0)
        }
        return Cursor(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    }

    private static func image(at offset: UInt64, of bytes: UnsafeRawBufferPointer) throws(MalformedBytes) -> SetImage {
        var cursor = try cursor(at: offset, of: bytes)
        let id = try cursor.read(Int64.self)
        let width = try cursor.read(UInt32.self)
        let height = try cursor.read(UInt32.self)
        let split = Int(try cursor.read(UInt8.self))
        let present = try cursor.read(UInt8.self)
        let file = try text(&cursor)
        let group = present & 1 << 0 == 0 ? nil : try text(&cursor)
        let capturedAt = present & 1 << 1 == 0 ? nil : try text(&cursor)
        let attributes = present & 1 << 2 == 0 ? nil : try text(&cursor)
        return SetImage(
            id: id,
            file: file,
            width: Int(width),
            height: Int(height),
            split: ImageSplit.allCases.indices.contains(split - 1) ? ImageSplit.allCases[split - 1] : nil,
            group: group,
            capturedAt: capturedAt,
            attributes: attributes
        )
    }

    private static func text(_ cursor: inout Cursor) throws(MalformedBytes) -> String {
        String(decoding: try cursor.readCounted32(), as: UTF8.self)
    }

    private func annotation(
        at offset: UInt64,
        of bytes: UnsafeRawBufferPointer,
        details: Details
    ) throws(MalformedBytes) -> SetAnnotation {
        var cursor = try Self.cursor(at: offset, of: bytes)
        let type = Int(try cursor.read(UInt8.self))
        let flags = try cursor.read(UInt8.self)
        let present = try cursor.read(UInt8.self)
        let id = try cursor.read(Int64.self)
        let slot = Int(try cursor.read(UInt32.self))
        guard AnnotationType.allCases.indices.contains(type), categories.indices.contains(slot) else {
            throw Self.damage(at: cursor.offset)
        }
        let shape = try Self.shape(AnnotationType.allCases[type], flags, &cursor)
        let hasGroup = flags & Flags.group != 0
        var said: AnnotationDetails?
        switch details {
        case .none: break
        case .attributes:
            if present & Flags.attributes != 0 { said = try Self.attributes(present, hasGroup, &cursor) }
        case .all:
            if present != 0 || hasGroup { said = try Self.details(present, hasGroup, &cursor) }
        }
        let annotation = SetAnnotation(
            id: id,
            category: Int(categories[slot]),
            shape: shape,
            isCrowd: flags & Flags.crowd != 0,
            details: said
        )
        touched += cursor.offset
        return annotation
    }

    private static func shape(_ type: AnnotationType, _ flags: UInt8, _ cursor: inout Cursor) throws(MalformedBytes) -> AnnotationShape {
        switch type {
        case .box: return .box(try box(&cursor), rotation: try double(&cursor))
        case .point: return .point(x: try double(&cursor), y: try double(&cursor))
        case .polygon:
            let count = Int(try cursor.read(UInt32.self))
            if count == 1 {
                let end = Int(try cursor.read(UInt32.self))
                return .polygons([try coordinates(end, scale: try scale(&cursor), &cursor)])
            }
            let ends = try numbers(count, of: UInt32.self, &cursor)
            let scale = try scale(&cursor)
            var polygons: [[Double]] = []
            polygons.reserveCapacity(ends.count)
            var start = 0
            for end in ends {
                polygons.append(try coordinates(Int(end) - start, scale: scale, &cursor))
                start = Int(end)
            }
            return .polygons(polygons)
        case .polyline:
            let count = Int(try cursor.read(UInt32.self))
            return .polyline(try numbers(count, of: Double.self, &cursor))
        case .keypoints:
            let count = Int(try cursor.read(UInt32.self))
            let points = try numbers(count, of: Double.self, &cursor)
            return .keypoints(points, box: flags & Flags.box == 0 ? nil : try box(&cursor))
        case .mask:
            let height = Int(try cursor.read(UInt32.self))
            let width = Int(try cursor.read(UInt32.self))
            let runs = try numbers(Int(try cursor.read(UInt32.self)), of: UInt32.self, &cursor)
            do throws(GeometryError) {
                return .mask(try RunLengthMask(width: width, height: height, runs: runs), isCompressed: flags & Flags.compressed != 0)
            } catch {
                throw Self.damage(at: cursor.offset)
            }
        }
    }

    private static func double(_ cursor: inout Cursor) throws(MalformedBytes) -> Double {
        Double(bitPattern: try cursor.read(UInt64.self))
    }

    private static func box(_ cursor: inout Cursor) throws(MalformedBytes) -> PixelBox {
        PixelBox(x: try double(&cursor), y: try double(&cursor), width: try double(&cursor), height: try double(&cursor))
    }

    /// What the coordinates that follow are to be divided by; nil where they are written as they are.
    private static func scale(_ cursor: inout Cursor) throws(MalformedBytes) -> Double? {
        let places = Int(try cursor.read(UInt8.self))
        if places == RecordBuffer.asTheyAre { return nil }
        guard RecordBuffer.scales.indices.contains(places) else { throw damage(at: cursor.offset) }
        return RecordBuffer.scales[places]
    }

    /// Coordinates as `RecordBuffer` writes them.
    private static func coordinates(_ count: Int, scale: Double?, _ cursor: inout Cursor) throws(MalformedBytes) -> [Double] {
        guard let scale else { return try numbers(count, of: Double.self, &cursor) }
        guard count >= 0, count <= cursor.remaining / 4 else { throw damage(at: cursor.offset) }
        let bytes = try cursor.read(count: count * 4)
        return [Double](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count {
                buffer[index] = Double(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))) / scale
            }
            filled = count
        }
    }

    private static func numbers<T: BitwiseCopyable>(
        _ count: Int,
        of type: T.Type,
        _ cursor: inout Cursor
    ) throws(MalformedBytes) -> [T] {
        let size = MemoryLayout<T>.size
        guard count >= 0, count <= cursor.remaining / size else {
            throw Self.damage(at: cursor.offset)
        }
        let bytes = try cursor.read(count: count * size)
        return [T](unsafeUninitializedCapacity: count) { buffer, filled in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            filled = count
        }
    }

    /// The attributes, which stand behind all other details.
    private static func attributes(
        _ present: UInt8,
        _ hasGroup: Bool,
        _ cursor: inout Cursor
    ) throws(MalformedBytes) -> AnnotationDetails {
        if hasGroup { try cursor.skip(8) }
        for text in UInt8(0)..<6 where present & 1 << text != 0 { _ = try cursor.readCounted32() }
        var details = AnnotationDetails()
        details.attributes = try text(&cursor)
        return details
    }

    private static func details(
        _ present: UInt8,
        _ hasGroup: Bool,
        _ cursor: inout Cursor
    ) throws(MalformedBytes) -> AnnotationDetails {
        var details = AnnotationDetails()
        if hasGroup { details.group = try cursor.read(Int64.self) }
        if present & 1 << 0 != 0 { details.annotator = try text(&cursor) }
        if present & 1 << 1 != 0 { details.quality = try text(&cursor) }
        if present & 1 << 2 != 0 { details.review = try text(&cursor) }
        if present & 1 << 3 != 0 { details.createdAt = try text(&cursor) }
        if present & 1 << 4 != 0 { details.updatedAt = try text(&cursor) }
        if present & 1 << 5 != 0 { details.tags = try text(&cursor) }
        if present & Flags.attributes != 0 { details.attributes = try text(&cursor) }
        return details
    }
}
