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
    private var annotation = AnnotationParser()
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
            case "schema": schema = try scanner.text()
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

    // MARK: Dataset, categories, images

    private mutating func dataset() throws(JSONScanner.Fault) {
        var header = header
        try scanner.object { scanner, key throws(JSONScanner.Fault) in
            if scanner.key(key, is: "name") {
                header.name = try scanner.text()
            } else if scanner.key(key, is: "project") {
                header.project = try scanner.text()
            } else if scanner.key(key, is: "created_at") {
                header.createdAt = try scanner.text()
            } else if scanner.key(key, is: "license") {
                header.license = try scanner.text()
            } else {
                try scanner.skip()
            }
        }
        self.header = header
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
            try scanner.object { scanner, key throws(JSONScanner.Fault) in
                switch scanner.decoded(key) {
                case "id": id = try scanner.integer()
                case "name": category.name = try scanner.text() ?? ""
                case "supercategory": above = try scanner.text()
                case "color": category.color = try scanner.text()
                case "keypoints":
                    try scanner.list { scanner throws(JSONScanner.Fault) in category.keypoints.append(try scanner.text() ?? "") }
                case "skeleton":
                    try scanner.list { scanner throws(JSONScanner.Fault) in
                        var pair: [Int] = []
                        try scanner.list { scanner throws(JSONScanner.Fault) in pair.append(Int(try scanner.integer() ?? 0)) }
                        if pair.count == 2, category.skeleton.count < 10_000 { category.skeleton.append(pair) }
                    }
                case "flip_idx":
                    try scanner.list { scanner throws(JSONScanner.Fault) in
                        category.flipIndices.append(Int(try scanner.integer() ?? -1))
                    }
                default: try scanner.skip()
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
            try scanner.object { scanner, key throws(JSONScanner.Fault) in try Self.member(key, of: &image, &scanner) }
            try handler.take(image: image)
            try report(&handler)
        }
    }

    private static func member(
        _ key: JSONScanner.Text,
        of image: inout RawImage,
        _ scanner: inout JSONScanner
    ) throws(JSONScanner.Fault) {
        if scanner.key(key, is: "id") {
            image.id = try scanner.integer()
        } else if scanner.key(key, is: "file") {
            image.file = try scanner.text()
        } else if scanner.key(key, is: "width") {
            image.width = try scanner.integer().map(Int.init)
        } else if scanner.key(key, is: "height") {
            image.height = try scanner.integer().map(Int.init)
        } else if scanner.key(key, is: "split") {
            image.split = try scanner.text().flatMap { ImageSplit(rawValue: $0) }
        } else if scanner.key(key, is: "group_id") {
            image.group = try scanner.word()
        } else if scanner.key(key, is: "captured_at") {
            image.capturedAt = try scanner.text()
        } else if scanner.key(key, is: "attributes") {
            let range = try scanner.attributes()
            image.attributes = range.map { scanner.decoded(.init(range: $0, hasEscapes: false)) }
        } else {
            try scanner.skip()
        }
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
            try annotation.read(from: &scanner, wantsShapes: wantsShapes)
            try handler.take(annotation: &annotation.raw, in: scanner)
            try report(&handler)
        }
    }
}
