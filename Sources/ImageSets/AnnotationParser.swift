import ExportCore

/// Reads annotations one after the other, each into the same memory.
struct AnnotationParser {
    /// The annotation that was read last.
    var raw = RawAnnotation()
    private var keys = AnnotationKeys()

    /// Reads an annotation.
    ///
    /// - Parameter wantsShapes: whether its shape is wanted, which is checked as JSON only otherwise.
    mutating func read(from scanner: inout JSONScanner, wantsShapes: Bool) throws(JSONScanner.Fault) {
        raw.reset()
        scanner.sawNonFinite = false
        if scanner.peek() == UInt8(ascii: "{") {
            try scanner.beginObject()
            keys.begin()
            while let key = try keys.next(&scanner) { try member(key, &scanner, wantsShapes) }
        } else {
            try scanner.skip()
        }
        if scanner.sawNonFinite { raw.fault = .numberNotFinite }
    }

    @inline(__always)
    private mutating func member(
        _ key: AnnotationKey,
        _ scanner: inout JSONScanner,
        _ wantsShapes: Bool
    ) throws(JSONScanner.Fault) {
        switch key {
        case .id: raw.id = try scanner.integer()
        case .imageID: raw.image = try scanner.integer()
        case .categoryID: raw.category = try scanner.integer()
        case .type:
            let token = try scanner.token()
            raw.type = token.flatMap { AnnotationType($0, in: scanner) }
        case .isCrowd: raw.isCrowd = try scanner.flag()
        case .groupID: raw.group = try scanner.integer()
        case .annotator: raw.annotator = try scanner.name()
        case .quality: if scanner.isNumber() { raw.score = try scanner.number() } else { raw.quality = try scanner.name() }
        case .review: raw.review = try scanner.name()
        case .createdAt: raw.createdAt = try scanner.name()
        case .updatedAt: raw.updatedAt = try scanner.name()
        case .tags: raw.tags = try scanner.tags()
        case .attributes: raw.attributes = try scanner.attributes()
        case .rotation: raw.rotation = try scanner.numberIfAny() ?? 0
        case .mask: raw.maskFile = try scanner.token()
        case .box, .point, .polygons, .polyline, .keypoints, .runs:
            if wantsShapes { try shape(key, &scanner) } else { try scanner.skip(depth: 4) }
        case .other: try scanner.skip(depth: 4)
        }
    }

    // MARK: Shapes

    private mutating func shape(_ key: AnnotationKey, _ scanner: inout JSONScanner) throws(JSONScanner.Fault) {
        switch key {
        case .box:
            var numbers: (Double, Double, Double, Double) = (0, 0, 0, 0)
            let count = try Self.fixed(&scanner) { index, value in
                switch index {
                case 0: numbers.0 = value
                case 1: numbers.1 = value
                case 2: numbers.2 = value
                default: numbers.3 = value
                }
            }
            if count == 4 { raw.box = numbers } else if count != 0 { raw.note(.geometryMalformed) }
        case .point:
            var numbers: (Double, Double) = (0, 0)
            let count = try Self.fixed(&scanner) { index, value in
                if index == 0 { numbers.0 = value } else { numbers.1 = value }
            }
            if count == 2 { raw.point = numbers } else { raw.note(.geometryMalformed) }
        case .polygons: try polygons(&scanner)
        case .polyline:
            raw.hasPolyline = true
            if let fault = try Self.numbers(&scanner, into: &raw.polyline).fault { raw.note(fault) }
        case .keypoints:
            raw.hasKeypoints = true
            if let fault = try Self.numbers(&scanner, into: &raw.keypoints).fault { raw.note(fault) }
        case .runs:
            // Taken out meanwhile: the closure changes it, too.
            var raw = RawAnnotation()
            swap(&raw, &self.raw)
            defer { swap(&raw, &self.raw) }
            try scanner.object { scanner, key throws(JSONScanner.Fault) in try Self.runs(key, of: &raw, &scanner) }
        default: try scanner.skip(depth: 4)
        }
    }

    private mutating func polygons(_ scanner: inout JSONScanner) throws(JSONScanner.Fault) {
        raw.hasPolygons = true
        guard scanner.peek() == UInt8(ascii: "[") else {
            try scanner.skip(depth: 4)
            return raw.note(.geometryMalformed)
        }
        try scanner.beginArray()
        var isFirst = true
        var places: Int? = 0
        while try scanner.nextElement(isFirst: &isFirst) {
            let read = try Self.numbers(&scanner, into: &raw.polygonNumbers)
            if let fault = read.fault { raw.note(fault) }
            places = if let places, let more = read.places { max(places, more) } else { nil }
            if raw.polygonEnds.count < ImageSetLimits.points { raw.polygonEnds.append(raw.polygonNumbers.count) }
        }
        raw.polygonPlaces = places
    }

