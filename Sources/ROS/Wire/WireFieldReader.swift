/// Reads one field of messages in ROS 1's form or CDR.
///
/// An object rather than a value, so that reading a message copies none of it.
final class WireFieldReader: Sendable {
    let path: String
    let content: FieldReader.Content
    let isCollection: Bool
    private let dialect: MessageDefinition.Dialect
    private let hasWideStrings: Bool
    /// Whether the field lies behind no array.
    private let isSingleField: Bool
    private let isBlob: Bool
    private let time: MessageDefinition.TimeKind?
    private let plans: PerFormat<PathPlan>
    /// Where the time lies, if it lies in one place.
    let timePlace: TimePlace?

    /// Works out a path of field names with dots between them.
    ///
    /// - Throws: `ROSError` of kind `field` where the type has no such field.
    init(_ definition: MessageDefinition, path: String) throws(ROSError) {
        self.path = path
        dialect = definition.dialect
        hasWideStrings = definition.hasWideStrings
        let usual = try PathPlan(Layout(definition, format: definition.dialect == .ros1 ? .ros1 : .cdr1), path: path)
        // A path that one format has, all have.
        plans = PerFormat(dialect: dialect, usual: usual) { try? PathPlan(Layout(definition, format: $0), path: path) }
        let field = usual.leaf
        isCollection = usual.levels.contains { $0.field.shape != .single }
        isSingleField = usual.levels.dropLast().allSatisfy { $0.field.shape == .single }
        time = if case .message(let index) = field.element { definition.types[index].time } else { nil }
        let dialect = dialect
        timePlace = time.flatMap { TimePlace(usual, dialect: dialect, kind: $0) }
        isBlob =
            switch field.element {
            case .primitive(let primitive): primitive.size == 1 && field.shape != .single
            case .string: field.shape == .single
            case .wideString, .message: false
            }
        content =
            switch field.element {
            case .primitive(let primitive): .numbers(primitive)
            case .string, .wideString: .strings
            case .message(let index): definition.types[index].time.map { .time($0) } ?? .message
            }
    }

    /// Whether nothing behind the field decides what it is: how wide characters are, the whole message tells.
    var readsFromFront: Bool { !hasWideStrings && !isCollection }

    /// Appends the field's numbers; truth values count as 0 and 1.
    ///
    /// - Throws: `ROSError` of kind `field` where the field holds no numbers, `payload` where the message is malformed.
    func readNumbers(_ payload: UnsafeRawBufferPointer, into values: inout [Double]) throws(ROSError) {
        guard case .numbers(let primitive) = content else { throw mismatch("numbers") }
        try visit(payload) { (cursor: inout WireCursor, plan) throws(ROSError) in
            try cursor.readNumbers(primitive, of: plan.leaf, into: &values)
        }
    }

    /// The field's only or first number as an integer; nil where there is none or it is not whole.
    ///
    /// - Throws: as `readNumbers`.
    func readInteger(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Int? {
        var values: [Double] = []
        try readNumbers(payload, into: &values)
        return values.first.flatMap { Int(exactly: $0) }
    }

    /// The field's strings; bytes that are not UTF-8 are replaced.
    ///
    /// - Throws: `ROSError` of kind `field` where the field holds no strings, `payload` where the message is malformed.
    func readStrings(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> [String] {
        guard content == .strings else { throw mismatch("strings") }
        var strings: [String] = []
        try visit(payload) { (cursor: inout WireCursor, plan) throws(ROSError) in
            let count = try cursor.count(of: plan.leaf, minimumSize: 4)
            strings.reserveCapacity(count.elements)
            for _ in 0..<count.elements {
                strings.append(plan.leaf.element == .string ? try cursor.string() : try cursor.wideString())
            }
            try cursor.finish(at: count.end)
        }
        return strings
    }

    /// Where the bytes of a blob lie in the payload: an array of 1-byte numbers, or a single string without its NUL.
    ///
    /// - Throws: `ROSError` of kind `field` where the field is neither or lies behind an array, `payload` where the message is malformed.
    func readRange(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Range<Int> {
        guard isBlob, isSingleField else { throw mismatch("a blob") }
        var range = 0..<0
        try visit(payload) { (cursor: inout WireCursor, plan) throws(ROSError) in
            if plan.leaf.element == .string {
                range = try cursor.stringRange()
            } else {
                let count = try cursor.count(of: plan.leaf, minimumSize: 1).elements
                let start = cursor.offset
                try cursor.skip(count)
                range = start..<start + count
            }
        }
        return range
    }

    /// Where the whole field lies in the payload as it is on the wire, counts included: equal bytes mean equal values.
    ///
    /// - Throws: `ROSError` of kind `field` where the field lies behind an array, `payload` where the message is malformed.
    func readWireRange(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Range<Int> {
        guard isSingleField else { throw mismatch("one field") }
        var range = 0..<0
        try visit(payload) { (cursor: inout WireCursor, plan) throws(ROSError) in
            let start = cursor.offset
            try cursor.skip(plan.leafSteps, of: plan.layout)
            range = start..<cursor.offset
        }
        return range
    }

    /// The time stamp or duration that the path leads to, in nanoseconds.
    ///
    /// - Throws: `ROSError` of kind `field` where the field is no time or is an array, `payload` where the message is malformed.
    func readTime(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Int64 {
        guard let time, !isCollection else { throw mismatch("a time") }
        var nanoseconds: Int64 = 0
        try visit(payload) { (cursor: inout WireCursor, plan) throws(ROSError) in
            if plan.leafFraming == .plain {
                nanoseconds = try cursor.time(dialect: dialect, isInstant: time == .instant)
            } else if case .message(let index) = plan.leaf.element {
                nanoseconds = try cursor.time(index, of: plan.layout)
            }
        }
        return nanoseconds
    }

    private func mismatch(_ wanted: String) -> ROSError {
        ROSError(.field, "The field \(path) does not hold \(wanted).")
    }

    private func visit(
        _ payload: UnsafeRawBufferPointer,
        _ leaf: (inout WireCursor, PathPlan) throws(ROSError) -> Void
    ) throws(ROSError) {
        var cursor = try WireCursor(payload, dialect: dialect)
        if hasWideStrings { cursor.wideSize = plans[cursor.format].layout.wideSize(at: cursor) }
        try plans[cursor.format].visit(&cursor, leaf)
    }
}
