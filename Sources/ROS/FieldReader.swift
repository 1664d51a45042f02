/// Reads one field out of messages of a type, stepping over everything else.
///
/// The path is worked out once; reading a message then costs a few moves for what lies before the field. Behind arrays of
/// messages the field is read in each element, in order.
///
/// ```swift
/// let reader = try FieldReader(definition, path: "pose.position.x")
/// var values: [Double] = []
/// try reader.readNumbers(payload, into: &values)
/// ```
///
/// Payloads are valid during each call only.
public struct FieldReader: Sendable {
    /// What a path leads to.
    public enum Content: Hashable, Sendable {
        /// Numbers or truth values.
        case numbers(MessageDefinition.Primitive)
        case strings
        /// A time stamp or a duration.
        case time(MessageDefinition.TimeKind)
        /// A message, which has no value of its own.
        case message
    }

    /// The path as asked for.
    public let path: String
    /// What the path leads to.
    public let content: Content
    /// Whether the path leads to any number of values rather than one.
    public let isCollection: Bool
    private let dialect: MessageDefinition.Dialect
    private let plans: [PathPlan]

    /// Works out a path of field names with dots between them.
    ///
    /// - Throws: `ROSError` of kind `field` where the type has no such field.
    public init(_ definition: MessageDefinition, path: String) throws(ROSError) {
        self.path = path
        dialect = definition.dialect
        var plans: [PathPlan] = []
        for format in WireFormat.formats(of: definition.dialect) {
            plans.append(try PathPlan(Layout(definition, format: format), path: path))
        }
        self.plans = plans
        let field = plans[0].leaf
        isCollection = plans[0].levels.contains { $0.field.shape != .single }
        content =
            switch field.element {
            case .primitive(let primitive): .numbers(primitive)
            case .string, .wideString: .strings
            case .message(let index): definition.types[index].time.map { .time($0) } ?? .message
            }
    }

    /// Appends the field's numbers; truth values count as 0 and 1.
    ///
    /// - Throws: `ROSError` of kind `field` where the field holds no numbers, `payload` where the message is malformed.
    public func readNumbers(_ payload: UnsafeRawBufferPointer, into values: inout [Double]) throws(ROSError) {
        guard case .numbers(let primitive) = content else { throw mismatch("numbers") }
        try visit(payload) { (cursor: inout WireCursor, field) throws(ROSError) in
            try cursor.readNumbers(primitive, shape: field.shape, into: &values)
        }
    }