    /// Reads a list of a few numbers.
    ///
    /// - Returns: how many it has; -1 where it is no such list.
    @inline(__always)
    private static func fixed(_ scanner: inout JSONScanner, _ take: (Int, Double) -> Void) throws(JSONScanner.Fault) -> Int {
        guard scanner.peek() == UInt8(ascii: "[") else {
            try scanner.skip(depth: 4)
            return -1
        }
        try scanner.beginArray()
        var isFirst = true
        var count = 0
        var isGood = true
        while try scanner.nextElement(isFirst: &isFirst) {
            if let value = try scanner.numberIfAny() { take(count, value) } else { isGood = false }
            count += 1
        }
        return isGood ? count : -1
    }

    /// Reads a list of numbers, no more of which are kept than a shape may have.
    ///
    /// - Returns: what is wrong with it; and the most places that a number has behind its point, where that is known.
    @inline(__always)
    private static func numbers(
        _ scanner: inout JSONScanner,
        into values: inout [Double]
    ) throws(JSONScanner.Fault) -> (fault: AnnotationFault?, places: Int?) {
        guard scanner.peek() == UInt8(ascii: "[") else {
            try scanner.skip(depth: 5)
            return (.geometryMalformed, nil)
        }
        var fault: AnnotationFault?
        try scanner.beginArray()
        var isFirst = true
        var places: Int? = scanner.plainNumbers(into: &values, most: 3 * ImageSetLimits.points, isFirst: &isFirst)
        while try scanner.nextElement(isFirst: &isFirst) {
            places = nil
            guard scanner.isNumber() else {
                try scanner.skip(depth: 6)
                fault = fault ?? .geometryMalformed
                continue
            }
            let value = try scanner.number()
            if values.count < 3 * ImageSetLimits.points { values.append(value) } else { fault = fault ?? .tooManyPoints }
        }
        return (fault, places)
    }

    private static func runs(
        _ key: JSONScanner.Text,
        of raw: inout RawAnnotation,
        _ scanner: inout JSONScanner
    ) throws(JSONScanner.Fault) {
        if scanner.key(key, is: "size") {
            var size = (0.0, 0.0)
            let count = try fixed(&scanner) { index, value in
                if index == 0 { size.0 = value } else { size.1 = value }
            }
            let sides = 1...Double(ImageSetLimits.side)
            guard count == 2, sides.contains(size.0), sides.contains(size.1) else { return raw.note(.maskMalformed) }
            raw.maskSize = (Int(size.0), Int(size.1))
        } else if scanner.key(key, is: "counts") {
            if scanner.peek() == UInt8(ascii: "\"") {
                raw.runText = try scanner.string()
                return
            }
            guard scanner.peek() == UInt8(ascii: "[") else {
                raw.note(.maskMalformed)
                return try scanner.skip(depth: 5)
            }
            raw.hasRunList = true
            try scanner.beginArray()
            var isFirst = true
            while try scanner.nextElement(isFirst: &isFirst) {
                guard let value = try scanner.numberIfAny(), let run = UInt32(exactly: value) else {
                    raw.note(.maskMalformed)
                    continue
                }
                if raw.runs.count < ImageSetLimits.runs { raw.runs.append(run) } else { raw.note(.tooManyPoints) }
            }
        } else {
            try scanner.skip(depth: 5)
        }
    }
}

extension AnnotationType {
    /// The type whose name stands at a place of the file.
    fileprivate init?(_ text: JSONScanner.Text, in scanner: JSONScanner) {
        switch text.range.count {
        case 4 where scanner.key(text, is: "BBOX"): self = .box
        case 5 where scanner.key(text, is: "POINT"): self = .point
        case 7 where scanner.key(text, is: "POLYGON"): self = .polygon
        case 8 where scanner.key(text, is: "POLYLINE"): self = .polyline
        case 8 where scanner.key(text, is: "KEYPOINT"): self = .keypoints
        case 12 where scanner.key(text, is: "SEGMENTATION"): self = .mask
        default: return nil
        }
    }
}
