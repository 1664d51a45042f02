/// Reads one field of protobuf messages, stepping over everything else.
struct ProtobufFieldReader: Sendable {
    private struct Level: Sendable {
        let field: ProtobufMessageType.Field
        /// Numbers of the fields that displace this one when they come after it.
        let rivals: Set<UInt32>
        /// The entry of a map that is asked for: its key, and the fields of the entry.
        let entry: Entry?
    }

    private struct Entry: Sendable {
        let name: String
        let key: ProtobufMessageType.Field
        let value: ProtobufMessageType.Field
    }

    let path: String
    let content: FieldReader.Content
    let isCollection: Bool
    private let type: ProtobufMessageType
    private let levels: [Level]
    /// The field that the path leads to, or a map's value.
    private let leaf: ProtobufMessageType.Field

    init(_ type: ProtobufMessageType, path: String) throws(ROSError) {
        self.type = type
        self.path = path
        var levels: [Level] = []
        var message: ProtobufMessageType.MessageType? = type.root
        var names = path.split(separator: ".", omittingEmptySubsequences: false)[...]
        var leaf: ProtobufMessageType.Field?
        while let name = names.popFirst() {
            guard let current = message else { throw ROSError(.field, "The field \(leaf?.name ?? "") has no parts (in \(path)).") }
            guard let field = current.fields.first(where: { $0.name == name }) else {
                throw ROSError.noField(String(name), of: current.name, path: path, fields: current.fields.map(\.name))
            }
            var entry: Entry?
            leaf = field
            if let map = type.mapValue(field), let key = names.popFirst() {
                entry = Entry(name: String(key), key: map.key, value: map.value)
                leaf = map.value
            }
            let rivals = current.fields.filter { $0.oneof != nil && $0.oneof == field.oneof && $0.number != field.number }
            levels.append(Level(field: field, rivals: Set(rivals.map(\.number)), entry: entry))
            message = if case .message(let next)? = leaf?.kind { type.types[next] } else { nil }
        }
        guard let leaf else { throw ROSError.noField("", of: type.root.name, path: path, fields: type.root.fields.map(\.name)) }
        self.leaf = leaf
        self.levels = levels
        isCollection = levels.contains { $0.field.isRepeated && $0.entry == nil }
        content =
            switch leaf.kind {
            case .string: .strings
            case .bytes: .bytes
            case .message(let index): type.types[index].time.map { .time($0) } ?? .message
            default: leaf.kind.primitive.map { .numbers($0) } ?? .message
            }
    }

    func readNumbers(_ payload: UnsafeRawBufferPointer, into values: inout [Double]) throws(ROSError) {
        guard case .numbers = content, let wireType = leaf.kind.wireType else { throw mismatch("numbers") }
        let kind = leaf.kind
        try visit(payload) { (records, isRepeated) throws(ROSError) in
            guard isRepeated else {
                if let record = records.last {
                    values.append(kind.number(try payload.protobufBits(record)))
                } else if let absent = leaf.absent?.number {
                    values.append(absent)
                }
                return
            }
            for record in records {
                if record.type == wireType {
                    values.append(kind.number(try payload.protobufBits(record)))
                } else {
                    try payload.protobufPacked(record, wireType) { (bits) throws(ROSError) in values.append(kind.number(bits)) }
                }
            }
        }
    }