    /// The field's only or first number as an integer; nil where there is none or it is not whole.
    ///
    /// - Throws: as `readNumbers`.
    public func readInteger(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Int? {
        var values: [Double] = []
        try readNumbers(payload, into: &values)
        return values.first.flatMap { Int(exactly: $0) }
    }

    /// The field's strings; bytes that are not UTF-8 are replaced.
    ///
    /// - Throws: `ROSError` of kind `field` where the field holds no strings, `payload` where the message is malformed.
    public func readStrings(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> [String] {
        guard content == .strings else { throw mismatch("strings") }
        var strings: [String] = []
        try visit(payload) { (cursor: inout WireCursor, field) throws(ROSError) in
            let count = try cursor.count(of: field.shape, minimumSize: 4, isDelimited: true)
            strings.reserveCapacity(count.elements)
            for _ in 0..<count.elements {
                strings.append(field.element == .string ? try cursor.string() : try cursor.wideString())
            }
            try cursor.finish(at: count.end)
        }
        return strings
    }

    /// Where the bytes of a blob lie in the payload: an array of 1-byte numbers, or a single string without its NUL.
    ///
    /// - Throws: `ROSError` of kind `field` where the field is neither or lies behind an array, `payload` where the message is malformed.
    public func readRange(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Range<Int> {
        let plan = plans[0]
        let isBlob: Bool =
            switch plan.leaf.element {
            case .primitive(let primitive): primitive.size == 1 && plan.leaf.shape != .single
            case .string: plan.leaf.shape == .single
            case .wideString, .message: false
            }
        guard isBlob, plan.levels.dropLast().allSatisfy({ $0.field.shape == .single }) else { throw mismatch("a blob") }
        var range = 0..<0
        try visit(payload) { (cursor: inout WireCursor, field) throws(ROSError) in
            if field.element == .string {
                range = try cursor.stringRange()
            } else {
                let count = try cursor.count(of: field.shape, minimumSize: 1, isDelimited: false).elements
                let start = cursor.offset
                try cursor.skip(count)
                range = start..<start + count
            }
        }
        return range
    }

    /// The bytes of a blob, in the payload or decoded from its text.
    ///
    /// - Throws: as `readRange`, which serves wherever the bytes lie in the payload.
    public func readBlob(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Blob {
        .range(try readRange(payload))
    }

    /// Where the whole field lies in the payload as it is on the wire, counts included: equal bytes mean equal values.
    ///
    /// - Throws: `ROSError` of kind `field` where the field lies behind an array, `payload` where the message is malformed.
    public func readWireRange(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Range<Int> {
        guard plans[0].levels.dropLast().allSatisfy({ $0.field.shape == .single }) else { throw mismatch("one field") }
        var range = 0..<0
        let plans = plans
        try visit(payload) { (cursor: inout WireCursor, _) throws(ROSError) in
            let plan = plans[cursor.planIndex]
            let start = cursor.offset
            try cursor.skip(plan.leafSteps, of: plan.layout)
            range = start..<cursor.offset
        }
        return range
    }

    /// The time stamp or duration that the path leads to, in nanoseconds.
    ///
    /// - Throws: `ROSError` of kind `field` where the field is no time or is an array, `payload` where the message is malformed.
    public func readTime(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Int64 {
        guard case .time = content, !isCollection else { throw mismatch("a time") }
        var nanoseconds: Int64 = 0
        let dialect = dialect
        let isInstant = content == .time(.instant)
        try visit(payload) { (cursor: inout WireCursor, _) throws(ROSError) in
            nanoseconds = try cursor.time(dialect: dialect, isInstant: isInstant)
        }
        return nanoseconds
    }

    private func mismatch(_ wanted: String) -> ROSError {
        ROSError(.field, "The field \(path) does not hold \(wanted).")
    }

    private func visit(
        _ payload: UnsafeRawBufferPointer,
        _ leaf: (inout WireCursor, MessageDefinition.Field) throws(ROSError) -> Void
    ) throws(ROSError) {
        var cursor = try WireCursor(payload, dialect: dialect)
        try plans[cursor.planIndex].visit(&cursor, leaf)
    }
}

/// The way to one field in one wire format.
struct PathPlan: Sendable {
    struct Level: Sendable {
        let field: MessageDefinition.Field
        /// Moves from the message's start to the field.
        let before: [Layout.Step]
        /// Moves from the field's end to the message's end.
        let after: [Layout.Step]
        /// What one element of the field takes at least.
        let minimumSize: Int
    }

    let layout: Layout
    let levels: [Level]
    /// Moves over the field itself.
    let leafSteps: [Layout.Step]

    /// The field that the path leads to.
    var leaf: MessageDefinition.Field { levels[levels.count - 1].field }

    init(_ layout: Layout, path: String) throws(ROSError) {
        var levels: [Level] = []
        var type = layout.definition.root
        let names = path.split(separator: ".", omittingEmptySubsequences: false)
        for (depth, name) in names.enumerated() {
            guard let index = type.index(of: String(name)) else {
                throw ROSError(
                    .field,
                    "\(type.name) has no field \(name)\(names.count > 1 ? " (in \(path))" : ""). It has: \(Self.list(type.fields))."
                )
            }
            let field = type.fields[index]
            levels.append(
                Level(
                    field: field,
                    before: index == 0 ? [] : layout.steps(over: type.fields[..<index], of: type),
                    after: index + 1 == type.fields.count ? [] : layout.steps(over: type.fields[(index + 1)...], of: type),
                    minimumSize: layout.minimumSize(of: field.element)
                )
            )
            if depth + 1 < names.count {
                guard case .message(let next) = field.element else {
                    throw ROSError(.field, "The field \(name) of \(type.name) has no parts (in \(path)).")
                }
                type = layout.definition.types[next]
            }
        }
        self.layout = layout
        self.levels = levels
        leafSteps = layout.steps(over: [levels[levels.count - 1].field], of: type)
    }

    private static func list(_ fields: [MessageDefinition.Field]) -> String {
        fields.isEmpty ? "none" : fields.prefix(40).map(\.name).joined(separator: ", ")
    }

    func visit(
        _ cursor: inout WireCursor,
        _ leaf: (inout WireCursor, MessageDefinition.Field) throws(ROSError) -> Void
    ) throws(ROSError) {
        try visit(0, isRepeated: false, &cursor, leaf)
    }

    private func visit(
        _ depth: Int,
        isRepeated: Bool,
        _ cursor: inout WireCursor,
        _ leaf: (inout WireCursor, MessageDefinition.Field) throws(ROSError) -> Void
    ) throws(ROSError) {
        let level = levels[depth]
        try cursor.skip(level.before, of: layout)
        if depth + 1 == levels.count {
            try leaf(&cursor, level.field)
        } else if level.field.shape == .single {
            try visit(depth + 1, isRepeated: isRepeated, &cursor, leaf)
        } else {
            let count = try cursor.count(of: level.field.shape, minimumSize: level.minimumSize, isDelimited: true)
            // Elements without any byte hold no values; their number is bounded by nothing.
            if level.minimumSize > 0 {
                for _ in 0..<count.elements { try visit(depth + 1, isRepeated: true, &cursor, leaf) }
            }
            try cursor.finish(at: count.end)
        }
        if isRepeated { try cursor.skip(level.after, of: layout) }
    }
}

extension WireCursor {
    /// The position of the format among those of its dialect.
    var planIndex: Int { format == .cdr2 ? 1 : 0 }

    /// Reads how many elements of a field follow.
    ///
    /// Where the format puts a byte length before a collection, `end` is where it ends; nil otherwise.
    mutating func count(
        of shape: MessageDefinition.Shape,
        minimumSize: Int,
        isDelimited: Bool
    ) throws(ROSError) -> (elements: Int, end: Int?) {
        guard shape != .single else { return (1, nil) }
        var end: Int?
        if isDelimited, format == .cdr2 {
            let length = try length()
            end = offset + length
        }
        let fixed: Int? = if case .fixed(let count) = shape { count } else { nil }
        return (try elements(fixed, minimumSize: minimumSize), end)
    }

    /// Moves to the end of a delimited collection.
    mutating func finish(at end: Int?) throws(ROSError) {
        if let end { try finish(at: end) }
    }

    /// Reads seconds and nanoseconds as nanoseconds.
    mutating func time(dialect: MessageDefinition.Dialect, isInstant: Bool) throws(ROSError) -> Int64 {
        let seconds = try load(UInt32.self)
        let nanoseconds = try load(UInt32.self)
        // Instants of ROS 1 have unsigned seconds; its durations have both parts signed, ROS 2 only the seconds.
        let whole = dialect == .ros1 && isInstant ? Int64(seconds) : Int64(Int32(bitPattern: seconds))
        let part = dialect == .ros1 && !isInstant ? Int64(Int32(bitPattern: nanoseconds)) : Int64(nanoseconds)
        return whole * 1_000_000_000 + part
    }

    /// Appends the numbers of a field.
    mutating func readNumbers(
        _ primitive: MessageDefinition.Primitive,
        shape: MessageDefinition.Shape,
        into values: inout [Double]
    ) throws(ROSError) {
        let count = try count(of: shape, minimumSize: primitive.size, isDelimited: false).elements
        switch primitive {
        case .bool: try append(count, UInt8.self, to: &values) { $0 == 0 ? 0 : 1 }
        case .int8: try append(count, Int8.self, to: &values) { Double($0) }
        case .uint8: try append(count, UInt8.self, to: &values) { Double($0) }
        case .int16: try append(count, Int16.self, to: &values) { Double($0) }
        case .uint16: try append(count, UInt16.self, to: &values) { Double($0) }
        case .int32: try append(count, Int32.self, to: &values) { Double($0) }
        case .uint32: try append(count, UInt32.self, to: &values) { Double($0) }
        case .int64: try append(count, Int64.self, to: &values) { Double($0) }
        case .uint64: try append(count, UInt64.self, to: &values) { Double($0) }
        case .float32: try append(count, UInt32.self, to: &values) { Double(Float(bitPattern: $0)) }
        case .float64: try append(count, UInt64.self, to: &values) { Double(bitPattern: $0) }
        }
    }

    @inline(__always)
    private mutating func append<Raw: FixedWidthInteger & BitwiseCopyable, Value>(
        _ count: Int,
        _ type: Raw.Type,
        to values: inout [Value],
        _ convert: (Raw) -> Value
    ) throws(ROSError) {
        guard count > 0 else { return }
        let size = MemoryLayout<Raw>.size
        try align(to: size)
        let start = offset
        // The count was checked against what was left before the padding.
        guard count <= remaining / size else { throw Self.truncated }
        try skip(count * size)
        if values.isEmpty { values.reserveCapacity(count) }
        for index in 0..<count {
            let raw = bytes.loadUnaligned(fromByteOffset: start + index * size, as: type)
            values.append(convert(isBigEndian ? Raw(bigEndian: raw) : Raw(littleEndian: raw)))
        }
    }
}
