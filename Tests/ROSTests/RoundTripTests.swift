import ROS
import TestSupport
import Testing

/// Makes definitions and messages at random, and serialises the messages in a way of its own.
private struct MessageMaker {
    var random: SeededGenerator
    let dialect: MessageDefinition.Dialect
    private(set) var text = ""

    init(seed: UInt64, dialect: MessageDefinition.Dialect) {
        random = SeededGenerator(seed: seed)
        self.dialect = dialect
    }

    /// A few types, each of which uses only those after it.
    mutating func definitionText() -> String {
        let count = Int.random(in: 1...5, using: &random)
        var sections: [String] = []
        for level in 0..<count {
            var section = level == 0 ? "" : "MSG: p/T\(level)\n"
            for field in 0..<Int.random(in: 0...6, using: &random) {
                var kinds = [
                    "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "string",
                    "byte", "char",
                ]
                kinds += dialect == .ros1 ? ["time", "duration"] : ["builtin_interfaces/Time", "builtin_interfaces/Duration"]
                kinds += (level + 1..<count).flatMap { ["T\($0)", "p/T\($0)", "T\($0)"] }
                let kind = kinds.randomElement(using: &random) ?? "int8"
                let shape = ["", "", "[]", "[0]", "[1]", "[3]"].randomElement(using: &random) ?? ""
                section += "\(kind)\(shape) f\(field)\n"
            }
            sections.append(section)
        }
        return sections.joined(separator: "=====\n")
    }

    mutating func value(_ definition: MessageDefinition, _ index: Int = 0) -> FieldValue {
        let type = definition.types[index]
        switch type.time {
        case .instant?: return .time(Int64.random(in: 0...2_147_483_647_000_000_000, using: &random))
        case .duration?:
            // ROS 1 has signed nanoseconds too; writers keep them positive.
            return .duration(Int64.random(in: -2_147_483_647_000_000_000...2_147_483_646_999_999_999, using: &random))
        case nil: return .message(type.fields.map { field in .init(field.name, fieldValue(field, definition)) })
        }
    }

    private mutating func fieldValue(_ field: MessageDefinition.Field, _ definition: MessageDefinition) -> FieldValue {
        let count: Int
        switch field.shape {
        case .single: return element(field.element, definition)
        case .fixed(let fixed): count = fixed
        case .sequence: count = Int.random(in: 0...4, using: &random)
        }
        if field.element == .primitive(.uint8) { return .bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }) }
        return .list((0..<count).map { _ in element(field.element, definition) })
    }

    private mutating func element(_ element: MessageDefinition.Element, _ definition: MessageDefinition) -> FieldValue {
        switch element {
        case .primitive(.bool): .bool(Bool.random(using: &random))
        case .primitive(.int8): .integer(Int64(Int8.random(in: .min ... .max, using: &random)))
        case .primitive(.uint8): .unsigned(UInt64(UInt8.random(in: .min ... .max, using: &random)))
        case .primitive(.int16): .integer(Int64(Int16.random(in: .min ... .max, using: &random)))
        case .primitive(.uint16): .unsigned(UInt64(UInt16.random(in: .min ... .max, using: &random)))
        case .primitive(.int32): .integer(Int64(Int32.random(in: .min ... .max, using: &random)))
        case .primitive(.uint32): .unsigned(UInt64(UInt32.random(in: .min ... .max, using: &random)))
        case .primitive(.int64): .integer(Int64.random(in: .min ... .max, using: &random))
        case .primitive(.uint64): .unsigned(UInt64.random(in: .min ... .max, using: &random))
        case .primitive(.float32): .float32(Float.random(in: -1e6...1e6, using: &random))
        case .primitive(.float64): .float64(Double.random(in: -1e9...1e9, using: &random))
        case .string: .string(["", "a", "joint_1", "漢字", "four"].randomElement(using: &random) ?? "")
        case .wideString: .string("")
        case .message(let index): value(definition, index)
        }
    }
}

/// Serialises values by the rules of the wire formats, written without a look at the decoder.
private struct Serialiser {
    let definition: MessageDefinition
    let alignment: Int
    let isBigEndian: Bool
    let isDelimiting: Bool
    private var out: [UInt8] = []

    /// `encapsulation` nil is ROS 1.
    init(_ definition: MessageDefinition, encapsulation: UInt8?) {
        self.definition = definition
        alignment = encapsulation.map { $0 < 2 ? 8 : 4 } ?? 1
        isBigEndian = encapsulation.map { $0 & 1 == 0 } ?? false
        isDelimiting = encapsulation.map { $0 >= 6 } ?? false
    }

