/// Takes whole messages of a type apart.
public struct MessageDecoder: Sendable {
    private let definition: MessageDefinition
    private let layouts: [Layout]

    /// A decoder for messages of a type.
    public init(_ definition: MessageDefinition) {
        self.definition = definition
        layouts = WireFormat.formats(of: definition.dialect).map { Layout(definition, format: $0) }
    }

    /// The message as a tree of values.
    ///
    /// Memory is bounded by a multiple of the payload's size, whatever the counts in it claim.
    ///
    /// - Parameter payload: one message as serialised, with its encapsulation header in ROS 2.
    /// - Throws: `ROSError` of kind `payload` where the bytes do not hold the message, or more than it; `encoding` where they are not plain CDR.
    public func decode(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> FieldValue {
        let cursor = try WireCursor(payload, dialect: definition.dialect)
        var walk = TreeWalk(cursor: cursor, layout: layouts[cursor.planIndex], budget: 65_536 + 4 * payload.count)
        let value = try walk.message(0)
        // CDR is padded to a multiple of four; anything longer means that the definition is not the message's own.
        guard walk.cursor.remaining <= (definition.dialect == .ros1 ? 0 : 3) else {
            throw ROSError(.payload, "A message of type \(definition.root.name) has \(walk.cursor.remaining) bytes after its last field.")
        }
        return value
    }
}

private struct TreeWalk {
    var cursor: WireCursor
    let layout: Layout
    /// How many values may still be made: ROS 1 lets arrays of empty messages claim any number without a byte.
    var budget: Int

    mutating func message(_ index: Int) throws(ROSError) -> FieldValue {
        try spend(1)
        let type = layout.definition.types[index]
        if let time = type.time {
            let nanoseconds = try cursor.time(dialect: layout.definition.dialect, isInstant: time == .instant)
            return time == .instant ? .time(nanoseconds) : .duration(nanoseconds)
        }
        var members: [FieldValue.Member] = []
        members.reserveCapacity(type.fields.count)
        for field in type.fields { members.append(.init(field.name, try value(field))) }
        if type.fields.isEmpty { try cursor.skip(layout.messages[index].steps, of: layout) }
        return .message(members)
    }

    private mutating func value(_ field: MessageDefinition.Field) throws(ROSError) -> FieldValue {
        guard field.shape != .single else { return try element(field.element) }
        let isPrimitive = if case .primitive = field.element { true } else { false }
        let minimumSize = layout.minimumSize(of: field.element)
        let count = try cursor.count(of: field.shape, minimumSize: minimumSize, isDelimited: !isPrimitive)
        if field.element == .primitive(.uint8) {
            let start = cursor.offset
            try cursor.skip(count.elements)
            return .bytes([UInt8](cursor.bytes[start..<start + count.elements]))
        }
        try spend(count.elements)
        var values: [FieldValue] = []
        values.reserveCapacity(count.elements)
        for _ in 0..<count.elements { values.append(try element(field.element)) }
        try cursor.finish(at: count.end)
        return .list(values)
    }

    private mutating func element(_ element: MessageDefinition.Element) throws(ROSError) -> FieldValue {
        switch element {
        case .primitive(.bool): .bool(try cursor.load(UInt8.self) != 0)
        case .primitive(.int8): .integer(Int64(try cursor.load(Int8.self)))
        case .primitive(.uint8): .unsigned(UInt64(try cursor.load(UInt8.self)))
        case .primitive(.int16): .integer(Int64(try cursor.load(Int16.self)))
        case .primitive(.uint16): .unsigned(UInt64(try cursor.load(UInt16.self)))
        case .primitive(.int32): .integer(Int64(try cursor.load(Int32.self)))
        case .primitive(.uint32): .unsigned(UInt64(try cursor.load(UInt32.self)))
        case .primitive(.int64): .integer(try cursor.load(Int64.self))
        case .primitive(.uint64): .unsigned(try cursor.load(UInt64.self))
        case .primitive(.float32): .float32(Float(bitPattern: try cursor.load(UInt32.self)))
        case .primitive(.float64): .float64(Double(bitPattern: try cursor.load(UInt64.self)))
        case .string: .string(try cursor.string())
        case .wideString: .string(try cursor.wideString())
        case .message(let index): try message(index)
        }
    }

    private mutating func spend(_ count: Int) throws(ROSError) {
        guard count <= budget else {
            throw ROSError(.payload, "A message of type \(layout.definition.root.name) claims more values than its size justifies.")
        }
        budget -= count
    }
}