    func readStrings(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> [String] {
        guard content == .strings else { throw mismatch("strings") }
        var strings: [String] = []
        try visit(payload) { (records, isRepeated) throws(ROSError) in
            if !isRepeated, records.isEmpty, case .string(let absent)? = leaf.absent { strings.append(absent) }
            for record in isRepeated ? records[...] : records.suffix(1) {
                strings.append(String(decoding: payload[record.value], as: UTF8.self))
            }
        }
        return strings
    }

    func readBlob(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Blob {
        guard leaf.kind == .bytes || leaf.kind == .string, !isCollection else { throw mismatch("a blob") }
        var blob = Blob.range(0..<0)
        try visit(payload) { (records, _) throws(ROSError) in
            if let record = records.last {
                blob = .range(record.value)
            } else if case .bytes(let absent)? = leaf.absent, !absent.isEmpty {
                blob = .bytes(absent)
            }
        }
        return blob
    }

    func readWireRange(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Range<Int> {
        guard levels.dropLast().allSatisfy({ !$0.field.isRepeated }) else { throw mismatch("one field") }
        var range = 0..<0
        try visit(payload) { (records, _) throws(ROSError) in
            guard let first = records.first, let last = records.last else { return }
            range = first.whole.lowerBound..<last.whole.upperBound
        }
        return range
    }

    func readTime(_ payload: UnsafeRawBufferPointer) throws(ROSError) -> Int64 {
        guard case .time = content, !isCollection else { throw mismatch("a time") }
        var nanoseconds: Int64 = 0
        try visit(payload) { (records, _) throws(ROSError) in
            guard let time = try payload.protobufTime(records.map(\.value)) else {
                throw ROSError(.payload, "The time in the field \(path) is farther away than nanoseconds in 64 bits reach.")
            }
            nanoseconds = time
        }
        return nanoseconds
    }

    private func mismatch(_ wanted: String) -> ROSError {
        ROSError(.field, "The field \(path) does not hold \(wanted).")
    }

    /// Calls `body` with the records of the field, once for each message that can have it.
    private func visit(
        _ payload: UnsafeRawBufferPointer,
        _ body: ([ProtobufCursor.Record], _ isRepeated: Bool) throws(ROSError) -> Void
    ) throws(ROSError) {
        try visit(0, payload, [0..<payload.count], body)
    }

    private func visit(
        _ depth: Int,
        _ payload: UnsafeRawBufferPointer,
        _ parts: [Range<Int>],
        _ body: ([ProtobufCursor.Record], _ isRepeated: Bool) throws(ROSError) -> Void
    ) throws(ROSError) {
        let level = levels[depth]
        let records = try records(of: level.field, rivals: level.rivals, payload, parts)
        let isLast = depth + 1 == levels.count
        if let entry = level.entry {
            guard let pair = try find(entry, among: records, payload) else { return }
            let values = try self.records(of: entry.value, rivals: [], payload, [pair])
            return isLast ? try body(values, false) : try visit(depth + 1, payload, values.map(\.value), body)
        }
        if isLast {
            try body(records, level.field.isRepeated)
        } else if level.field.isRepeated {
            for record in records { try visit(depth + 1, payload, [record.value], body) }
        } else if !records.isEmpty {
            try visit(depth + 1, payload, records.map(\.value), body)
        }
    }

    /// The records of one field that count, in order.
    private func records(
        of field: ProtobufMessageType.Field,
        rivals: Set<UInt32>,
        _ payload: UnsafeRawBufferPointer,
        _ parts: [Range<Int>]
    ) throws(ROSError) -> [ProtobufCursor.Record] {
        var records: [ProtobufCursor.Record] = []
        let wireType = field.kind.wireType
        for part in parts {
            var cursor = ProtobufCursor(payload, part)
            while let record = try cursor.next() {
                if record.number == field.number {
                    let isMessage = wireType == nil && (record.type == .lengthDelimited || record.type == .group)
                    let isPacked = field.isRepeated && record.type == .lengthDelimited
                    if isMessage || record.type == wireType || isPacked && wireType != nil { records.append(record) }
                } else if !rivals.isEmpty, rivals.contains(record.number) {
                    records.removeAll()
                }
            }
        }
        return records
    }

    /// The last entry of a map that has the key.
    private func find(
        _ entry: Entry,
        among records: [ProtobufCursor.Record],
        _ payload: UnsafeRawBufferPointer
    ) throws(ROSError) -> Range<Int>? {
        for record in records.reversed() {
            let key = try self.records(of: entry.key, rivals: [], payload, [record.value]).last
            let value = try key.map { (key) throws(ROSError) in try payload.protobufValue(entry.key.kind, key) } ?? entry.key.kind.zero
            if value.mapKey == entry.name { return record.value }
        }
        return nil
    }
}

extension FieldValue {
    /// The number that a value is; truth values count as 0 and 1.
    var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .float32(let value): Double(value)
        case .float64(let value): value
        case .string, .bytes, .time, .duration, .list, .message: nil
        }
    }
}