    static func payload(_ value: FieldValue, _ definition: MessageDefinition, encapsulation: UInt8?) -> [UInt8] {
        var serialiser = Serialiser(definition, encapsulation: encapsulation)
        serialiser.write(value, .message(0))
        guard let encapsulation else { return serialiser.out }
        while serialiser.out.count % 4 != 0 { serialiser.out.append(0) }
        return [0, encapsulation, 0, 0] + serialiser.out
    }

    private mutating func integer<T: FixedWidthInteger>(_ value: T) {
        while out.count % min(MemoryLayout<T>.size, alignment) != 0 { out.append(0) }
        withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) { out.append(contentsOf: $0) }
    }

    private mutating func write(_ value: FieldValue, _ element: MessageDefinition.Element) {
        switch (value, element) {
        case (.bool(let value), _): integer(UInt8(value ? 1 : 0))
        case (.integer(let value), .primitive(.int8)): integer(Int8(value))
        case (.integer(let value), .primitive(.int16)): integer(Int16(value))
        case (.integer(let value), .primitive(.int32)): integer(Int32(value))
        case (.integer(let value), _): integer(value)
        case (.unsigned(let value), .primitive(.uint8)): integer(UInt8(value))
        case (.unsigned(let value), .primitive(.uint16)): integer(UInt16(value))
        case (.unsigned(let value), .primitive(.uint32)): integer(UInt32(value))
        case (.unsigned(let value), _): integer(value)
        case (.float32(let value), _): integer(value.bitPattern)
        case (.float64(let value), _): integer(value.bitPattern)
        case (.string(let value), _):
            let text = Array(value.utf8) + (alignment == 1 ? [] : [0])
            integer(UInt32(text.count))
            out += text
        case (.time(let value), _), (.duration(let value), _):
            var (seconds, rest) = value.quotientAndRemainder(dividingBy: 1_000_000_000)
            if rest < 0 { (seconds, rest) = (seconds - 1, rest + 1_000_000_000) }
            integer(Int32(seconds))
            integer(UInt32(rest))
        case (.message(let members), .message(let index)):
            for (member, field) in zip(members, definition.types[index].fields) { write(member.value, field) }
            if members.isEmpty, alignment > 1 { integer(UInt8(0)) }
        default: break
        }
    }

    private mutating func write(_ value: FieldValue, _ field: MessageDefinition.Field) {
        let isPrimitive = if case .primitive = field.element { true } else { false }
        var lengthAt: Int?
        if field.shape != .single, isDelimiting, !isPrimitive {
            integer(UInt32(0))
            lengthAt = out.count
        }
        switch value {
        case .bytes(let values):
            if field.shape == .sequence { integer(UInt32(values.count)) }
            out += values
        case .list(let values):
            if field.shape == .sequence { integer(UInt32(values.count)) }
            for value in values { write(value, field.element) }
        default: write(value, field.element)
        }
        if let lengthAt {
            let length = UInt32(out.count - lengthAt)
            withUnsafeBytes(of: isBigEndian ? length.bigEndian : length.littleEndian) {
                out.replaceSubrange(lengthAt - 4..<lengthAt, with: $0)
            }
        }
    }
}

/// All paths to numbers, strings and time stamps, with the values that a tree has there.
private struct Leaves {
    var numbers: [String: [Double]] = [:]
    var strings: [String: [String]] = [:]
    /// Of times that lie behind no array.
    var times: [String: Int64] = [:]

    mutating func collect(_ value: FieldValue, _ path: String, definition: MessageDefinition, _ index: Int) {
        guard case .message(let members) = value else { return }
        for (member, field) in zip(members, definition.types[index].fields) {
            let inner = path.isEmpty ? field.name : "\(path).\(field.name)"
            switch field.element {
            case .primitive: numbers[inner, default: []] += Self.numbers(member.value)
            case .string, .wideString: strings[inner, default: []] += Self.strings(member.value)
            case .message(let child):
                if case .time(let time) = member.value { times[inner] = time }
                if case .duration(let time) = member.value { times[inner] = time }
                let values = if case .list(let list) = member.value { list } else { [member.value] }
                for value in values { collect(value, inner, definition: definition, child) }
            }
        }
    }

