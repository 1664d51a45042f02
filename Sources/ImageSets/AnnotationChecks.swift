import ExportCore
import Geometry

/// Checks what a single annotation says, before anything that it refers to is known.
enum AnnotationChecks {
    /// The first thing that is wrong with an annotation; nil where it can be taken.
    static func fault(of raw: inout RawAnnotation, in scanner: JSONScanner) -> AnnotationFault? {
        if raw.fault == .numberNotFinite { return .numberNotFinite }
        guard raw.id != nil else { return .idMissing }
        guard raw.image != nil else { return .imageUnknown }
        guard raw.category != nil else { return .categoryUnknown }
        guard let type = raw.type else { return .typeUnknown }
        if let fault = raw.fault { return fault }
        switch type {
        case .box:
            guard let box = raw.box else { return .geometryMissing }
            return size(of: box) ?? range(of: [raw.rotation])
        case .point:
            guard let point = raw.point else { return .geometryMissing }
            return range(of: [point.x, point.y])
        case .polygon:
            return raw.hasPolygons ? polygons(&raw) : .geometryMissing
        case .polyline:
            guard raw.hasPolyline else { return .geometryMissing }
            return line(raw.polyline, step: 2, least: 2)
        case .keypoints:
            guard raw.hasKeypoints else { return .geometryMissing }
            return keypoints(raw)
        case .mask:
            return mask(&raw, in: scanner)
        }
    }

    private static func range(of numbers: some Sequence<Double>) -> AnnotationFault? {
        for number in numbers where !(number.magnitude <= ImageSetLimits.coordinate) { return .numberTooLarge }
        return nil
    }

    private static func size(of box: (x: Double, y: Double, width: Double, height: Double)) -> AnnotationFault? {
        if let fault = range(of: [box.x, box.y, box.width, box.height]) { return fault }
        return box.width > 0 && box.height > 0 ? nil : .sizeNotPositive
    }

    private static func line(_ numbers: [Double], step: Int, least: Int) -> AnnotationFault? {
        guard numbers.count % step == 0 else { return .geometryMalformed }
        let points = numbers.count / step
        guard points >= least else { return .shapeDegenerate }
        guard points <= ImageSetLimits.points else { return .tooManyPoints }
        return range(of: numbers)
    }

    /// Checks polygons and takes out those of less than three points or without an area.
    private static func polygons(_ raw: inout RawAnnotation) -> AnnotationFault? {
        guard raw.polygonNumbers.count <= 2 * ImageSetLimits.points else { return .tooManyPoints }
        if let fault = range(of: raw.polygonNumbers) { return fault }
        if raw.polygonEnds.count == 1 {
            guard raw.polygonNumbers.count % 2 == 0 else { return .geometryMalformed }
            return hasArea(raw.polygonNumbers, 0..<raw.polygonNumbers.count) ? nil : .shapeDegenerate
        }
        var start = 0
        var good: [Range<Int>] = []
        good.reserveCapacity(raw.polygonEnds.count)
        for end in raw.polygonEnds {
            guard (end - start) % 2 == 0 else { return .geometryMalformed }
            if hasArea(raw.polygonNumbers, start..<end) { good.append(start..<end) }
            start = end
        }
        guard !good.isEmpty else { return .shapeDegenerate }
        guard good.count < raw.polygonEnds.count else { return nil }
        raw.lostPolygons = raw.polygonEnds.count - good.count
        raw.polygonNumbers = good.flatMap { raw.polygonNumbers[$0] }
        raw.polygonEnds = good.reduce(into: []) { $0.append(($0.last ?? 0) + $1.count) }
        return nil
    }

    private static func hasArea(_ numbers: [Double], _ range: Range<Int>) -> Bool {
        guard range.count >= 6 else { return false }
        var sum = 0.0
        numbers.withUnsafeBufferPointer { numbers in
            var x = numbers[range.upperBound - 2]
            var y = numbers[range.upperBound - 1]
            var index = range.lowerBound
            while index < range.upperBound {
                sum += x * numbers[index + 1] - numbers[index] * y
                x = numbers[index]
                y = numbers[index + 1]
                index += 2
            }
        }
        return sum != 0
    }

    private static func keypoints(_ raw: borrowing RawAnnotation) -> AnnotationFault? {
        if let fault = line(raw.keypoints, step: 3, least: 1) { return fault }
        for index in stride(from: 2, to: raw.keypoints.count, by: 3) where ![0, 1, 2].contains(raw.keypoints[index]) {
            return .visibilityUnknown
        }
        return raw.box.flatMap { size(of: $0) }
    }

    private static func mask(_ raw: inout RawAnnotation, in scanner: JSONScanner) -> AnnotationFault? {
        if raw.maskSize == nil, raw.maskFile != nil { return nil }
        guard let size = raw.maskSize else { return .geometryMissing }
        if let text = raw.runText {
            guard text.range.count <= 4 * ImageSetLimits.runs else { return .tooManyPoints }
            // A backslash is a character of the code, and JSON writes it twice.
            let characters: [UInt8] =
                text.hasEscapes
                ? Array(scanner.decoded(text).utf8)
                : Array(UnsafeBufferPointer(start: scanner.bytes + text.range.lowerBound, count: text.range.count))
            guard let mask = try? RunLengthMask(width: size.width, height: size.height, cocoText: characters) else { return .maskMalformed }
            guard mask.runs.count <= ImageSetLimits.runs else { return .tooManyPoints }
            raw.runs = mask.runs
            return nil
        }
        guard raw.hasRunList else { return .geometryMissing }
        var sum: UInt64 = 0
        for run in raw.runs { sum += UInt64(run) }
        return sum == UInt64(size.width) * UInt64(size.height) ? nil : .maskMalformed
    }
}
