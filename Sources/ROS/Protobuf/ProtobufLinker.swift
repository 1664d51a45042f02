/// Resolves the names of types between descriptors, for one message and what it needs.
struct ProtobufLinker {
    private let descriptors: ProtobufDescriptors
    private var order: [String] = []
    private var positions: [String: Int] = [:]

    init(_ descriptors: ProtobufDescriptors) {
        self.descriptors = descriptors
    }

    /// The linked types, the one named first.
    mutating func types(root name: String) throws(ROSError) -> [ProtobufMessageType.MessageType] {
        let root = name.utf8.first == UInt8(ascii: ".") ? String(name.dropFirst()) : name
        guard descriptors.messages[root] != nil else {
            throw ROSError(.definition, "The protobuf schema does not define \(name).")
        }
        _ = position(of: root)
        var types: [ProtobufMessageType.MessageType] = []
        while types.count < order.count {
            guard let message = descriptors.messages[order[types.count]] else { break }
            types.append(try type(message))
        }
        return types
    }

    private mutating func position(of name: String) -> Int {
        if let known = positions[name] { return known }
        positions[name] = order.count
        order.append(name)
        return order.count - 1
    }

    private mutating func type(_ message: ProtobufDescriptors.Message) throws(ROSError) -> ProtobufMessageType.MessageType {
        var fields: [ProtobufMessageType.Field] = []
        var positions: [UInt32: Int] = [:]
        var names: Set<String> = []
        for field in message.fields {
            guard let number = UInt32(exactly: field.number), number > 0, number < 1 << 29, positions[number] == nil,
                names.insert(field.name).inserted
            else {
                throw ROSError(.definition, "\(message.name) has a field \(field.name) whose name or number is not its own.")
            }
            positions[number] = fields.count
            let kind = try kind(field, in: message.name)
            fields.append(
                .init(
                    name: field.name,
                    number: number,
                    kind: kind,
                    isRepeated: field.isRepeated,
                    oneof: field.oneof,
                    absent: try absent(field, kind, in: message.name)
                )
            )
        }
        return .init(
            name: message.name,
            fields: fields,
            positions: positions,
            isMapEntry: message.isMapEntry,
            time: Self.time(message.name, fields)
        )
    }

    private static func time(_ name: String, _ fields: [ProtobufMessageType.Field]) -> MessageDefinition.TimeKind? {
        let isPair =
            fields.count == 2 && fields[0].number == 1 && fields[0].kind == .int64 && fields[1].number == 2 && fields[1].kind == .int32
            && fields.allSatisfy { !$0.isRepeated }
        guard isPair else { return nil }
        return switch name {
        case "google.protobuf.Timestamp": .instant
        case "google.protobuf.Duration": .duration
        default: nil
        }
    }

    private mutating func kind(_ field: ProtobufDescriptors.Field, in message: String) throws(ROSError) -> ProtobufMessageType.Kind {
        switch field.type {
        case 1: return .double
        case 2: return .float
        case 3: return .int64
        case 4: return .uint64
        case 5: return .int32
        case 6: return .fixed64
        case 7: return .fixed32
        case 8: return .bool
        case 9: return .string
        case 12: return .bytes
        case 13: return .uint32
        case 15: return .sfixed32
        case 16: return .sfixed64
        case 17: return .sint32
        case 18: return .sint64
        // Groups are messages that stand otherwise on the wire; a descriptor may leave out which of the three a name is.
        case 0, 10, 11, 14:
            for name in Self.candidates(field.typeName, in: message) {
                if field.type != 14, descriptors.messages[name] != nil { return .message(position(of: name)) }
                if field.type == 14 || field.type == 0, descriptors.enumerations[name] != nil { return .enumeration }
            }
            throw ROSError(
                .definition,
                "\(message) uses the type \(field.typeName) (in \(field.name)), which the protobuf schema does not define."
            )
        default:
            throw ROSError(.definition, "The field \(field.name) of \(message) has a type that protobuf does not have.")
        }
    }

    /// What a name may mean: as it stands behind a dot in front, else in the innermost scope that has it.
    private static func candidates(_ name: String, in scope: String) -> [String] {
        if name.utf8.first == UInt8(ascii: ".") { return [String(name.dropFirst())] }
        var candidates: [String] = []
        var scope = scope[...]
        while candidates.count <= 2 * ProtobufDescriptors.maximumDepth {
            candidates.append(scope + "." + name)
            guard let dot = scope.utf8.lastIndex(of: UInt8(ascii: ".")) else { break }
            scope = scope[..<dot]
        }
        return candidates + [name]
    }

    /// What stands for a field that is not there: the default of fields without presence, and the one that a file names.
    private func absent(
        _ field: ProtobufDescriptors.Field,
        _ kind: ProtobufMessageType.Kind,
        in message: String
    ) throws(ROSError) -> FieldValue? {
        if field.isRepeated { return nil }
        if case .message = kind { return nil }
        guard let written = field.defaultValue else { return field.hasPresence ? nil : zero(kind, field, in: message) }
        let text = String(decoding: written, as: UTF8.self)
        let value: FieldValue? =
            switch kind {
            case .double: Double(text).map { .float64($0) }
            case .float: Float(text).map { .float32($0) }
            case .int32, .int64, .sint32, .sint64, .sfixed32, .sfixed64: Int64(text).map { .integer($0) }
            case .uint32, .uint64, .fixed32, .fixed64: UInt64(text).map { .unsigned($0) }
            case .bool: .bool(text == "true")
            case .string: .string(text)
            case .bytes: .bytes(Self.unescaped(written))
            case .enumeration: enumerators(field, in: message).first { $0.name == text }.map { .integer(Int64($0.number)) }
            case .message: nil
            }
        guard let value else {
            throw ROSError(.definition, "The field \(field.name) of \(message) has a default that its type does not have.")
        }
        return value
    }

    private func zero(_ kind: ProtobufMessageType.Kind, _ field: ProtobufDescriptors.Field, in message: String) -> FieldValue? {
        switch kind {
        case .double: .float64(0)
        case .float: .float32(0)
        case .int32, .int64, .sint32, .sint64, .sfixed32, .sfixed64: .integer(0)
        case .uint32, .uint64, .fixed32, .fixed64: .unsigned(0)
        case .bool: .bool(false)
        case .string: .string("")
        case .bytes: .bytes([])
        case .enumeration: .integer(Int64(enumerators(field, in: message).first?.number ?? 0))
        case .message: nil
        }
    }

    private func enumerators(_ field: ProtobufDescriptors.Field, in message: String) -> [(name: String, number: Int32)] {
        for name in Self.candidates(field.typeName, in: message) {
            if let values = descriptors.enumerations[name] { return values }
        }
        return []
    }

    /// Bytes that a descriptor holds with the escapes of C.
    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < text.count else {
                result.append(byte)
                continue
            }
            let escape = text[index]
            index += 1
            switch escape {
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "x"):
                var value: UInt8 = 0
                for _ in 0..<2 where index < text.count {
                    guard let digit = Character(Unicode.Scalar(text[index])).hexDigitValue else { break }
                    value = value << 4 | UInt8(digit)
                    index += 1
                }
                result.append(value)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                var value = Int(escape) - 48
                for _ in 0..<2 where index < text.count && (48...55).contains(text[index]) {
                    value = value * 8 + Int(text[index]) - 48
                    index += 1
                }
                result.append(UInt8(truncatingIfNeeded: value))
            default: result.append(escape)
            }
        }
        return result
    }
}