    private static func numbers(_ value: FieldValue) -> [Double] {
        switch value {
        case .bool(let value): [value ? 1 : 0]
        case .integer(let value): [Double(value)]
        case .unsigned(let value): [Double(value)]
        case .float32(let value): [Double(value)]
        case .float64(let value): [value]
        case .bytes(let values): values.map { Double($0) }
        case .list(let values): values.flatMap { numbers($0) }
        case .string, .time, .duration, .message: []
        }
    }

    private static func strings(_ value: FieldValue) -> [String] {
        switch value {
        case .string(let value): [value]
        case .list(let values): values.flatMap { strings($0) }
        default: []
        }
    }
}

@Suite struct `Random messages` {
    @Test(arguments: [nil, 0, 1, 6, 7] as [UInt8?])
    func `what was encoded is decoded, whole and field by field`(encapsulation: UInt8?) throws {
        for seed in 0..<200 as Range<UInt64> {
            var maker = MessageMaker(seed: seed, dialect: encapsulation == nil ? .ros1 : .ros2)
            let text = maker.definitionText()
            let type = try definition(text, "p/T0", maker.dialect)
            let value = maker.value(type)
            let payload = Serialiser.payload(value, type, encapsulation: encapsulation)
            #expect(try decode(type, payload) == value, "seed \(seed)")
            var leaves = Leaves()
            leaves.collect(value, "", definition: type, 0)
            for (path, expected) in leaves.numbers { #expect(try numbers(type, path, payload) == expected, "seed \(seed), \(path)") }
            for (path, expected) in leaves.strings { #expect(try strings(type, path, payload) == expected, "seed \(seed), \(path)") }
        }
    }

    @Test(arguments: [nil, 0, 1, 6, 7] as [UInt8?])
    func `a time that lies in one place is read there as by its path, from any beginning of a message that holds it`(
        encapsulation: UInt8?
    ) throws {
        var found = 0
        for seed in 0..<200 as Range<UInt64> {
            var maker = MessageMaker(seed: seed, dialect: encapsulation == nil ? .ros1 : .ros2)
            let type = try definition(maker.definitionText(), "p/T0", maker.dialect)
            let value = maker.value(type)
            let payload = Serialiser.payload(value, type, encapsulation: encapsulation)
            var leaves = Leaves()
            leaves.collect(value, "", definition: type, 0)
            for path in leaves.times.keys.sorted() {
                let reader = try FieldReader(type, path: path)
                guard let place = reader.timePlace else { continue }
                payload.withUnsafeBytes { bytes in
                    if place.read(bytes) != nil { found += 1 }
                    for count in 0...min(bytes.count, 120) {
                        let front = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                        guard let time = place.read(front) else { continue }
                        #expect(time == (try? reader.readTime(front)), "seed \(seed), \(path), \(count) bytes")
                    }
                }
            }
        }
        // Other forms are read by the path.
        #expect(encapsulation == nil || encapsulation == 1 ? found > 5 : found == 0, "\(found)")
    }

    @Test(arguments: [nil, 0, 1, 6, 7] as [UInt8?])
    func `damaged messages and definitions never trap`(encapsulation: UInt8?) throws {
        for seed in 0..<150 as Range<UInt64> {
            var maker = MessageMaker(seed: seed &+ 1000, dialect: encapsulation == nil ? .ros1 : .ros2)
            let text = maker.definitionText()
            let type = try definition(text, "p/T0", maker.dialect)
            let value = maker.value(type)
            let payload = Serialiser.payload(value, type, encapsulation: encapsulation)
            var leaves = Leaves()
            leaves.collect(value, "", definition: type, 0)
            let paths = leaves.numbers.keys.sorted() + leaves.strings.keys.sorted()
            for _ in 0..<10 {
                let damaged = maker.damage(payload)
                _ = try? decode(type, damaged)
                for path in paths {
                    _ = try? numbers(type, path, damaged)
                    _ = try? strings(type, path, damaged)
                    _ = try? range(type, path, damaged)
                }
                let damagedText = String(decoding: maker.damage(Array(text.utf8)), as: UTF8.self)
                guard let other = try? definition(damagedText, "p/T0", maker.dialect) else { continue }
                _ = try? decode(other, damaged)
            }
        }
    }
}

extension MessageMaker {
    /// A copy with bytes changed, cut off, or counts blown up.
    mutating func damage(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            let index = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.removeLast(bytes.count - index)
            default: for place in index..<min(index + 4, bytes.count) { bytes[place] = 0xFF }
            }
        }
        return bytes
    }
}
