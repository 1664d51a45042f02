/// Takes whole messages in ROS 1's form or CDR apart.
///
/// An object rather than a value, so that reading a message copies none of it.
final class WireDecoder: Sendable {
    private let definition: MessageDefinition
    private let layouts: PerFormat<Layout>
    /// Of the usual format; nil where its messages cannot be read flat.
    private let outline: MessageOutline?

    init(_ definition: MessageDefinition) {
        self.definition = definition
        let usual = Layout(definition, format: definition.dialect == .ros1 ? .ros1 : .cdr1)
        layouts = PerFormat(dialect: definition.dialect, usual: usual) { Layout(definition, format: $0) }
        outline = MessageOutline(usual)
    }

    /// - Returns: nil where the message is not in the usual format, does not fit its definition or has lists that are too long.
    func readFlat(_ payload: UnsafeRawBufferPointer, into values: inout FlatValues, maximumMessages: Int) -> MessageOutline? {
        guard let outline, payload.count < 1 << 32 else { return nil }
        do throws(ROSError) {
            let cursor = try WireCursor(payload, dialect: definition.dialect)
            guard cursor.format == (definition.dialect == .ros1 ? .ros1 : .cdr1) else { return nil }
            values.values.removeAll(keepingCapacity: true)
            var reader = FlatReader(cursor, outline, dialect: definition.dialect, maximumMessages: maximumMessages)
            return try reader.read(into: &values) ? outline : nil
        } catch {
            return nil
        }
    }

    func decode(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> FieldValue {
        var cursor = try WireCursor(payload, dialect: definition.dialect)
        let layout = layouts[cursor.format]
        if definition.hasWideStrings { cursor.wideSize = layout.wideSize(at: cursor) }
        var walk = TreeWalk(cursor: cursor, layout: layout, budget: 65_536 + 4 * payload.count)
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
            let nanoseconds = try cursor.time(index, of: layout)
            return time == .instant ? .time(nanoseconds) : .duration(nanoseconds)
        }
        let framing = layout.framing(index)
        var members: [FieldValue.Member] = []
        members.reserveCapacity(type.fields.count)
        let outer = try cursor.enterMessage(framing)
        switch framing {
        case .plain:
            for field in type.fields {
                guard let value = try field.traits.isOptional ? optional(field) : value(field) else { continue }
                members.append(.init(field.name, value))
            }
            if type.fields.isEmpty { try cursor.skip(layout.messages[index].steps, of: layout) }
        case .delimited:
            for field in type.fields where cursor.remaining > 0 {
                guard let value = try field.traits.isOptional ? optional(field) : value(field) else { continue }
                members.append(.init(field.name, value))
            }
        case .parameters1, .parameters2:
            members = try parameters(type, framing)
        }
        if let outer { cursor.leave(to: outer) }
        return .message(members)
    }

    /// A message's parameters, in the order of the definition whatever the message's is; the first of each counts.
    private mutating func parameters(
        _ type: MessageDefinition.MessageType,
        _ framing: WireFormat.Framing
    ) throws(ROSError) -> [FieldValue.Member] {
        let positions = Dictionary(type.fields.enumerated().map { ($1.traits.id, $0) }) { first, _ in first }
        var values: [Int: FieldValue] = [:]
        while let parameter = try cursor.parameter(framing) {
            guard let position = positions[parameter.id], values[position] == nil else {
                try parameter.check(isKnown: positions[parameter.id] != nil)
                try cursor.skip(parameter.count)
                continue
            }
            let within = try cursor.enter(parameter)
            values[position] = try value(type.fields[position])
            cursor.leave(to: within)
        }
        return type.fields.enumerated().compactMap { index, field in values[index].map { .init(field.name, $0) } }
    }

    private mutating func optional(_ field: MessageDefinition.Field) throws(ROSError) -> FieldValue? {
        guard let outer = try cursor.enterOptional() else { return nil }
        let value = try value(field)
        cursor.leaveOptional(to: outer)
        return value
    }

    private mutating func value(_ field: MessageDefinition.Field) throws(ROSError) -> FieldValue {
        guard field.shape != .single else { return try element(field.element) }
        let count = try cursor.count(of: field, minimumSize: layout.minimumSize(of: field.element))
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
