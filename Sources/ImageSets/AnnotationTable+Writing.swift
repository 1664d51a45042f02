import ExportCore
import Geometry

// How images and annotations are written as records.
extension AnnotationTable {
    /// Bits of the byte behind an annotation's type.
    enum Flags {
        static let crowd: UInt8 = 1
        static let box: UInt8 = 2
        static let compressed: UInt8 = 4
        static let group: UInt8 = 8
        /// Among the flags of the texts that are there.
        static let attributes: UInt8 = 1 << 6
    }

    /// Writes an image.
    static func write(_ image: SetImage, to buffer: inout RecordBuffer) {
        buffer.put(image.id)
        buffer.put(UInt32(image.width))
        buffer.put(UInt32(image.height))
        buffer.put(UInt8(image.split.map { split in 1 + (ImageSplit.allCases.firstIndex(of: split) ?? 0) } ?? 0))
        let texts = [image.group, image.capturedAt, image.attributes]
        buffer.put(texts.enumerated().reduce(UInt8(0)) { $1.element == nil ? $0 : $0 | 1 << UInt8($1.offset) })
        buffer.put(image.file)
        for text in texts { if let text { buffer.put(text) } }
    }

    /// Writes an annotation that was checked.
    static func write(
        _ raw: borrowing RawAnnotation,
        mask: RunLengthMask?,
        category: UInt32,
        _ scanner: JSONScanner,
        to buffer: inout RecordBuffer
    ) {
        guard let type = raw.type, let id = raw.id else { return }
        buffer.put(UInt8(AnnotationType.allCases.firstIndex(of: type) ?? 0))
        var flags: UInt8 = 0
        if raw.isCrowd { flags |= Flags.crowd }
        if raw.box != nil { flags |= Flags.box }
        if raw.runText != nil || mask != nil { flags |= Flags.compressed }
        if raw.group != nil { flags |= Flags.group }
        buffer.put(flags)
        var present: UInt8 = 0
        if raw.annotator != nil { present |= 1 << 0 }
        if raw.quality != nil || raw.score != nil { present |= 1 << 1 }
        if raw.review != nil { present |= 1 << 2 }
        if raw.createdAt != nil { present |= 1 << 3 }
        if raw.updatedAt != nil { present |= 1 << 4 }
        if raw.tags != nil { present |= 1 << 5 }
        if raw.attributes != nil { present |= Flags.attributes }
        buffer.put(present)
        buffer.put(id)
        buffer.put(category)
        writeShape(raw, type, mask, to: &buffer)
        writeDetails(raw, present, scanner, to: &buffer)
    }

    private static func writeShape(
        _ raw: borrowing RawAnnotation,
        _ type: AnnotationType,
        _ mask: RunLengthMask?,
        to buffer: inout RecordBuffer
    ) {
        switch type {
        case .box:
            writeBox(raw, to: &buffer)
            buffer.put(raw.rotation)
        case .point:
            buffer.put(raw.point?.x ?? 0)
            buffer.put(raw.point?.y ?? 0)
        case .polygon:
            buffer.put(UInt32(raw.polygonEnds.count))
            for end in raw.polygonEnds { buffer.put(UInt32(end)) }
            buffer.put(raw.polygonNumbers, places: raw.polygonPlaces)
        case .polyline:
            buffer.put(UInt32(raw.polyline.count))
            buffer.put(raw.polyline[...])
        case .keypoints:
            buffer.put(UInt32(raw.keypoints.count))
            buffer.put(raw.keypoints[...])
            writeBox(raw, to: &buffer)
        case .mask:
            buffer.put(UInt32(mask?.height ?? raw.maskSize?.height ?? 0))
            buffer.put(UInt32(mask?.width ?? raw.maskSize?.width ?? 0))
            let runs = mask?.runs ?? raw.runs
            buffer.put(UInt32(runs.count))
            buffer.put(runs)
        }
    }

    private static func writeBox(_ raw: borrowing RawAnnotation, to buffer: inout RecordBuffer) {
        guard let box = raw.box else { return }
        buffer.put(box.x)
        buffer.put(box.y)
        buffer.put(box.width)
        buffer.put(box.height)
    }

    private static func writeDetails(
        _ raw: borrowing RawAnnotation,
        _ present: UInt8,
        _ scanner: JSONScanner,
        to buffer: inout RecordBuffer
    ) {
        if let group = raw.group { buffer.put(group) }
        guard present != 0 else { return }
        if let text = raw.annotator { put(text, scanner, to: &buffer) }
        if let text = raw.quality {
            put(text, scanner, to: &buffer)
        } else if let score = raw.score {
            buffer.put(DecimalText.shortest(score))
        }
        if let text = raw.review { put(text, scanner, to: &buffer) }
        if let text = raw.createdAt { put(text, scanner, to: &buffer) }
        if let text = raw.updatedAt { put(text, scanner, to: &buffer) }
        if let range = raw.tags { put(.init(range: range, hasEscapes: false), scanner, to: &buffer) }
        if let range = raw.attributes { put(.init(range: range, hasEscapes: false), scanner, to: &buffer) }
    }

    /// A text of the file; ASCII without escapes is what it says already.
    private static func put(_ text: JSONScanner.Text, _ scanner: JSONScanner, to buffer: inout RecordBuffer) {
        let raw = UnsafeBufferPointer(start: scanner.bytes + text.range.lowerBound, count: text.range.count)
        if !text.hasEscapes, raw.allSatisfy({ $0 < 0x80 }) { buffer.put(counted: raw) } else { buffer.put(scanner.decoded(text)) }
    }
}
