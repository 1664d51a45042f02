import ExportCore

/// What takes the things of a set as the parser comes across them, in the order of the file.
protocol ImageSetHandler: ~Copyable {
    /// Whether shapes are wanted; they are only checked as JSON otherwise.
    var wantsShapes: Bool { get }
    /// A category under its id; nil where that is no whole number.
    mutating func take(category: ImageCategory, supercategory: String?, id: Int64?) throws
    mutating func take(image: RawImage) throws
    mutating func take(annotation: inout RawAnnotation, in scanner: JSONScanner) throws
    /// Called now and then with how far the file was read, in bytes.
    mutating func reached(_ offset: Int) throws
}

/// Reads an `annotations.json` of the schema `image-annotations/1` from its first byte to its last, one thing at a time.
///
/// Keys may come in any order, and annotations before the images and categories that they name: nothing is resolved here. Keys
/// that the schema does not have are skipped.
struct ImageSetParser<Handler: ImageSetHandler & ~Copyable> {
    static var schema: StaticString { "image-annotations/1" }

    private var scanner: JSONScanner
    private let file: String
    private var raw = RawAnnotation()
    private(set) var header = ImageSetHeader()
    private var counts = (images: 0, annotations: 0, categories: 0)
    private var reported = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, file: String) {
        scanner = JSONScanner(bytes)
        self.file = file
    }

    /// - Throws: `ImageSetError` where the file is no such document, and what the handler throws.
    mutating func parse(_ handler: inout Handler) throws {
        do {
            try document(&handler)
        } catch let fault as JSONScanner.Fault {
            throw ImageSetError(fault.reason, file: file, offset: fault.offset)
        }
    }

    private func malformed(_ reason: String, hint: String? = nil) -> ImageSetError {
        ImageSetError(reason, file: file, hint: hint)
    }

    private mutating func document(_ handler: inout Handler) throws {
        guard scanner.count > 0 else { throw malformed("the file is empty.") }
        var seen: Set<String> = []
        var schema: String?
        try scanner.beginObject()
        var isFirst = true
        while let key = try scanner.nextKey(isFirst: &isFirst) {
            let name = key.range.count <= 64 ? scanner.decoded(key) : ""
            guard name.isEmpty || seen.insert(name).inserted else { throw scanner.fault("the key \(name) stands twice in the document.") }
            switch name {
            case "schema": schema = try text()
            case "dataset": try dataset()
            case "categories": try categories(&handler)
            case "images": try images(&handler)
            case "annotations": try annotations(&handler)
            default: try scanner.skip()
            }
        }
        try scanner.finish()
        guard schema == "\(Self.schema)" else {
            throw malformed(
                schema.map { "its schema is \"\($0.prefix(60))\", and exportd reads \(Self.schema)." }
                    ?? "it names no schema, so it is no set of the schema \(Self.schema).",
                hint: "Convert it to the schema that the README describes."
            )
        }
        for key in ["categories", "images", "annotations"] where !seen.contains(key) { throw malformed("it has no list \(key).") }
        try handler.reached(scanner.offset)
    }

    // MARK: Small values

    /// A text; nil and skipped where something else stands there or it is longer than a name may be.
    private mutating func text() throws(JSONScanner.Fault) -> String? {
        guard let token = try token(), token.range.count <= ImageSetLimits.nameBytes else { return nil }
        return scanner.decoded(token)
    }

    private mutating func token() throws(JSONScanner.Fault) -> JSONScanner.Text? {
        guard scanner.peek() == UInt8(ascii: "\"") else {
            try scanner.skip()
            return nil
        }
        return try scanner.string()
    }

    /// A number; nil and skipped where something else stands there.
    @inline(__always)
    private mutating func number() throws(JSONScanner.Fault) -> Double? {
        guard scanner.isNumber() else {
            try scanner.skip()
            return nil
        }
        return try scanner.number()
    }

    @inline(__always)
    private mutating func integer() throws(JSONScanner.Fault) -> Int64? {
        if let value = scanner.plainInteger() { return value }
        // Whole numbers beyond 2^53 are not told apart by most programs that write JSON.
        guard let value = try number(), value.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int64(exactly: value)
    }

    /// A text, or a whole number as one.
    private mutating func word() throws(JSONScanner.Fault) -> String? {
        if scanner.isNumber() { return try integer().map(String.init) }
        return try text()
    }

    private mutating func list(_ element: (inout Self) throws -> Void) throws {
        guard scanner.peek() == UInt8(ascii: "[") else { return try scanner.skip() }
        try scanner.beginArray()
        var isFirst = true
        while try scanner.nextElement(isFirst: &isFirst) { try element(&self) }
    }

    private mutating func object(_ member: (inout Self, JSONScanner.Text) throws -> Void) throws {
        guard scanner.peek() == UInt8(ascii: "{") else { return try scanner.skip() }
        try scanner.beginObject()
        var isFirst = true
        while let key = try scanner.nextKey(isFirst: &isFirst) { try member(&self, key) }
    }

    // MARK: Dataset, categories, images

    private mutating func dataset() throws {
        try object { parser, key in
            if parser.scanner.key(key, is: "name") {
                parser.header.name = try parser.text()
            } else if parser.scanner.key(key, is: "project") {
                parser.header.project = try parser.text()
            } else if parser.scanner.key(key, is: "created_at") {
                parser.header.createdAt = try parser.text()
            } else if parser.scanner.key(key, is: "license") {
                parser.header.license = try parser.text()
            } else {
                try parser.scanner.skip()
            }
        }
    }

    private mutating func categories(_ handler: inout Handler) throws {
        guard scanner.peek() == UInt8(ascii: "[") else { throw scanner.fault("categories must be a list.") }
        try scanner.beginArray()
        var isFirst = true
        while try scanner.nextElement(isFirst: &isFirst) {
            counts.categories += 1
            guard counts.categories <= ImageSetLimits.categories else {
                throw malformed("it has more than \(ImageSetLimits.categories) categories.")
            }
            var category = ImageCategory(name: "")
            var id: Int64?
            var above: String?
            try object { parser, key in
                switch parser.scanner.decoded(key) {
                case "id": id = try parser.integer()
                case "name": category.name = try parser.text() ?? ""
                case "supercategory": above = try parser.text()
                case "color": category.color = try parser.text()
                case "keypoints": try parser.list { category.keypoints.append(try $0.text() ?? "") }
                case "skeleton":
                    try parser.list { parser in
                        var pair: [Int] = []
                        try parser.list { pair.append(Int(try $0.integer() ?? 0)) }
                        if pair.count == 2, category.skeleton.count < 10_000 { category.skeleton.append(pair) }
                    }
                case "flip_idx": try parser.list { category.flipIndices.append(Int(try $0.integer() ?? -1)) }
                default: try parser.scanner.skip()
                }
            }
            let names = 0..<category.keypoints.count
            category.skeleton.removeAll { $0.contains { !names.contains($0 - 1) } }
            if Set(category.flipIndices) != Set(names) || category.flipIndices.count != names.count { category.flipIndices = [] }
            guard !category.name.isEmpty else { throw malformed("its category \(counts.categories) has no name.") }
            guard names.count <= 1_000 else { throw malformed("its category \(category.name.prefix(60)) has more than 1000 keypoints.") }
            try handler.take(category: category, supercategory: above, id: id)
        }
    }

    private mutating func images(_ handler: inout Handler) throws {
        guard scanner.peek() == UInt8(ascii: "[") else { throw scanner.fault("images must be a list.") }
        try scanner.beginArray()
        var isFirst = true
        while try scanner.nextElement(isFirst: &isFirst) {
            counts.images += 1
            guard counts.images <= ImageSetLimits.images else { throw malformed("it has more than \(ImageSetLimits.images) images.") }
            var image = RawImage()
            try object { parser, key in try parser.member(key, of: &image) }
            try handler.take(image: image)
            try report(&handler)
        }
    }

    private mutating func member(_ key: JSONScanner.Text, of image: inout RawImage) throws {
        if scanner.key(key, is: "id") {
            image.id = try integer()
        } else if scanner.key(key, is: "file") {
            image.file = try text()
        } else if scanner.key(key, is: "width") {
            image.width = try integer().map(Int.init)
        } else if scanner.key(key, is: "height") {
            image.height = try integer().map(Int.init)
        } else if scanner.key(key, is: "split") {
            image.split = try text().flatMap { ImageSplit(rawValue: $0) }
        } else if scanner.key(key, is: "group_id") {
            image.group = try word()
        } else if scanner.key(key, is: "captured_at") {
            image.capturedAt = try text()
        } else if scanner.key(key, is: "attributes") {
            image.attributes = try attributes().map { scanner.decoded(.init(range: $0, hasEscapes: false)) }
        } else {
            try scanner.skip()
        }
    }

    /// Where an object stands; nil where it is empty, too long or no object.
    private mutating func attributes() throws(JSONScanner.Fault) -> Range<Int>? {
        let isObject = scanner.peek() == UInt8(ascii: "{")
        let range = try scanner.skipped(depth: 4)
        return isObject && range.count > 2 && range.count <= ImageSetLimits.attributeBytes ? range : nil
    }

    private mutating func report(_ handler: inout Handler) throws {
        if scanner.offset - reported > 1 << 20 {
            reported = scanner.offset
            try handler.reached(reported)
        }
    }

    // MARK: Annotations

    private mutating func annotations(_ handler: inout Handler) throws {
        guard scanner.peek() == UInt8(ascii: "[") else { throw scanner.fault("annotations must be a list.") }
        try scanner.beginArray()
        let wantsShapes = handler.wantsShapes
        var isFirst = true
        while try scanner.nextElement(isFirst: &isFirst) {
            counts.annotations += 1
            guard counts.annotations <= ImageSetLimits.annotations else {
                throw malformed("it has more than \(ImageSetLimits.annotations) annotations.", hint: "Divide it into several sets.")
            }
            raw.reset()
            scanner.sawNonFinite = false
            if scanner.peek() == UInt8(ascii: "{") {
                try scanner.beginObject()
                var isFirstKey = true
                while let key = try scanner.nextKey(isFirst: &isFirstKey) {
                    if try !shape(key, wantsShapes) { try property(key) }
                }
            } else {
                try scanner.skip()
            }
            if scanner.sawNonFinite { raw.fault = .numberNotFinite }
            try handler.take(annotation: &raw, in: scanner)
            try report(&handler)
        }
    }

    /// Reads a key that says what, whose and how good an annotation is.
    private mutating func property(_ key: JSONScanner.Text) throws {
        switch key.range.count {
        case 2 where scanner.key(key, is: "id"): raw.id = try integer()
        case 8 where scanner.key(key, is: "image_id"): raw.image = try integer()
        case 11 where scanner.key(key, is: "category_id"): raw.category = try integer()
        case 4 where scanner.key(key, is: "type"):
            if let token = try token() {
                raw.type = AnnotationType.allCases.first { type in scanner.key(token, is: type.staticName) }
            }
        case 7 where scanner.key(key, is: "iscrowd"): raw.isCrowd = try flag()
        case 8 where scanner.key(key, is: "group_id"): raw.group = try integer()
        case 9 where scanner.key(key, is: "annotator"): raw.annotator = try name()
        case 7 where scanner.key(key, is: "quality"):
            if scanner.isNumber() { raw.score = try scanner.number() } else { raw.quality = try name() }
        case 6 where scanner.key(key, is: "review"): raw.review = try name()
        case 10 where scanner.key(key, is: "created_at"): raw.createdAt = try name()
        case 10 where scanner.key(key, is: "updated_at"): raw.updatedAt = try name()
        case 4 where scanner.key(key, is: "tags"):
            let isList = scanner.peek() == UInt8(ascii: "[")
            let range = try scanner.skipped(depth: 4)
            raw.tags = isList && range.count > 2 && range.count <= ImageSetLimits.attributeBytes ? range : nil
        case 10 where scanner.key(key, is: "attributes"): raw.attributes = try attributes()
        default: try scanner.skip(depth: 4)
        }
    }

    private mutating func name() throws(JSONScanner.Fault) -> JSONScanner.Text? {
        guard let token = try token(), !token.range.isEmpty, token.range.count <= ImageSetLimits.nameBytes else { return nil }
        return token
    }

    private mutating func flag() throws(JSONScanner.Fault) -> Bool {
        if scanner.isNumber() { return try scanner.number() != 0 }
        let isTrue = scanner.peek() == UInt8(ascii: "t")
        try scanner.skip()
        return isTrue
    }

    /// Reads a key that says where an annotation lies.
    ///
    /// - Returns: false where it is another key.
    @inline(__always)
    private mutating func shape(_ key: JSONScanner.Text, _ wantsShapes: Bool) throws -> Bool {
        switch key.range.count {
        case 4 where scanner.key(key, is: "bbox"):
            guard wantsShapes else { break }
            var numbers: (Double, Double, Double, Double) = (0, 0, 0, 0)
            let count = try fixed { index, value in
                switch index {
                case 0: numbers.0 = value
                case 1: numbers.1 = value
                case 2: numbers.2 = value
                default: numbers.3 = value
                }
            }
            if count == 4 { raw.box = numbers } else if count != 0 { raw.note(.geometryMalformed) }
            return true
        case 5 where scanner.key(key, is: "point"):
            guard wantsShapes else { break }
            var numbers: (Double, Double) = (0, 0)
            let count = try fixed { index, value in
                if index == 0 { numbers.0 = value } else { numbers.1 = value }
            }
            if count == 2 { raw.point = numbers } else { raw.note(.geometryMalformed) }
            return true
        case 8 where scanner.key(key, is: "polygons"):
            guard wantsShapes else { break }
            raw.hasPolygons = true
            guard scanner.peek() == UInt8(ascii: "[") else {
                try scanner.skip(depth: 4)
                raw.note(.geometryMalformed)
                return true
            }
            try scanner.beginArray()
            var isFirst = true
            while try scanner.nextElement(isFirst: &isFirst) {
                if let fault = try Self.numbers(&scanner, into: &raw.polygonNumbers) { raw.note(fault) }
                if raw.polygonEnds.count < ImageSetLimits.points { raw.polygonEnds.append(raw.polygonNumbers.count) }
            }
            return true
        case 8 where scanner.key(key, is: "polyline"):
            guard wantsShapes else { break }
            raw.hasPolyline = true
            if let fault = try Self.numbers(&scanner, into: &raw.polyline) { raw.note(fault) }
            return true
        case 9 where scanner.key(key, is: "keypoints"):
            guard wantsShapes else { break }
            raw.hasKeypoints = true
            if let fault = try Self.numbers(&scanner, into: &raw.keypoints) { raw.note(fault) }
            return true
        case 8 where scanner.key(key, is: "rotation"):
            raw.rotation = try number() ?? 0
            return true
        case 3 where scanner.key(key, is: "rle"):
            guard wantsShapes else { break }
            try object { parser, key in try parser.runs(key) }
            return true
        case 4 where scanner.key(key, is: "mask"):
            raw.maskFile = try token()
            return true
        default: return false
        }
        try scanner.skip(depth: 4)
        return true
    }

    /// Reads a list of a few numbers.
    ///
    /// - Returns: how many it has; -1 where it is no such list.
    @inline(__always)
    private mutating func fixed(_ take: (Int, Double) -> Void) throws(JSONScanner.Fault) -> Int {
        guard scanner.peek() == UInt8(ascii: "[") else {
            try scanner.skip(depth: 4)
            return -1
        }
        try scanner.beginArray()
        var isFirst = true
        var count = 0
        var isGood = true
        while try scanner.nextElement(isFirst: &isFirst) {
            if let value = try number() { take(count, value) } else { isGood = false }
            count += 1
        }
        return isGood ? count : -1
    }

    /// Reads a list of numbers, no more of which are kept than a shape may have.
    ///
    /// - Returns: what is wrong with it.
    @inline(__always)
    private static func numbers(_ scanner: inout JSONScanner, into values: inout [Double]) throws(JSONScanner.Fault) -> AnnotationFault? {
        guard scanner.peek() == UInt8(ascii: "[") else {
            try scanner.skip(depth: 5)
            return .geometryMalformed
        }
        var fault: AnnotationFault?
        try scanner.beginArray()
        var isFirst = true
        while try scanner.nextElement(isFirst: &isFirst) {
            guard scanner.isNumber() else {
                try scanner.skip(depth: 6)
                fault = fault ?? .geometryMalformed
                continue
            }
            let value = try scanner.number()
            if values.count < 3 * ImageSetLimits.points { values.append(value) } else { fault = fault ?? .tooManyPoints }
        }
        return fault
    }

    private mutating func runs(_ key: JSONScanner.Text) throws {
        if scanner.key(key, is: "size") {
            var size = (0.0, 0.0)
            let count = try fixed { index, value in
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
                guard let value = try number(), let run = UInt32(exactly: value) else {
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
    /// The raw value, to be compared with bytes.
    fileprivate var staticName: StaticString {
        switch self {
        case .box: "BBOX"
        case .point: "POINT"
        case .polygon: "POLYGON"
        case .polyline: "POLYLINE"
        case .keypoints: "KEYPOINT"
        case .mask: "SEGMENTATION"
        }
    }
}
