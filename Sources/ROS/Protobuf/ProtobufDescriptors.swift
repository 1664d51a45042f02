/// The message types of a `FileDescriptorSet`, as far as decoding needs them (google/protobuf/descriptor.proto).
struct ProtobufDescriptors {
    struct Field {
        var name = ""
        var number: UInt64 = 0
        var isRepeated = false
        var type: UInt64 = 0
        var typeName = ""
        var oneof: Int?
        var defaultValue: [UInt8]?
        /// What the file's syntax says of fields like this one.
        var hasPresence = true
    }

    struct Message {
        /// The full name without a dot in front.
        var name = ""
        var fields: [Field] = []
        var isMapEntry = false
        fileprivate(set) var source = 0..<0
    }

    /// How many types and fields one set may have in all.
    static let maximumTypes = 1 << 16
    static let maximumFields = 1 << 20
    /// How deep types may be declared within types.
    static let maximumDepth = 64
    /// How long a type's full name may be, in bytes: each field looks for its type in every scope of it.
    static let maximumNameSize = 1024

    /// By full name.
    private(set) var messages: [String: Message] = [:]
    /// Enumerations' values by name, by the enumeration's full name.
    private(set) var enumerations: [String: [(name: String, number: Int32)]] = [:]
    private var fieldCount = 0
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) throws(ROSError) {
        self.bytes = bytes
        do throws(ROSError) {
            var cursor = ProtobufCursor(bytes, 0..<bytes.count)
            while let record = try cursor.next() {
                if record.number == 1, record.type == .lengthDelimited { try file(record.value) }
            }
        } catch {
            guard error.kind == .payload else { throw error }
            throw ROSError(.definition, "The schema is not a protobuf FileDescriptorSet. \(error.message)")
        }
    }

    /// How fields without a word of their own are present.
    private enum Syntax {
        case proto2
        case proto3
        /// An edition's, with its default.
        case edition(implicit: Bool)
    }

    private mutating func file(_ range: Range<Int>) throws(ROSError) {
        var package = ""
        var syntaxName = ""
        var isImplicit = false
        var cursor = ProtobufCursor(bytes, range)
        while let record = try cursor.next() {
            switch (record.number, record.type) {
            case (2, .lengthDelimited): package = text(record)
            case (12, .lengthDelimited): syntaxName = text(record)
            case (8, .lengthDelimited): isImplicit = try presence(inOptions: record.value, features: 50) == 2
            default: break
            }
        }
        let syntax: Syntax =
            switch syntaxName {
            case "proto3": .proto3
            case "editions": .edition(implicit: isImplicit)
            default: .proto2
            }
        cursor = ProtobufCursor(bytes, range)
        while let record = try cursor.next() {
            guard record.type == .lengthDelimited else { continue }
            if record.number == 4 { try message(record.value, scope: package, syntax, depth: 0) }
            if record.number == 5 { try enumeration(record.value, scope: package) }
        }
    }

    private mutating func message(_ range: Range<Int>, scope: String, _ syntax: Syntax, depth: Int) throws(ROSError) {
        guard depth < Self.maximumDepth else {
            throw ROSError(.definition, "The protobuf schema declares types more than \(Self.maximumDepth) deep within types.")
        }
        var message = Message()
        message.source = range
        var nested: [(range: Range<Int>, isEnumeration: Bool)] = []
        var cursor = ProtobufCursor(bytes, range)
        while let record = try cursor.next() {
            guard record.type == .lengthDelimited else { continue }
            switch record.number {
            case 1: message.name = text(record)
            case 2:
                fieldCount += 1
                guard fieldCount <= Self.maximumFields else { throw Self.tooLarge }
                message.fields.append(try field(record.value, syntax))
            case 3: nested.append((record.value, false))
            case 4: nested.append((record.value, true))
            case 7: message.isMapEntry = try number(7, in: record.value) == 1
            default: break
            }
        }
        if !scope.isEmpty { message.name = scope + "." + message.name }
        if let known = messages[message.name] {
            // A file may be there twice; what it says may not differ.
            guard bytes[known.source].elementsEqual(bytes[message.source]) else {
                throw ROSError(.definition, "The protobuf schema defines \(message.name) twice, differently.")
            }
        }
        guard messages.count < Self.maximumTypes, message.name.utf8.count <= Self.maximumNameSize else { throw Self.tooLarge }
        messages[message.name] = message
        for part in nested {
            if part.isEnumeration {
                try enumeration(part.range, scope: message.name)
            } else {
                try self.message(part.range, scope: message.name, syntax, depth: depth + 1)
            }
        }
    }

    private func field(_ range: Range<Int>, _ syntax: Syntax) throws(ROSError) -> Field {
        var field = Field()
        var isProto3Optional = false
        var isRequired = false
        var featurePresence: UInt64 = 0
        var cursor = ProtobufCursor(bytes, range)
        while let record = try cursor.next() {
            switch (record.number, record.type) {
            case (1, .lengthDelimited): field.name = text(record)
            case (3, .varint): field.number = try bytes.protobufBits(record)
            case (4, .varint):
                let label = try bytes.protobufBits(record)
                (field.isRepeated, isRequired) = (label == 3, label == 2)
            case (5, .varint): field.type = try bytes.protobufBits(record)
            case (6, .lengthDelimited): field.typeName = text(record)
            case (7, .lengthDelimited): field.defaultValue = [UInt8](bytes[record.value])
            case (8, .lengthDelimited): featurePresence = try presence(inOptions: record.value, features: 21)
            case (9, .varint): field.oneof = Int(truncatingIfNeeded: try bytes.protobufBits(record))
            case (17, .varint): isProto3Optional = try bytes.protobufBits(record) != 0
            default: break
            }
        }
        let isImplicit =
            switch syntax {
            case .proto2: false
            case .proto3: !isProto3Optional
            case .edition(let implicit): featurePresence == 0 ? implicit : featurePresence == 2
            }
        field.hasPresence = !isImplicit || isRequired || field.oneof != nil
        return field
    }

    private mutating func enumeration(_ range: Range<Int>, scope: String) throws(ROSError) {
        var name = ""
        var values: [(name: String, number: Int32)] = []
        var cursor = ProtobufCursor(bytes, range)
        while let record = try cursor.next() {
            guard record.type == .lengthDelimited else { continue }
            if record.number == 1 { name = text(record) }
            if record.number == 2 {
                fieldCount += 1
                guard fieldCount <= Self.maximumFields else { throw Self.tooLarge }
                var inner = ProtobufCursor(bytes, record.value)
                var value = (name: "", number: Int32(0))
                while let record = try inner.next() {
                    if record.number == 1, record.type == .lengthDelimited { value.name = text(record) }
                    if record.number == 2, record.type == .varint {
                        value.number = Int32(truncatingIfNeeded: try bytes.protobufBits(record))
                    }
                }
                values.append(value)
            }
        }
        enumerations[scope.isEmpty ? name : scope + "." + name] = values
    }

    /// `features.field_presence` of some options: 1 explicit, 2 implicit, 3 required, 0 where nothing is said.
    private func presence(inOptions range: Range<Int>, features: UInt32) throws(ROSError) -> UInt64 {
        var result: UInt64 = 0
        var cursor = ProtobufCursor(bytes, range)
        while let record = try cursor.next() {
            guard record.number == features, record.type == .lengthDelimited else { continue }
            result = try number(1, in: record.value)
        }
        return result
    }

    /// The last varint of a number in a message; 0 where there is none.
    private func number(_ number: UInt32, in range: Range<Int>) throws(ROSError) -> UInt64 {
        var result: UInt64 = 0
        var cursor = ProtobufCursor(bytes, range)
        while let record = try cursor.next() {
            if record.number == number, record.type == .varint { result = try bytes.protobufBits(record) }
        }
        return result
    }

    private func text(_ record: ProtobufCursor.Record) -> String {
        String(decoding: bytes[record.value], as: UTF8.self)
    }

    static var tooLarge: ROSError { ROSError(.definition, "The protobuf schema has more types or fields than any real one.") }
}
