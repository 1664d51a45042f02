/// Takes whole protobuf messages apart.
struct ProtobufDecoder {
    private let type: ProtobufMessageType
    /// How many values may still be made: a message of two bytes stands for all its fields' defaults.
    private var budget = 0

    init(_ type: ProtobufMessageType) {
        self.type = type
    }

    func decode(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> FieldValue {
        var decoder = self
        decoder.budget = (1 << 20) + 64 * payload.count
        return try decoder.message(0, payload, [0..<payload.count], depth: 0)
    }

    /// What has been found of one field.
    private enum Found {
        case value(FieldValue)
        /// A message's parts, which count as one after another.
        case parts([Range<Int>])
        case list([FieldValue])
        /// A map's entries, and where each key stands.
        case entries([FieldValue.Member], [String: Int])
    }

    private mutating func message(
        _ index: Int,
        _ bytes: UnsafeRawBufferPointer,
        _ parts: [Range<Int>],
        depth: Int
    ) throws(ROSError) -> FieldValue {
        guard depth < ProtobufCursor.maximumDepth else { throw ProtobufCursor.tooDeep }
        let message = type.types[index]
        try spend(1 + message.fields.count)
        if let time = message.time, let nanoseconds = try bytes.protobufTime(parts) {
            return time == .instant ? .time(nanoseconds) : .duration(nanoseconds)
        }
        var found: [Int: Found] = [:]
        var chosen: [Int: Int] = [:]
        for part in parts {
            var cursor = ProtobufCursor(bytes, part)
            while let record = try cursor.next() {
                guard let position = message.positions[record.number] else { continue }
                let field = message.fields[position]
                guard try add(record, of: field, bytes, to: &found[position], depth: depth) else { continue }
                guard let oneof = field.oneof else { continue }
                if let other = chosen[oneof], other != position { found[other] = nil }
                chosen[oneof] = position
            }
        }
        var members: [FieldValue.Member] = []
        members.reserveCapacity(message.fields.count)
        for (position, field) in message.fields.enumerated() {
            guard let value = try value(found[position], of: field, bytes, depth: depth) else { continue }
            members.append(.init(field.name, value))
        }
        return .message(members)
    }

    private mutating func value(
        _ found: Found?,
        of field: ProtobufMessageType.Field,
        _ bytes: UnsafeRawBufferPointer,
        depth: Int
    ) throws(ROSError) -> FieldValue? {
        switch found {
        case .value(let value)?: return value
        case .list(let values)?: return .list(values)
        // Writers put entries in no order of their own; the keys' is the same every time.
        case .entries(let members, _)?: return .message(members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        case .parts(let parts)?:
            guard case .message(let child) = field.kind else { return nil }
            return try message(child, bytes, parts, depth: depth + 1)
        case nil:
            guard field.isRepeated else { return field.absent }
            return type.mapValue(field) == nil ? .list([]) : .message([])
        }
    }

    /// Adds one record to what was found of its field; false where it is not one of the field's wire types.
    private mutating func add(
        _ record: ProtobufCursor.Record,
        of field: ProtobufMessageType.Field,
        _ bytes: UnsafeRawBufferPointer,
        to found: inout Found?,
        depth: Int
    ) throws(ROSError) -> Bool {
        if case .message(let child) = field.kind {
            guard record.type == .lengthDelimited || record.type == .group else { return false }
            if let entry = type.mapValue(field) {
                var (members, places) = if case .entries(let members, let places)? = found { (members, places) } else { ([], [:]) }
                found = nil
                let member = try self.entry(child, entry, bytes, record.value, depth: depth)
                if let place = places[member.name] {
                    members[place] = member
                } else {
                    places[member.name] = members.count
                    members.append(member)
                }
                found = .entries(members, places)
            } else if field.isRepeated {
                let value = try message(child, bytes, [record.value], depth: depth + 1)
                Self.append([value], to: &found)
            } else {
                var parts = if case .parts(let parts)? = found { parts } else { [Range<Int>]() }
                found = nil
                parts.append(record.value)
                found = .parts(parts)
            }
            return true
        }
        guard let wireType = field.kind.wireType else { return false }
        if record.type == wireType {
            try spend(1)
            let value = try bytes.protobufValue(field.kind, record)
            if field.isRepeated { Self.append([value], to: &found) } else { found = .value(value) }
            return true
        }
        // Numbers that are repeated may stand packed, whatever the definition says.
        guard field.isRepeated, record.type == .lengthDelimited, wireType != .lengthDelimited else { return false }
        var values: [FieldValue] = []
        try bytes.protobufPacked(record, wireType) { (bits) throws(ROSError) in
            try spend(1)
            values.append(field.kind.value(bits))
        }
        Self.append(values, to: &found)
        return true
    }

    private static func append(_ values: [FieldValue], to found: inout Found?) {
        guard case .list(var list)? = found else {
            found = .list(values)
            return
        }
        // Only one owner of the list is left, so that it grows in place.
        found = nil
        list += values
        found = .list(list)
    }

    private mutating func entry(
        _ child: Int,
        _ entry: (key: ProtobufMessageType.Field, value: ProtobufMessageType.Field),
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        depth: Int
    ) throws(ROSError) -> FieldValue.Member {
        let pair = try message(child, bytes, [range], depth: depth + 1)
        let key = pair[entry.key.name].map { $0.mapKey } ?? entry.key.kind.zero.mapKey
        if let value = pair[entry.value.name] { return .init(key, value) }
        guard case .message(let index) = entry.value.kind else { return .init(key, entry.value.kind.zero) }
        return .init(key, try message(index, bytes, [], depth: depth + 2))
    }

    private mutating func spend(_ count: Int) throws(ROSError) {
        guard count <= budget else {
            throw ROSError(.payload, "A message of type \(type.root.name) claims more values than its size justifies.")
        }
        budget -= count
    }
}

extension FieldValue {
    /// A map's key as a name.
    var mapKey: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .unsigned(let value): String(value)
        case .string(let value): value
        default: ""
        }
    }
}
